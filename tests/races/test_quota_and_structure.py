"""Quota moves, posts and people while units come to their end: nothing is left with what has ended (R10, L1)."""

from functools import partial

import pytest

from bianzhi.common.integrity import findings
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.services import allot, allot_to_body, reduce, reverse_entry, set_posts
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.services import NewBody, add_body
from bianzhi.personnel.services.reorganizations import Decree, abolish_unit
from tests.cast import FOUNDED, PERSONNEL_CHECKS, TODAY
from tests.races.conftest import Attempt, race
from tests.races.test_overbooking import shuffled

pytestmark = [pytest.mark.race, pytest.mark.timeout(900)]


def test_units_that_end_while_everybody_posts_to_them_keep_nothing(cast, units, size):
    """Reversals that give, moves both ways, posts and people; whoever waits for a lock waits in one order."""
    attempts: list[Attempt] = []
    for unit in units:
        act = {"actor": cast.office, "organization_id": unit.pk}
        section = NewBody(organization_id=unit.pk, name="办公室", effective_on=FOUNDED)
        body = add_body(actor=cast.office, document=cast.document, body=section).body_id
        cuts = [reduce(basis=cast.basis(TODAY), amounts={"A1": 1}, **act) for _ in range(2)]
        attempts += [
            partial(reverse_entry, actor=cast.office, entry=cut, document=cast.document, reason="登记错误")
            for cut in cuts
        ]
        attempts += [partial(reduce, basis=cast.basis(TODAY), amounts={"A1": 1}, **act) for _ in range(2)]
        attempts += [partial(allot, basis=cast.basis(TODAY), amounts={"A1": 1}, **act) for _ in range(2)]
        attempts += [partial(set_posts, basis=cast.basis(TODAY), posts={"org_deputy": 2}, **act) for _ in range(2)]
        attempts += [partial(allot_to_body, basis=cast.basis(TODAY), body_id=body, amounts={"A1": 1}, **act)]
        decree = Decree(document=cast.upper_document, effective_on=TODAY)
        attempts += [partial(abolish_unit, today=TODAY, decree=decree, **act)]
    outcomes = race(shuffled(attempts), size.writers)
    told = {code for outcome in outcomes for code in outcome.split("+")}
    assert told <= {"granted", "R02", "R05", "R06", "R10"}, outcomes
    ended = OrganizationVersion.objects.filter(organization__in=units, valid_to=TODAY)
    assert ended.count() == len(units)
    assert LedgerEntry.objects.filter(kind="abolished").exists()
    assert findings([*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves", "ledger.ended", "audit.chain"]) == []
