"""Permissions, the roles that hold them, and what somebody reads who lacks one."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from bianzhi.accounts.permissions import PERMISSIONS
from bianzhi.accounts.policies import Denied, require
from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.audit.actors import System
from bianzhi.common.web.access import describe
from tests.accounts.people import account

SOURCE = Path(__file__).resolve().parents[2] / "src" / "bianzhi"


def test_every_permission_of_a_role_has_a_name_and_every_named_permission_a_role():
    held = frozenset().union(*(role.permissions for role in ROLES.values()))
    assert held == set(PERMISSIONS)


def test_every_permission_asked_for_in_the_code_exists():
    asked = set()
    for file in SOURCE.rglob("*.py"):
        asked |= set(
            re.findall(r'(?:@page|require|require_organization)\((?:actor, )?"([a-z_]+\.[a-z_]+)"', file.read_text())
        )
    assert asked <= set(PERMISSIONS)


def test_the_refusal_names_the_permission_the_roles_and_who_grants_them():
    class Nobody(System):
        def can(self, permission):
            return False

    with pytest.raises(Denied) as refused:
        require(Nobody("x"), "ledger.post")
    for words in ("登记编制台账", "编办经办", "编办主任", "安全管理员"):
        assert words in str(refused.value)


def test_the_403_page_learns_the_name_of_a_permission_from_here():
    assert describe("ledger.post").label == "登记编制台账"
    assert describe("ledger.post").granted_by == "安全管理员"


def test_the_three_administrators_share_the_start_page_and_notices_and_two_of_them_the_second_look_at_alerts():
    shared = {
        pair: ROLES[pair[0]].permissions & ROLES[pair[1]].permissions
        for pair in combinations(sorted(ADMINISTRATORS), 2)
    }
    everybodys = {"workbench.view", "notices.view"}
    assert shared == {
        ("audit_admin", "security_admin"): everybodys | {"intrusion.view", "intrusion.close"},
        ("audit_admin", "system_admin"): everybodys,
        ("security_admin", "system_admin"): everybodys,
    }


@pytest.mark.django_db
def test_a_user_can_what_a_role_in_force_allows_and_nothing_else():
    clerk = account("clerk", "office_clerk")
    require(clerk, "ledger.post")
    with pytest.raises(Denied):
        require(clerk, "accounts.manage")


@pytest.mark.django_db
def test_a_closed_account_can_do_nothing():
    clerk = account("clerk", "office_clerk")
    clerk.is_active = False
    assert not clerk.can("ledger.post")
    assert not clerk.sees_everything()
