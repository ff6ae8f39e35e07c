"""Opening, changing and closing accounts."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from bianzhi.accounts.models import User
from bianzhi.accounts.passwords import one_time_password
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services import changes, users
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from tests.accounts.people import CONSOLE, PASSWORD, account, change_password

pytestmark = pytest.mark.django_db


def create(**fields) -> User:
    given = {"username": "li.ming", "display_name": "李明", "password": PASSWORD, **fields}
    return users.create_user(actor=CONSOLE, **given)


def test_a_new_account_has_no_role_and_must_change_its_password():
    user = create()
    assert user.must_change_password
    assert user.permissions == frozenset()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("a7-kite", "至少 10 个字符，现为 7 个"),
        ("1234567890123", "只包含数字"),
        ("password123", "太常见"),
        ("LI.MING-2026-x", "不能含有账号"),
        ("我是李明2026abc", "不能含有姓名"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password, words):
    with pytest.raises(Refused) as refused:
        create(password=password)
    assert words in str(refused.value)
    assert not User.objects.exists()


def test_passwords_the_platform_makes_obey_its_own_rules_and_differ():
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    for number, password in enumerate(sorted(made)[:5]):
        create(username=f"user{number}", password=password)


@pytest.mark.parametrize("username", ["ab", "有名字", "-start", "a" * 61, "with space", ""])
def test_a_malformed_account_name_is_refused(username):
    with pytest.raises(Refused) as refused:
        create(username=username)
    assert refused.value.codes == ["S17"]


def test_an_account_name_is_taken_whatever_the_case():
    create()
    with pytest.raises(Refused, match="已有人使用"):
        create(username="Li.Ming")


def test_a_password_never_reaches_the_record():
    user = create()
    users.reset_password(actor=CONSOLE, user_id=user.pk, password="other-secret-55")
    change_password(user, "other-secret-55", "third-secret-66")
    for facts in AuditEntry.objects.values_list("facts", flat=True):
        assert "secret" not in facts
        assert PASSWORD not in facts


def test_the_own_password_is_changed_into_another_one():
    user = create()
    with pytest.raises(Refused, match="相同"):
        change_password(user, PASSWORD, PASSWORD)
    changed = change_password(user, PASSWORD, "brand-new-secret-8")
    assert changed.check_password("brand-new-secret-8")
    assert not changed.must_change_password


def test_a_password_that_was_reset_meanwhile_is_not_changed_by_who_knew_the_former_one():
    user = create()
    hashed = users.hashed_password(user, old=PASSWORD, new="brand-new-secret-8")
    users.reset_password(actor=CONSOLE, user_id=user.pk, password="other-secret-55")
    with pytest.raises(Refused, match="已修改或重置"):
        users.change_own_password(user=user, hashed=hashed)
    assert User.objects.get(pk=user.pk).check_password("other-secret-55")


def test_an_administrator_does_not_reset_the_own_password_nor_close_the_own_account():
    admin = account("admin", "security_admin")
    account("second", "security_admin")
    for act in (
        lambda: users.reset_password(actor=admin, user_id=admin.pk, password="some-secret-99"),
        lambda: users.deactivate(actor=admin, user_id=admin.pk),
    ):
        with pytest.raises(Refused):
            act()


def test_the_last_security_administrator_cannot_be_closed():
    admin = account("admin", "security_admin")
    with pytest.raises(Refused, match="最后一个"):
        users.deactivate(actor=CONSOLE, user_id=admin.pk)
    second = account("second", "security_admin")
    changes.close(actor=second, user_id=admin.pk, reason="离岗，先行停用")
    assert not User.objects.get(pk=admin.pk).is_active
    users.reactivate(actor=CONSOLE, user_id=admin.pk)
    assert User.objects.get(pk=admin.pk).can("accounts.manage")


def test_who_does_not_manage_accounts_opens_none():
    clerk = account("clerk", "office_clerk")
    with pytest.raises(Denied):
        users.create_user(actor=clerk, username="other", display_name="他", password=PASSWORD)


def test_every_act_on_an_account_seals_its_row():
    user = create()
    users.change_user(actor=CONSOLE, user_id=user.pk, display_name="李鸣", office="综合科")
    users.deactivate(actor=CONSOLE, user_id=user.pk)
    assert [e.action for e in AuditEntry.objects.order_by("seq")] == [
        "accounts.user_created",
        "accounts.user_changed",
        "accounts.user_deactivated",
    ]
    assert list(chain.verify_rows()) == []


def test_an_account_cannot_be_deleted():
    create()
    with pytest.raises(DatabaseError, match="不能删除"), transaction.atomic():
        User.objects.all().delete()
