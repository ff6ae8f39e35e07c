"""The people of the engine's tests: an applicant with a head, three deputies, a director, liaisons."""

from __future__ import annotations

from typing import Any

import pytest

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from tests.accounts.people import account
from tests.workflow.engine import flows

UNIT = 101


@unit_of_work
def grant_over(*, actor: Actor, user: User, role: str, unit_id: int) -> User:
    """A role over a unit of which only the number is known here."""
    grant = RoleGrant.objects.create(user=user, role=role, organization_id=unit_id)
    record("tests.built", actor=actor, subject=user, facts={}, wrote=[grant])
    return User.objects.get(pk=user.pk)


@pytest.fixture(autouse=True)
def domain() -> flows.Domain:
    flows.register_domain()
    flows.reset_domain()
    return flows.DOMAIN


@pytest.fixture
def final() -> flows.Counter:
    return flows.FINAL


@pytest.fixture
def undoable() -> flows.UndoableCounter:
    return flows.UNDOABLE


@pytest.fixture
def staff(db: Any) -> dict[str, User]:
    """Everybody by name."""
    found = {
        name: account(name, role)
        for name, role in (
            ("ann", "office_deputy"),
            ("bob", "office_deputy"),
            ("cid", "office_deputy"),
            ("director", "office_director"),
            ("hrman", "liaison_hr"),
            ("finance", "liaison_finance"),
            ("outsider", "audit_admin"),
        )
    }
    found["clerk"] = grant_over(actor=flows.OFFICE, user=account("clerk"), role="unit_clerk", unit_id=UNIT)
    found["head"] = grant_over(actor=flows.OFFICE, user=account("head"), role="unit_head", unit_id=UNIT)
    found["stranger"] = grant_over(actor=flows.OFFICE, user=account("stranger"), role="unit_head", unit_id=202)
    return found
