"""User administration in the browser: for the security administrator and nobody else."""

from __future__ import annotations

import re

import pytest

from bianzhi.accounts import organization_names
from bianzhi.accounts.models import AccountChange, User
from bianzhi.accounts.roles import ROLES
from bianzhi.accounts.services import changes
from bianzhi.accounts.services.grants import grant_role
from bianzhi.organizations.scopes import visible_organization_ids
from tests.accounts.people import CONSOLE, PASSWORD, account, signed_in
from tests.cast import TODAY, assemble

pytestmark = pytest.mark.django_db
PAGES = ["/accounts/users/", "/accounts/users/new/", "/accounts/users/{}/", "/accounts/users/{}/edit/"]
ACTS = ["/accounts/users/{}/grant/", "/accounts/users/{}/reset/", "/accounts/users/{}/switch/"]


@pytest.fixture
def admin():
    return account("admin", "security_admin")


@pytest.mark.parametrize("path", [*PAGES, *ACTS])
def test_nobody_but_the_security_administrator_gets_in(path, client):
    subject = account("subject")
    for role in ("system_admin", "audit_admin", "office_director"):
        visitor = signed_in(account(role.replace("_", "-"), role))
        response = visitor.post(path.format(subject.pk)) if path in ACTS else visitor.get(path.format(subject.pk))
        assert response.status_code == 403, role
    anonymous = client.post(path.format(subject.pk)) if path in ACTS else client.get(path.format(subject.pk))
    assert anonymous["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_open_for_the_security_administrator(admin, path):
    assert signed_in(admin).get(path.format(admin.pk)).status_code == 200


def test_a_new_account_is_shown_with_a_password_that_works_once(admin, client):
    data = {"username": "new.clerk", "display_name": "新人", "office": "综合科"}
    response = signed_in(admin).post("/accounts/users/new/", data)
    (password,) = re.findall(r"<code>([a-z0-9-]+)</code>", response.content.decode())
    assert client.post("/accounts/login/", {"username": "new.clerk", "password": password}).status_code == 302
    assert client.get("/accounts/profile/")["Location"] == "/accounts/password/"


def test_what_is_wrong_with_a_new_account_is_said_and_the_input_kept(admin):
    response = signed_in(admin).post("/accounts/users/new/", {"username": "ADMIN", "display_name": "重名"})
    assert response.status_code == 422
    assert "已有人使用" in response.content.decode()
    assert "重名" in response.content.decode()


def test_a_role_is_proposed_and_proposed_to_be_taken_on_the_page(admin):
    subject, browser = account("subject"), signed_in(admin)
    data = {"role": "office_clerk", "reason": "主任办公会确定"}
    assert browser.post(f"/accounts/users/{subject.pk}/grant/", data).status_code == 302
    assert AccountChange.objects.get(kind="grant").account == subject
    grant = account("other", "office_clerk").role_grants.get()
    assert browser.post(f"/accounts/grants/{grant.pk}/revoke/", {"reason": "调离"}).status_code == 302
    assert not AccountChange.objects.filter(kind="revoke").exists(), "two characters are no reason"
    browser.post(f"/accounts/grants/{grant.pk}/revoke/", {"reason": "已调离本单位"})
    assert AccountChange.objects.get(kind="revoke").grant == grant


def test_a_refused_role_says_why_on_the_page(admin):
    subject = account("subject", "office_clerk")
    response = signed_in(admin).post(
        f"/accounts/users/{subject.pk}/grant/", {"role": "audit_admin", "reason": "主任办公会确定"}
    )
    assert response.status_code == 422
    assert "三员分立" in response.content.decode()


def test_on_the_own_page_there_is_nothing_to_give_to_oneself(admin):
    page = signed_in(admin).get(f"/accounts/users/{admin.pk}/").content.decode()
    assert "须由另一名安全管理员办理" in page
    assert 'name="role"' not in page


def test_a_refused_act_comes_back_with_the_reason(admin):
    response = signed_in(admin).post(f"/accounts/users/{admin.pk}/switch/", follow=True)
    assert "不能停用自己的账号" in response.content.decode()
    assert User.objects.get(pk=admin.pk).is_active


def test_closing_is_in_force_at_once_and_opening_again_is_proposed_on_the_page(admin):
    subject, browser = account("subject"), signed_in(admin)
    browser.post(f"/accounts/users/{subject.pk}/switch/", {"reason": "离岗停用"})
    assert not User.objects.get(pk=subject.pk).is_active
    browser.post(f"/accounts/users/{subject.pk}/switch/", {"reason": "返岗启用"})
    assert not User.objects.get(pk=subject.pk).is_active
    assert AccountChange.objects.get(kind="reopen").is_pending


def test_an_account_that_is_not_there_is_not_found(admin):
    browser = signed_in(admin)
    for path in (*PAGES[2:], *ACTS):
        response = browser.post(path.format(999)) if path in ACTS else browser.get(path.format(999))
        assert response.status_code == 404


def test_the_list_is_narrowed_by_role_and_state(admin):
    account("clerk", "office_clerk")
    account("idle")
    browser = signed_in(admin)
    by_role = browser.get("/accounts/users/?role=office_clerk").content.decode()
    assert "人员clerk" in by_role
    assert "人员idle" not in by_role
    assert "人员clerk" not in browser.get("/accounts/users/?state=closed").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_accounts(admin, django_assert_max_num_queries):
    browser = signed_in(admin)
    for number in range(3):
        account(f"few{number}", "office_clerk")
    browser.get("/accounts/users/")
    for number in range(12):
        account(f"many{number}", "office_clerk")
    with django_assert_max_num_queries(12):
        browser.get("/accounts/users/")


def test_a_user_reads_the_own_roles_permissions_and_logins(client):
    account("clerk", "office_clerk")
    client.post("/accounts/login/", {"username": "clerk", "password": PASSWORD}, REMOTE_ADDR="10.1.2.3")
    page = client.get("/accounts/profile/").content.decode()
    for words in ("编办经办", "登记编制台账", "全区", "10.1.2.3"):
        assert words in page


def test_the_menu_shows_only_what_may_be_opened(admin):
    page = signed_in(admin).get("/accounts/profile/").content.decode()
    assert "用户管理" in page
    assert "运行参数" not in page
    assert "审计记录" not in page


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_can_log_in_and_read_its_own_account(role):
    user = account("somebody")
    grant_role(actor=CONSOLE, user_id=user.pk, role=role, organization_id=None if ROLES[role].whole_district else 1)
    assert ROLES[role].label in signed_in(user).get("/accounts/profile/").content.decode()


@pytest.fixture(autouse=True)
def units(monkeypatch):
    monkeypatch.setattr(organization_names, "_registered", [lambda ids: dict.fromkeys(ids, "区教育局")])


def test_a_unit_is_chosen_by_its_name_and_bounds_what_the_clerk_sees(admin):
    cast, clerk = assemble(), account("clerk")
    data = {"role": "unit_clerk", "organization": "测试区第一小学", "reason": "主任办公会确定"}
    assert signed_in(admin).post(f"/accounts/users/{clerk.pk}/grant/", data).status_code == 302
    change = AccountChange.objects.get()
    assert visible_organization_ids(User.objects.get(pk=clerk.pk), TODAY) == set()
    changes.confirm(actor=account("director", "office_director"), change_id=change.pk)
    assert visible_organization_ids(User.objects.get(pk=clerk.pk), TODAY) == {cast.school.pk}


def test_a_unit_nobody_knows_is_refused_on_the_page(admin):
    response = signed_in(admin).post(
        f"/accounts/users/{account('clerk').pk}/grant/",
        {"role": "unit_clerk", "organization": "没有这个单位", "reason": "主任办公会确定"},
    )
    assert response.status_code == 422
    assert "没有找到" in response.content.decode()
