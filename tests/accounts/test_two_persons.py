"""Roles, scopes and important accounts change by two persons; urgent closing is confirmed afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from bianzhi.accounts import organization_names
from bianzhi.accounts.account_changes import ChangeKind, ChangeState
from bianzhi.accounts.jobs import end_expired
from bianzhi.accounts.models import AccountChange, Authenticator, RoleGrant, SignIn, User
from bianzhi.accounts.parameters import CHANGE_DAYS
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.accounts.services import changes, grants, linked_identities, second_factors, users
from bianzhi.accounts.services.passkeys import live
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Message
from tests.accounts.people import CONSOLE, PASSWORD, account, signed_in
from tests.accounts.test_passkeys import registered

pytestmark = pytest.mark.django_db
REASON = "主任办公会确定"


@pytest.fixture(autouse=True)
def units(monkeypatch):
    names = {1: "区教育局", 2: "区第一中学"}
    monkeypatch.setattr(organization_names, "_registered", [lambda ids: {pk: names[pk] for pk in ids if pk in names}])


@pytest.fixture
def security() -> User:
    return account("security", "security_admin")


@pytest.fixture
def director() -> User:
    return account("director", "office_director")


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def proposed(security: User, username: str = "subject", role: str = "office_clerk", **reach) -> AccountChange:
    user = User.objects.filter(username=username).first() or account(username)
    return changes.propose_grant(actor=security, user_id=user.pk, role=role, reason=REASON, **reach)


def codes_of(act) -> list[str]:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act()
    return refused.value.codes


# --- proposing and confirming ------------------------------------------------------------------------------------


def test_a_role_is_in_force_only_once_a_second_person_has_confirmed_it(security, director):
    change = proposed(security)
    assert not fresh(change.account).can("ledger.post")
    changes.confirm(actor=director, change_id=change.pk, note="与纪要一致")
    assert fresh(change.account).can("ledger.post")
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.note) == ("confirmed", director, "与纪要一致")


def test_one_person_alone_gives_takes_opens_and_closes_nothing(security):
    clerk, closed = account("clerk", "office_clerk"), account("closed")
    users.deactivate(actor=CONSOLE, user_id=closed.pk)
    grant = clerk.role_grants.get()
    for act in (
        lambda: grants.grant_role(actor=security, user_id=closed.pk, role="office_clerk"),
        lambda: grants.revoke_role(actor=security, grant_id=grant.pk),
        lambda: users.reactivate(actor=security, user_id=closed.pk),
        lambda: users.deactivate(actor=security, user_id=clerk.pk),
    ):
        assert codes_of(act) == ["S40"]


@pytest.mark.parametrize("confirmer", ["security_admin", "office_director", "office_deputy"])
def test_another_security_administrator_or_the_heads_of_the_office_confirm(security, confirmer):
    change = proposed(security)
    changes.confirm(actor=account("second", confirmer), change_id=change.pk)
    assert fresh(change.account).can("ledger.post")


@pytest.mark.parametrize("role", ["system_admin", "audit_admin", "office_clerk", "archivist"])
def test_nobody_else_confirms(security, role):
    change = proposed(security)
    with pytest.raises(Denied):
        changes.confirm(actor=account("other", role), change_id=change.pk)
    assert not fresh(change.account).can("ledger.post")


def test_who_proposed_does_not_confirm_nor_reject(security):
    change = proposed(security)
    assert codes_of(lambda: changes.confirm(actor=security, change_id=change.pk)) == ["S44"]
    assert codes_of(lambda: changes.reject(actor=security, change_id=change.pk, reason=REASON)) == ["S44"]


def test_nobody_confirms_what_is_about_the_own_account(security, director):
    change = changes.propose_revocation(actor=security, grant_id=director.role_grants.get().pk, reason=REASON)
    assert codes_of(lambda: changes.confirm(actor=director, change_id=change.pk)) == ["S45"]


def test_nobody_proposes_anything_about_the_own_account(security):
    own = security.role_grants.get()
    assert "S04" in codes_of(lambda: proposed(security, "security"))
    assert codes_of(lambda: changes.propose_revocation(actor=security, grant_id=own.pk, reason=REASON)) == ["S04"]
    for act in (
        lambda: changes.propose_reopening(actor=security, user_id=security.pk, reason=REASON),
        lambda: changes.propose_reset(actor=security, user_id=security.pk, what=ChangeKind.PASSWORD, reason=REASON),
    ):
        assert codes_of(act) == ["S42"]


def test_who_does_not_manage_accounts_proposes_nothing(director):
    with pytest.raises(Denied):
        proposed(director)


def test_a_role_taken_back_stays_in_force_until_confirmed(security, director):
    clerk = account("clerk", "office_clerk")
    change = changes.propose_revocation(actor=security, grant_id=clerk.role_grants.get().pk, reason=REASON)
    assert fresh(clerk).can("ledger.post")
    changes.confirm(actor=director, change_id=change.pk)
    assert not fresh(clerk).can("ledger.post")


def test_a_scope_changes_when_it_is_confirmed(security, director):
    clerk = account("clerk", "unit_clerk", organization_id=1)
    change = changes.propose_rescope(
        actor=security, grant_id=clerk.role_grants.get().pk, organization_id=2, includes_subtree=True, reason=REASON
    )
    assert fresh(clerk).scope_roots() == [(1, False)]
    changes.confirm(actor=director, change_id=change.pk)
    assert fresh(clerk).scope_roots() == [(2, True)]


def test_a_scope_that_stays_as_it_is_is_no_change(security):
    clerk = account("clerk", "unit_clerk", organization_id=1)
    grant = clerk.role_grants.get()
    assert codes_of(
        lambda: changes.propose_rescope(
            actor=security, grant_id=grant.pk, organization_id=1, includes_subtree=False, reason=REASON
        )
    ) == ["S08"]


def test_a_closed_account_opens_again_when_it_is_confirmed(security, director):
    clerk = account("clerk", "office_clerk")
    users.deactivate(actor=CONSOLE, user_id=clerk.pk)
    change = changes.propose_reopening(actor=security, user_id=clerk.pk, reason=REASON)
    assert not fresh(clerk).is_active
    changes.confirm(actor=director, change_id=change.pk)
    assert fresh(clerk).can("ledger.post")


def test_an_open_account_is_not_opened(security):
    clerk = account("clerk", "office_clerk")
    assert codes_of(lambda: changes.propose_reopening(actor=security, user_id=clerk.pk, reason=REASON)) == ["S19"]


def test_who_confirms_a_reset_hands_over_a_password_that_who_proposed_never_saw(security, director):
    deputy = account("deputy", "office_deputy")
    assert codes_of(lambda: users.reset_password(actor=security, user_id=deputy.pk, password="some-secret-99")) == [
        "S40"
    ]
    change = changes.propose_reset(actor=security, user_id=deputy.pk, what=ChangeKind.PASSWORD, reason=REASON)
    assert fresh(deputy).check_password(PASSWORD)
    effect = changes.confirm(actor=director, change_id=change.pk)
    assert fresh(deputy).check_password(effect.password)
    assert fresh(deputy).must_change_password
    assert not any(effect.password in facts for facts in AuditEntry.objects.values_list("facts", flat=True))


def test_a_closed_approver_is_not_reset_by_one_person(security):
    deputy = account("deputy", "office_deputy")
    users.deactivate(actor=CONSOLE, user_id=deputy.pk)
    assert codes_of(lambda: users.reset_password(actor=security, user_id=deputy.pk, password="some-secret-99")) == [
        "S40"
    ]


def test_the_second_factor_of_an_approver_is_dropped_by_two(security, director):
    deputy = account("deputy", "office_deputy")
    enrol(deputy)
    assert codes_of(lambda: second_factors.reset(actor=security, user_id=deputy.pk, reason=REASON)) == ["S40"]
    change = changes.propose_reset(actor=security, user_id=deputy.pk, what=ChangeKind.FACTOR, reason=REASON)
    changes.confirm(actor=director, change_id=change.pk)
    assert second_factors.active(deputy) is None


def enrol(user: User) -> None:
    import pyotp

    row = second_factors.begin(user=user)
    second_factors.confirm(user=user, code=pyotp.TOTP(row.secret).now())


def test_with_the_first_role_that_decides_nothing_the_proposer_could_know_opens_the_account(security, director):
    opened = changes.open_account(
        actor=security, username="zhang", display_name="张主任", office="", password=PASSWORD, role="office_director",
        reason=REASON,
    )  # fmt: skip
    assert opened.change is not None
    zhang = opened.user
    browser = Client()
    browser.post("/accounts/login/", {"username": "zhang", "password": PASSWORD})
    new = "of-the-proposer-7"
    browser.post("/accounts/password/", {"old": PASSWORD, "new": new, "repeated": new})
    enrol(fresh(zhang))
    second_factors_of = Authenticator.objects.filter(user=zhang, revoked_at=None)
    registered(fresh(zhang))
    linked_identities.link_own(user=fresh(zhang), issuer="https://id.example", subject="3101")
    assert second_factors_of.exists()

    password = changes.confirm(actor=director, change_id=opened.change.pk).password
    zhang = fresh(zhang)
    assert zhang.can("accounts.confirm")
    assert zhang.check_password(password)
    assert zhang.must_change_password
    assert not second_factors_of.exists()
    assert not live(zhang)
    assert linked_identities.linked(zhang) is None
    assert not SignIn.objects.filter(user=zhang, ended_at=None).exists()
    assert browser.get("/accounts/profile/").status_code == 302


def test_a_role_that_decides_nothing_or_a_second_one_that_does_leaves_the_password(security, director):
    for username, held, role in (("clerk", "", "commission_secretary"), ("deputy", "office_deputy", "office_director")):
        account(username, *filter(None, [held]))
        assert changes.confirm(actor=director, change_id=proposed(security, username, role).pk).password == ""
        assert User.objects.get(username=username).check_password(PASSWORD)


def test_while_a_role_taken_back_at_once_may_come_back_one_person_resets_nothing(security, director):
    deputy = account("deputy", "office_deputy")
    grant = deputy.role_grants.get()
    change = changes.propose_revocation(actor=security, grant_id=grant.pk, reason="疑似泄密", at_once=True)
    for act in (
        lambda: users.reset_password(actor=security, user_id=deputy.pk, password="some-secret-99"),
        lambda: second_factors.reset(actor=security, user_id=deputy.pk, reason=REASON),
    ):
        assert codes_of(act) == ["S40"]
    linking = {"actor": security, "user_id": deputy.pk, "issuer": "https://id.example", "subject": "3101"}
    assert codes_of(lambda: linked_identities.link(**linking)) == ["S61"]
    changes.reject(actor=director, change_id=change.pk, reason="已查明无关")
    assert fresh(deputy).check_password(PASSWORD)


def test_a_closed_approver_is_not_linked_to_an_identity_by_one_person(security):
    deputy = account("deputy", "office_deputy")
    users.deactivate(actor=CONSOLE, user_id=deputy.pk)
    linking = {"actor": security, "user_id": deputy.pk, "issuer": "https://id.example", "subject": "3101"}
    assert codes_of(lambda: linked_identities.link(**linking)) == ["S61"]


def test_who_neither_administers_nor_approves_is_reset_by_one(security):
    unit = account("unit", "unit_clerk", organization_id=1)
    users.reset_password(actor=security, user_id=unit.pk, password="some-secret-99")
    assert codes_of(
        lambda: changes.propose_reset(actor=security, user_id=unit.pk, what=ChangeKind.PASSWORD, reason=REASON)
    ) == ["S43"]


# --- rejecting, withdrawing, expiring ----------------------------------------------------------------------------


def test_a_rejection_says_why_and_changes_nothing(security, director):
    change = proposed(security)
    assert codes_of(lambda: changes.reject(actor=director, change_id=change.pk, reason="不")) == ["S48"]
    assert changes.reject(actor=director, change_id=change.pk, reason="没有任职文件").note == "没有任职文件"
    assert not fresh(change.account).can("ledger.post")


def test_the_own_proposal_is_withdrawn_and_nobody_elses(security):
    change = proposed(security)
    other = account("other", "security_admin")
    assert codes_of(lambda: changes.withdraw(actor=other, change_id=change.pk)) == ["S49"]
    assert changes.withdraw(actor=security, change_id=change.pk).state == ChangeState.WITHDRAWN


def test_what_is_decided_is_not_decided_again(security, director):
    change = proposed(security)
    changes.reject(actor=director, change_id=change.pk, reason="没有任职文件")
    for act in (
        lambda: changes.confirm(actor=director, change_id=change.pk),
        lambda: changes.reject(actor=director, change_id=change.pk, reason=REASON),
        lambda: changes.withdraw(actor=security, change_id=change.pk),
    ):
        assert codes_of(act) == ["S46"]


def test_what_nobody_confirmed_in_time_expires(security, director, monkeypatch):
    change = proposed(security)
    later = timezone.now() + timedelta(days=CHANGE_DAYS.number, minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert codes_of(lambda: changes.confirm(actor=director, change_id=change.pk)) == ["S47"]
    assert end_expired(clock.today()) == {"expired": 1}  # the daily job: changes.expire_due
    change.refresh_from_db()
    assert change.state == ChangeState.EXPIRED
    assert not fresh(change.account).can("ledger.post")


def test_the_same_is_proposed_once_while_it_waits(security):
    change = proposed(security)
    assert codes_of(lambda: proposed(security)) == ["S41"]
    changes.withdraw(actor=security, change_id=change.pk)
    proposed(security)


def test_a_proposal_needs_a_reason(security):
    user = account("subject")
    for reason in (" ", "任职" * 101):
        assert codes_of(
            lambda reason=reason: changes.propose_grant(
                actor=security, user_id=user.pk, role="office_clerk", reason=reason
            )
        ) == ["S48"]


def test_what_became_impossible_meanwhile_is_refused_at_the_confirmation(security, director):
    change = proposed(security, role="system_admin")
    grants.grant_role(actor=CONSOLE, user_id=change.account_id, role="office_clerk")
    assert codes_of(lambda: changes.confirm(actor=director, change_id=change.pk)) == ["S02"]
    assert AccountChange.objects.get(pk=change.pk).is_pending


# --- at once, confirmed afterwards -------------------------------------------------------------------------------


def test_closing_is_in_force_at_once_and_confirmed_afterwards(security, director):
    clerk = account("clerk", "office_clerk")
    change = changes.close(actor=security, user_id=clerk.pk, reason="离岗，先行停用")
    assert not fresh(clerk).is_active
    changes.confirm(actor=director, change_id=change.pk)
    assert not fresh(clerk).is_active


def test_a_closing_that_is_not_agreed_to_is_undone(security, director):
    clerk = account("clerk", "office_clerk")
    change = changes.close(actor=security, user_id=clerk.pk, reason="误以为离岗")
    changes.reject(actor=director, change_id=change.pk, reason="本人仍在岗")
    assert fresh(clerk).can("ledger.post")


def test_a_role_is_taken_back_at_once_and_given_again_when_not_agreed_to(security, director):
    clerk = account("clerk", "unit_clerk", organization_id=1)
    grant = clerk.role_grants.get()
    change = changes.propose_revocation(actor=security, grant_id=grant.pk, reason="疑似泄密", at_once=True)
    assert fresh(clerk).grants == []
    assert codes_of(lambda: changes.withdraw(actor=security, change_id=change.pk)) == ["S50"]
    changes.reject(actor=director, change_id=change.pk, reason="已查明无关")
    assert fresh(clerk).scope_roots() == [(1, False)]


def test_what_is_in_force_already_does_not_expire(security, director, monkeypatch):
    clerk = account("clerk", "office_clerk")
    change = changes.close(actor=security, user_id=clerk.pk, reason="离岗，先行停用")
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert end_expired(clock.today()) == {"expired": 0}
    changes.confirm(actor=director, change_id=change.pk)


def test_an_account_that_opens_again_ends_the_closing_nobody_confirmed_yet(security, director):
    clerk = account("clerk", "office_clerk")
    closing = changes.close(actor=security, user_id=clerk.pk, reason="离岗，先行停用")
    opening = changes.propose_reopening(actor=security, user_id=clerk.pk, reason="已经返岗")
    changes.confirm(actor=director, change_id=opening.pk)
    closing.refresh_from_db()
    assert (closing.state, closing.note) == (ChangeState.EXPIRED, "账号已经启用，不再复核。")
    assert codes_of(lambda: changes.reject(actor=director, change_id=closing.pk, reason="本人仍在岗")) == ["S46"]
    again = changes.close(actor=security, user_id=clerk.pk, reason="再次离岗，停用")
    assert again.is_pending
    assert not fresh(clerk).is_active
    assert list(chain.verify_rows()) == []


def test_an_urgent_act_does_not_wait_for_an_earlier_one_of_its_kind(security, director):
    """A closing that nobody confirmed, of an account that opened by another way; a revocation that is only proposed."""
    clerk = account("clerk", "office_clerk")
    grant = clerk.role_grants.get()
    proposed_before = changes.propose_revocation(actor=security, grant_id=grant.pk, reason=REASON)
    assert codes_of(lambda: changes.propose_revocation(actor=security, grant_id=grant.pk, reason=REASON)) == ["S41"]
    changes.propose_revocation(actor=security, grant_id=grant.pk, reason="疑似泄密", at_once=True)
    assert fresh(clerk).grants == []
    closed_before = changes.close(actor=security, user_id=clerk.pk, reason="离岗，先行停用")
    users.reactivate(actor=CONSOLE, user_id=clerk.pk)
    changes.close(actor=security, user_id=clerk.pk, reason="再次离岗，停用")
    assert not fresh(clerk).is_active
    for earlier in (proposed_before, closed_before):
        earlier.refresh_from_db()
        assert (earlier.state, earlier.note) == (ChangeState.EXPIRED, "已另行紧急办理，不再复核。")


# --- what the database promises ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["proposed_by", "account"])
def test_the_database_refuses_that_one_person_proposes_and_confirms(security, who):
    change = proposed(security)
    rows = AccountChange.objects.filter(pk=change.pk)
    alone = getattr(change, who)
    with pytest.raises(DatabaseError, match="另一人复核"), transaction.atomic():
        rows.update(state="confirmed", decided_by=alone, decided_at=timezone.now())


@pytest.mark.parametrize("who", ["proposed_by", "account"])
def test_the_database_refuses_a_new_row_that_one_person_decided_alone(security, who):
    change = proposed(security)
    change.pk, change.state, change.decided_at = None, "confirmed", timezone.now()
    change.decided_by = getattr(change, who)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        change.save(force_insert=True)


def test_the_database_knows_no_confirmation_by_nobody(security):
    change = proposed(security)
    with pytest.raises(IntegrityError, match="decided"), transaction.atomic():
        AccountChange.objects.filter(pk=change.pk).update(state="confirmed", decided_at=timezone.now())


def test_what_is_decided_or_proposed_cannot_be_rewritten_or_removed(security, director):
    change = proposed(security)
    with pytest.raises(DatabaseError, match="不能改写"), transaction.atomic():
        AccountChange.objects.filter(pk=change.pk).update(role="office_director")
    changes.reject(actor=director, change_id=change.pk, reason="没有任职文件")
    with pytest.raises(DatabaseError, match="已经办结"), transaction.atomic():
        AccountChange.objects.filter(pk=change.pk).update(state="pending", decided_by=None, decided_at=None)
    with pytest.raises(DatabaseError, match="不能删除"), transaction.atomic():
        AccountChange.objects.all().delete()


PAIRS = [
    (administrator, other)
    for administrator in sorted(ADMINISTRATORS)
    for other in sorted(ROLES)
    if other != administrator
]


def test_the_database_keeps_every_administrator_apart_from_every_other_role_in_either_order():
    assert len(PAIRS) == 3 * (len(ROLES) - 1)
    for number, (first, second) in enumerate(itertools.chain(PAIRS, [(b, a) for a, b in PAIRS])):
        user = account(f"person{number}")
        RoleGrant.objects.create(user=user, role=first)
        with pytest.raises(DatabaseError, match="三员分立"), transaction.atomic():
            RoleGrant.objects.create(user=user, role=second)


# --- record, notices, console ------------------------------------------------------------------------------------


def test_the_record_names_both_persons_and_every_row_is_sealed(security, director):
    change = proposed(security)
    changes.confirm(actor=director, change_id=change.pk)
    entries = list(AuditEntry.objects.order_by("seq").values_list("action", "actor_name"))
    assert ("accounts.change_proposed", security.display_name) in entries
    given = f"{security.display_name}提出、{director.display_name}复核"
    assert ("accounts.role_granted", given) in entries
    assert ("accounts.change_confirmed", director.display_name) in entries
    assert list(chain.verify_rows()) == []


def test_those_who_may_confirm_are_told_and_who_proposed_hears_the_end(security, director):
    deputy = account("deputy", "office_deputy")
    change = proposed(security)
    deliver_waiting()
    told = Message.objects.filter(link=f"/accounts/changes/{change.pk}/")
    assert set(told.values_list("recipient_id", flat=True)) == {director.pk, deputy.pk}
    changes.reject(actor=director, change_id=change.pk, reason="没有任职文件")
    deliver_waiting()
    last = told.filter(recipient=security).get()
    assert "没有任职文件" in last.text


def test_the_console_gives_roles_while_no_two_persons_are_there_and_proposes_afterwards(capsys):
    for name, role in (("anquan", "security_admin"), ("xitong", "system_admin"), ("zhuren", "office_director")):
        call_command("account", "create", name, "--name", name, "--role", role)
        assert User.objects.get(username=name).grants[0].role == role
    call_command("account", "create", "late", "--name", "后来", "--role", "office_clerk")
    late = User.objects.get(username="late")
    assert late.grants == []
    assert "复核后生效" in capsys.readouterr().out
    change = AccountChange.objects.get(account=late)
    changes.confirm(actor=User.objects.get(username="zhuren"), change_id=change.pk)
    assert fresh(late).can("ledger.post")
    names = AuditEntry.objects.filter(action="accounts.role_granted").values_list("actor_name", flat=True)
    assert sum("控制台" in name for name in names) == 4


@pytest.mark.parametrize(
    ("command", "words"), [("createsuperuser", "没有超级用户"), ("changepassword", "不能绕过审计")]
)
def test_there_is_no_all_powerful_account_and_no_password_without_a_record(command, words):
    with pytest.raises(CommandError, match=words):
        call_command(command)
    assert not hasattr(User, "is_superuser")
    assert not hasattr(User.objects, "create_superuser")


# --- pages -------------------------------------------------------------------------------------------------------


def test_the_whole_way_on_the_pages(security, director):
    subject = account("subject")
    proposing, confirming = signed_in(security), signed_in(director)
    data = {"role": "office_clerk", "reason": REASON}
    answer = proposing.post(f"/accounts/users/{subject.pk}/grant/", data, follow=True)
    assert "复核后生效" in answer.content.decode()
    assert not fresh(subject).can("ledger.post")
    change = AccountChange.objects.get()
    assert proposing.post(f"/accounts/changes/{change.pk}/confirm/", follow=True).content.decode().count("不能复核本人")
    assert "编办经办" in confirming.get("/accounts/changes/").content.decode()
    assert "编办经办" in confirming.get("/").content.decode(), "the workbench asks for it"
    confirming.post(f"/accounts/changes/{change.pk}/confirm/", {"note": "同意"})
    assert fresh(subject).can("ledger.post")


def test_who_confirms_the_first_role_that_decides_hands_over_the_password(security, director):
    data = {"username": "zhang", "display_name": "张主任", "role": "office_director", "reason": REASON}
    opened = signed_in(security).post("/accounts/users/new/", data).content.decode()
    assert "由复核人当面交付本人，原密码作废" in opened
    change = AccountChange.objects.get()
    page = signed_in(director).post(f"/accounts/changes/{change.pk}/confirm/").content.decode()
    assert "首次获得管理或审批角色" in page
    assert "只显示这一次" in page


def test_the_page_of_a_change_says_what_the_account_is_entered_with(security, director):
    subject = account("subject")
    linked_identities.link(actor=security, user_id=subject.pk, issuer="https://id.example", subject="3101")
    change = proposed(security)
    page = signed_in(director).get(f"/accounts/changes/{change.pk}/").content.decode()
    assert "密码，第二重验证：未启用，统一身份认证（" in page


def test_what_was_done_at_once_and_is_not_agreed_to_is_said_to_be_undone(security, director):
    change = changes.close(actor=security, user_id=account("clerk", "office_clerk").pk, reason="误以为离岗")
    url = f"/accounts/changes/{change.pk}/reject/"
    page = signed_in(director).post(url, {"reason": "本人仍在岗"}, follow=True).content.decode()
    assert "已恢复原状" in page
    assert "变更不生效" not in page


def test_the_list_of_changes_asks_once_for_the_names_of_the_organisations(security, monkeypatch):
    asked: list[object] = []

    def names_of(ids: Collection[int]) -> dict[int, str]:
        asked.append(ids)
        return dict.fromkeys(ids, "区教育局")

    monkeypatch.setattr(organization_names, "_registered", [names_of])
    for number in range(3):
        changes.propose_grant(
            actor=security, user_id=account(f"clerk{number}").pk, role="unit_clerk", organization_id=1, reason=REASON
        )
    asked.clear()
    assert "授予角色 单位经办（区教育局）" in signed_in(security).get("/accounts/changes/").content.decode()
    assert len(asked) == 1


def test_the_page_of_a_change_offers_acts_to_who_may_do_them(security, director):
    change = proposed(security)
    own = signed_in(security).get(f"/accounts/changes/{change.pk}/").content.decode()
    other = signed_in(director).get(f"/accounts/changes/{change.pk}/").content.decode()
    assert "confirm-withdraw" in own
    assert "confirm-agree" not in own
    assert "confirm-agree" in other
    assert "confirm-withdraw" not in other


def test_an_account_is_opened_with_a_role_that_waits(security):
    data = {"username": "new.clerk", "display_name": "新人", "role": "office_clerk", "reason": REASON}
    page = signed_in(security).post("/accounts/users/new/", data).content.decode()
    assert "角色待复核" in page
    assert User.objects.get(username="new.clerk").grants == []
    assert AccountChange.objects.get().role == "office_clerk"


def test_a_role_that_is_refused_leaves_no_account_behind(security):
    data = {"username": "new.clerk", "display_name": "新人", "role": "unit_clerk", "reason": REASON}
    assert signed_in(security).post("/accounts/users/new/", data).status_code == 422
    assert not User.objects.filter(username="new.clerk").exists()


def test_a_confirmed_reset_shows_the_password_once_to_who_confirmed(security, director):
    deputy = account("deputy", "office_deputy")
    signed_in(security).post(f"/accounts/users/{deputy.pk}/reset/", {"reason": "本人忘记密码"})
    change = AccountChange.objects.get()
    page = signed_in(director).post(f"/accounts/changes/{change.pk}/confirm/").content.decode()
    assert "只显示这一次" in page


def test_an_urgent_revocation_and_a_change_of_scope_on_the_page(security):
    clerk = account("clerk", "unit_clerk", organization_id=1)
    grant = clerk.role_grants.get()
    assert signed_in(security).get(f"/accounts/grants/{grant.pk}/rescope/").status_code == 200
    signed_in(security).post(f"/accounts/grants/{grant.pk}/revoke/", {"reason": "疑似泄密", "at_once": "1"})
    assert fresh(clerk).grants == []
    assert AccountChange.objects.get().is_urgent


UNKEPT = [("不" * 201, "最多 200 个字"), ("离岗停用\0", "不能保存的字符")]


@pytest.mark.parametrize(("text", "words"), UNKEPT)
@pytest.mark.parametrize("act", ["users/{}/switch", "users/{}/reset", "users/{}/end-sessions", "grants/{}/revoke"])
def test_a_reason_that_cannot_be_kept_is_said_and_changes_nothing(security, act, text, words):
    clerk = account("clerk", "office_clerk")
    key = clerk.role_grants.get().pk if act.startswith("grants") else clerk.pk
    answer = signed_in(security).post(f"/accounts/{act.format(key)}/", {"reason": text}, follow=True)
    assert words in answer.content.decode()
    assert fresh(clerk).is_active
    assert not AccountChange.objects.exists()


@pytest.mark.parametrize(("text", "words"), UNKEPT)
@pytest.mark.parametrize(("act", "name"), [("confirm", "note"), ("reject", "reason")])
def test_an_opinion_that_cannot_be_kept_is_said_and_decides_nothing(security, director, act, name, text, words):
    change = proposed(security)
    answer = signed_in(director).post(f"/accounts/changes/{change.pk}/{act}/", {name: text}, follow=True)
    assert words in answer.content.decode()
    change.refresh_from_db()
    assert change.is_pending


def test_a_reason_of_two_hundred_characters_is_kept_however_its_lines_end(security):
    clerk = account("clerk", "office_clerk")
    reason = "离岗" * 50 + "\r\n" + "停用" * 49 + "。"
    signed_in(security).post(f"/accounts/users/{clerk.pk}/switch/", {"reason": reason})
    assert AccountChange.objects.get().reason == reason.replace("\r\n", "\n")


def test_a_change_that_is_not_there_is_not_found(director):
    browser = signed_in(director)
    assert browser.get("/accounts/changes/999/").status_code == 404
    for act in ("confirm", "reject"):
        assert browser.post(f"/accounts/changes/999/{act}/").status_code == 404
