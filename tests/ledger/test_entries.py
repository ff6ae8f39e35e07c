"""Posting, refusing and reversing entries."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bianzhi.audit.models import AuditEntry, RowSeal
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry, Posting
from bianzhi.ledger.rules.lines import Line, Place, unit
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import (
    EntryDraft,
    abolish_unit_quota,
    allot,
    allot_to_body,
    change_type,
    issue_total,
    post_entry,
    reduce,
    release_frozen,
    reverse_entry,
    set_posts,
    transfer,
)
from bianzhi.organizations.models import Tier
from tests.ledger.conftest import FOUNDED, Books

MAY = date(2021, 5, 1)


def test_an_allotment_moves_quota_from_the_reserve_and_leaves_audit_seals_and_news(books: Books) -> None:
    entry = allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 12})
    assert sorted(entry.postings.values_list("account__key", "amount")) == [
        ("reserve:district:A1", -12),
        (f"unit:{books.bureau.pk}:A1", 12),
    ]
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 12}
    assert totals(MAY)["reserve", "district", "A1"] == 88
    recorded = AuditEntry.objects.get(action="ledger.posted", subject_id=str(entry.pk))
    assert {seal.kind for seal in recorded.seals.all()} == {"ledger.ledgerentry", "ledger.posting"}
    assert OutboxMessage.objects.filter(topic="ledger.posted", key=entry.number).exists()


def test_a_balance_counts_from_the_effective_day_on(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 12})
    key = (books.bureau.pk, "A1")
    assert key not in approved(None, MAY - timedelta(days=1))
    assert approved(None, MAY)[key] == 12
    assert approved(None, MAY + timedelta(days=1))[key] == 12


def test_what_was_known_on_a_day_stays_readable(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 12})
    today = timezone.localdate()
    assert approved(None, MAY, known_on=today)[books.bureau.pk, "A1"] == 12
    assert (books.bureau.pk, "A1") not in approved(None, MAY, known_on=today - timedelta(days=1))


def test_a_reserve_cannot_be_overdrawn_and_nothing_is_left_behind(books: Books) -> None:
    entries = LedgerEntry.objects.count()
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 101})
    assert refused.value.codes == ["R06"]
    assert refused.value.objections[0].figures == {"可调出": 100, "调出": 101}
    assert LedgerEntry.objects.count() == entries


def test_a_past_entry_may_not_take_what_a_later_day_needs(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 95})
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(FOUNDED), organization_id=books.bureau.pk, amounts={"A1": 6})
    assert refused.value.codes == ["R06"]


def test_an_unbalanced_entry_is_refused(books: Books) -> None:
    draft = EntryDraft(
        kind=EntryKind.INCREASE, document=books.office, effective_on=MAY, summary="不平",
        lines=[Line(unit(books.bureau.pk, "A1"), 3), Line(Place("reserve", "A1"), -2)],
    )  # fmt: skip
    with pytest.raises(Refused, match="借贷不平"):
        post_entry(actor=books.actor, draft=draft)


@pytest.mark.parametrize(
    ("unit_name", "measure", "rule"),
    [("school", "A1", "R05"), ("bureau", "B1", "R05"), ("bureau", "C1", "R19")],
)
def test_quota_is_not_given_where_its_type_is_not_allowed(
    books: Books, unit_name: str, measure: str, rule: str
) -> None:
    unit_id = getattr(books, unit_name).pk
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(MAY), organization_id=unit_id, amounts={measure: 1})
    assert rule in refused.value.codes


def test_a_coordination_body_gets_no_quota(books: Books) -> None:
    books.bureau.versions.update(superseded_at=timezone.now())
    books.bureau.versions.create(name="测试区爱卫办", org_type="35", document=books.office, valid_from=FOUNDED)
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 1})
    assert refused.value.codes == ["R11"]


def test_administrative_quota_crosses_tiers_only_by_an_upper_document(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    ends: dict[str, Any] = {"from_organization_id": books.bureau.pk, "to_organization_id": books.township.pk}
    with pytest.raises(Refused) as refused:
        transfer(actor=books.actor, basis=books.basis(MAY), amounts={"A1": 2}, **ends)
    assert refused.value.codes == ["R07"]
    transfer(actor=books.actor, basis=books.basis(MAY, upper=True), amounts={"A1": 2}, **ends)
    assert approved(None, MAY)[books.township.pk, "A1"] == 2


def test_totals_grow_only_by_the_upper_level(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        issue_total(actor=books.actor, basis=books.basis(), measure="A1", tier=Tier.DISTRICT, amount=5)
    assert refused.value.codes == ["R06"]


def test_the_institution_baseline_can_be_overridden_by_the_director_only_by_name(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        issue_total(actor=books.actor, basis=books.basis(), measure="B1", tier=Tier.DISTRICT, amount=5)
    assert refused.value.codes == ["R08"]
    basis = books.basis()
    overriding = replace(basis, overrides=("R08",), override_reason="市编办已口头同意，文件后补")
    issue_total(actor=books.actor, basis=overriding, measure="B1", tier=Tier.DISTRICT, amount=5)
    assert totals(FOUNDED)["reserve", "district", "B1"] == 55


def test_a_reversal_restores_every_balance_and_keeps_the_past_readable(books: Books) -> None:
    entry = allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 12})
    reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="单位填错了")
    assert approved(None, MAY)[books.bureau.pk, "A1"] == 0
    assert totals(MAY)["reserve", "district", "A1"] == 100
    with pytest.raises(Refused, match="已冲正"):
        reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="再来一次")


def test_quota_already_passed_on_cannot_be_reversed_away(books: Books) -> None:
    entry = allot(actor=books.actor, basis=books.basis(FOUNDED), organization_id=books.bureau.pk, amounts={"A1": 12})
    reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 5})
    with pytest.raises(Refused) as refused:
        reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="文件号填错")
    assert "R06" in refused.value.codes


def test_quota_fixed_to_a_body_stays_part_of_the_unit(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    section = books.section(books.bureau)
    allot_to_body(
        actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, body_id=section.pk, amounts={"A1": 4}
    )
    assert approved(None, FOUNDED)[books.bureau.pk, "A1"] == 10
    with pytest.raises(Refused):
        reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 7})


def test_a_frozen_type_leaves_for_good(books: Books) -> None:
    opening = EntryDraft(
        kind=EntryKind.OPENING, document=books.office, effective_on=FOUNDED, summary="期初工勤",
        lines=[Line(unit(books.bureau.pk, "C1"), 3), Line(Place("upper", "C1"), -3)],
    )  # fmt: skip
    post_entry(actor=books.actor, draft=opening)
    release_frozen(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, measure="C1")
    assert approved(None, MAY)[books.bureau.pk, "C1"] == 2
    assert totals(MAY)["withdrawn", "district", "C1"] == 1


def test_a_change_of_type_goes_through_the_reserves(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.school.pk, amounts={"B1": 20})
    issue_total(actor=books.actor, basis=books.basis(upper=True), measure="B2", tier=Tier.DISTRICT, amount=5)
    change_type(
        actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk,
        from_measure="B1", to_measure="B2", amount=5,
    )  # fmt: skip
    now = approved([books.school.pk], MAY)
    assert (now[books.school.pk, "B1"], now[books.school.pk, "B2"]) == (15, 5)
    assert totals(MAY)["reserve", "district", "B1"] == 35


def test_posts_are_set_to_a_number_and_abolition_returns_everything(books: Books) -> None:
    posts = {"org_chief": 1, "org_deputy": 3}
    set_posts(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, posts=posts)
    assert set_posts(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, posts=posts) is None
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    abolish_unit_quota(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk)
    assert not any(approved([books.bureau.pk], MAY).values())
    assert totals(MAY)["reserve", "district", "A1"] == 100


@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", ["ledger_ledgerentry", "ledger_posting"])
def test_the_database_refuses_to_change_or_delete_what_was_posted(books: Books, table: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match="R26"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
    assert Posting.objects.exists()


def test_the_database_refuses_an_overdraft_that_no_service_saw(books: Books) -> None:
    entry = LedgerEntry.objects.earliest("id")
    reserve = Posting.objects.get(account__key="reserve:district:A1").account
    with pytest.raises(DatabaseError, match="R06"), transaction.atomic():
        Posting.objects.create(entry=entry, account=reserve, amount=-101)


def test_every_posted_row_is_sealed(books: Books) -> None:
    assert RowSeal.objects.filter(kind="ledger.posting").count() == Posting.objects.count()
