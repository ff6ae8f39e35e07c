"""Giving and taking roles: 三员分立, one reach for one account, never one's own."""

from __future__ import annotations

import itertools

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from bianzhi.accounts import organization_names
from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.accounts.services.grants import grant_role, revoke_role
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from tests.accounts.people import CONSOLE, account

pytestmark = pytest.mark.django_db
OTHERS = [code for code, role in ROLES.items() if code not in ADMINISTRATORS]


@pytest.fixture(autouse=True)
def units(monkeypatch):
    names = {1: "区教育局", 2: "区第一中学"}
    monkeypatch.setattr(organization_names, "_registered", [lambda ids: {pk: names[pk] for pk in ids if pk in names}])


def reach_of(role: str) -> int | None:
    return None if ROLES[role].whole_district else 1


def give(user: User, role: str, **kwargs) -> RoleGrant:
    return grant_role(actor=CONSOLE, user_id=user.pk, role=role, **{"organization_id": reach_of(role), **kwargs})


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(sorted(ADMINISTRATORS), 2)))
def test_no_two_administrators_on_one_account(first, second):
    user = account("liming", first)
    with pytest.raises(Refused) as refused:
        give(user, second)
    assert refused.value.codes == ["S02"]


@pytest.mark.parametrize("administrator", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("business", OTHERS)
def test_no_administrator_beside_a_business_role_in_either_order(administrator, business):
    for first, second in ((administrator, business), (business, administrator)):
        user = account(f"{first}-{second}", first, organization_id=reach_of(first))
        with pytest.raises(Refused) as refused:
            give(user, second)
        assert "S02" in refused.value.codes


def test_the_database_itself_keeps_the_administrators_apart():
    user = account("liming", "system_admin")
    with pytest.raises(DatabaseError, match="三员分立"), transaction.atomic():
        RoleGrant.objects.create(user=user, role="audit_admin")


def test_after_a_role_was_taken_back_another_may_be_given():
    user = account("liming", "system_admin")
    revoke_role(actor=CONSOLE, grant_id=user.role_grants.get().pk)
    assert give(user, "audit_admin").role == "audit_admin"


def test_a_role_that_was_taken_back_cannot_come_back():
    grant = account("liming", "office_clerk").role_grants.get()
    revoke_role(actor=CONSOLE, grant_id=grant.pk)
    with pytest.raises(DatabaseError, match="已收回"), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(revoked_at=None)


@pytest.mark.parametrize("column", ["role", "organization_id", "user_id", "includes_subtree", "granted_at"])
def test_what_a_grant_says_cannot_be_rewritten(column):
    grant = account("liming", "office_clerk").role_grants.get()
    value = {
        "role": "office_director",
        "organization_id": 1,
        "user_id": account("wang").pk,
        "includes_subtree": True,
        "granted_at": timezone.now(),
    }[column]
    with pytest.raises(DatabaseError), transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk).update(**{column: value})


def test_a_unit_role_needs_a_unit_and_a_district_role_has_none():
    user = account("liming")
    with pytest.raises(Refused, match="必须限定机构范围"):
        give(user, "unit_clerk", organization_id=None)
    with pytest.raises(Refused, match="不限定机构范围"):
        give(user, "office_clerk", organization_id=1)


def test_a_unit_that_does_not_exist_is_refused():
    with pytest.raises(Refused, match="机构不存在"):
        give(account("liming"), "unit_clerk", organization_id=99)


def test_roles_of_different_reach_do_not_share_an_account():
    user = account("liming", "archivist")
    with pytest.raises(Refused) as refused:
        give(user, "unit_clerk")
    assert refused.value.codes == ["S05"]


def test_a_unit_role_may_be_given_for_several_units_but_not_twice_for_one():
    user = account("liming", "unit_clerk", organization_id=1)
    give(user, "unit_clerk", organization_id=2)
    with pytest.raises(Refused, match="无需重复"):
        give(user, "unit_clerk", organization_id=2)
    assert sorted(User.objects.get(pk=user.pk).scope_roots()) == [(1, False), (2, False)]


def test_nobody_gives_or_takes_roles_on_the_own_account():
    admin = account("admin", "security_admin")
    account("second", "security_admin")
    with pytest.raises(Refused) as refused:
        grant_role(actor=admin, user_id=admin.pk, role="security_admin")
    assert "S04" in refused.value.codes
    with pytest.raises(Refused) as refused:
        revoke_role(actor=admin, grant_id=admin.role_grants.get().pk)
    assert refused.value.codes == ["S04"]


def test_the_last_security_administrator_stays():
    admin = account("admin", "security_admin")
    with pytest.raises(Refused, match="最后一个"):
        revoke_role(actor=CONSOLE, grant_id=admin.role_grants.get().pk)
    account("second", "security_admin")
    revoke_role(actor=CONSOLE, grant_id=admin.role_grants.get().pk)


def test_only_the_security_administrator_gives_roles():
    director, clerk = account("director", "office_director"), account("clerk")
    with pytest.raises(Denied):
        grant_role(actor=director, user_id=clerk.pk, role="office_clerk")


def test_every_change_of_roles_is_on_record():
    user = account("liming", "unit_clerk", organization_id=1)
    revoke_role(actor=CONSOLE, grant_id=user.role_grants.get().pk)
    acts = AuditEntry.objects.order_by("seq").values_list("action", "facts")
    assert [action for action, _ in acts] == ["accounts.user_created", "accounts.role_granted", "accounts.role_revoked"]
    assert "区教育局" in acts[1][1]
    assert list(chain.verify_rows()) == []


def test_an_unknown_role_is_refused():
    with pytest.raises(Refused, match="没有名为"):
        grant_role(actor=CONSOLE, user_id=account("liming").pk, role="emperor")


def test_a_permission_counts_from_the_moment_of_the_grant_without_a_new_login():
    user = account("liming")
    assert not user.can("ledger.post")
    give(user, "office_clerk")
    assert User.objects.get(pk=user.pk).can("ledger.post")
