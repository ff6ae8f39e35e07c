"""Statements, what a figure rests on, totals, and the rehearsal of an act."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import SerialCounter
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.balances import totals
from bianzhi.ledger.selectors.basis import latest_basis, shares
from bianzhi.ledger.selectors.names import body_names, unit_names
from bianzhi.ledger.selectors.regional_totals import regional_totals
from bianzhi.ledger.selectors.statement import Change, statements
from bianzhi.ledger.services import (
    allot,
    allot_to_body,
    issue_total,
    reduce,
    release_frozen,
    reverse_entry,
    set_posts,
    transfer,
    withdraw_total,
)
from bianzhi.ledger.services.rehearsal import rehearse
from bianzhi.organizations.models import LineageKind, ReorganizationEvent, Tier
from bianzhi.organizations.services import change_affiliation
from tests.ledger.conftest import FOUNDED, Books

MAY = date(2021, 5, 1)
JUNE = date(2021, 6, 1)


@pytest.fixture
def lived(books: Books) -> Books:
    """The bureau: 20 in 2020, 2 deputies, 5 of them to a section, 3 to the township in May, 1 taken back in June."""
    ends: dict[str, Any] = {"actor": books.actor, "organization_id": books.bureau.pk}
    allot(basis=books.basis(summary="设立核编"), amounts={"A1": 20}, kind=EntryKind.ESTABLISHED, **ends)
    set_posts(basis=books.basis(summary="核定职数"), posts={"org_deputy": 2}, **ends)
    section = books.section(books.bureau)
    allot_to_body(basis=books.basis(summary="定编到办公室"), body_id=section.pk, amounts={"A1": 5}, **ends)
    transfer(
        actor=books.actor, basis=books.basis(MAY, upper=True, summary="下沉"), from_organization_id=books.bureau.pk,
        to_organization_id=books.township.pk, amounts={"A1": 3},
    )  # fmt: skip
    reduce(basis=books.basis(JUNE, summary="精简"), amounts={"A1": 1}, **ends)
    return books


def test_a_statement_has_a_row_for_each_change_with_running_balances(lived: Books) -> None:
    [statement] = statements([lived.bureau.pk], JUNE)
    assert (statement.unit.name, statement.measures, statement.posts) == ("测试区财政局", ["A1"], ["org_deputy"])
    assert [(row.source.summary, row.changes, row.bodies) for row in statement.rows] == [
        ("设立核编", {"A1": Change(20, 0, 20)}, 1),
        ("核定职数", {"org_deputy": Change(2, 0, 2)}, 1),
        ("下沉", {"A1": Change(0, 3, 17)}, 1),
        ("精简", {"A1": Change(0, 1, 16)}, 1),
    ]
    assert statement.rows[2].source.doc_no == "绍市编〔2020〕1号"
    assert statement.closing == {"A1": 16, "org_deputy": 2}


def test_a_statement_stops_at_its_day_and_at_what_was_known(lived: Books) -> None:
    [before] = statements([lived.bureau.pk], JUNE - timedelta(days=1))
    assert before.closing["A1"] == 17
    [unknown] = statements([lived.bureau.pk], JUNE, known_on=timezone.localdate() - timedelta(days=1))
    assert unknown.rows == []


def test_a_reversal_is_told_in_both_rows(lived: Books) -> None:
    entry = LedgerEntry.objects.get(summary="精简")
    reversal = reverse_entry(actor=lived.actor, entry=entry, document=lived.office, reason="重复登记")
    [statement] = statements([lived.bureau.pk], JUNE)
    assert statement.closing["A1"] == 17
    assert [row.source.note for row in statement.rows[-2:]] == [f"已由 {reversal.number} 冲正", f"冲正 {entry.number}"]


def test_an_event_without_quota_stands_in_the_statement_too(lived: Books) -> None:
    event = ReorganizationEvent.objects.create(
        kind=LineageKind.RENAMED, effective_on=MAY, document=lived.office, summary="更名为财政和国资局"
    )
    event.parts.create(organization=lived.bureau)
    [statement] = statements([lived.bureau.pk], JUNE)
    renamed = next(row for row in statement.rows if row.source.entry_id is None)
    assert (renamed.source.kind, renamed.changes, renamed.balances["A1"]) == ("更名", {}, 17)


def test_statements_of_all_units_take_four_queries(lived: Books, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        found = statements(None, JUNE)
    assert [one.unit.code for one in found] == ["T001", "T002"]
    with django_assert_num_queries(4):
        assert [one.unit.code for one in statements([lived.school.pk], JUNE)] == ["T003"]


def test_the_latest_basis_is_the_document_that_last_changed_the_figure(lived: Books, django_assert_num_queries) -> None:
    key = (lived.bureau.pk, "A1")
    with django_assert_num_queries(1):
        found = latest_basis([lived.bureau.pk, lived.township.pk], MAY)
    assert found[key].doc_no == "绍市编〔2020〕1号"
    assert found[lived.township.pk, "A1"].entry_id == found[key].entry_id
    assert latest_basis(None, JUNE)[key].doc_no == "虞编〔2020〕3号"
    assert latest_basis(None, FOUNDED)[key].number == LedgerEntry.objects.get(summary="设立核编").number


def test_the_shares_of_a_figure_add_up_to_it(lived: Books) -> None:
    found = shares(lived.bureau.pk, "A1", JUNE)
    assert [(share.amount, share.balance) for share in found] == [(20, 20), (5, 20), (-5, 20), (-3, 17), (-1, 16)]
    assert [share.internal_body_id is not None for share in found] == [False, True, False, False, False]
    assert found[3].title == "关于下达编制的通知"
    assert shares(lived.bureau.pk, "B1", JUNE) == []


def test_totals_always_add_up_to_what_was_issued(lived: Books) -> None:
    release: dict[str, Any] = {"actor": lived.actor, "basis": lived.basis(MAY), "organization_id": lived.bureau.pk}
    release_frozen(measure="A1", amount=2, **release)
    district, township = regional_totals(JUNE)
    line = district.quota[0]
    assert (line.measure, line.issued, line.allotted, line.in_bodies, line.withdrawn) == ("A1", 100, 14, 5, 2)
    for each in [*district.quota, *district.posts, *township.quota, *township.posts]:
        moved = 3 if each.measure == "A1" else 0
        moved = -moved if each.tier == Tier.DISTRICT else moved
        assert each.reserve + each.pools + each.allotted + each.withdrawn == each.issued + moved
    assert (township.quota[0].use_percent, township.quota[0].is_nearly_used_up) == (10.0, False)


def test_a_total_nearly_used_up_is_marked(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.school.pk, amounts={"B1": 49})
    line = next(line for line in regional_totals(MAY)[0].quota if line.measure == "B1")
    assert (line.use_percent, line.is_nearly_used_up) == (98.0, True)


def test_a_unit_that_changes_its_tier_counts_with_all_it_holds_under_the_new_one(books: Books) -> None:
    give: dict[str, Any] = {"actor": books.actor, "organization_id": books.bureau.pk}
    allot(basis=books.basis(), amounts={"A1": 10}, **give)
    change_affiliation(
        actor=books.actor, organization_id=books.bureau.pk, document=books.upper, effective_on=MAY,
        parent_id=books.township.pk, tier=Tier.TOWNSHIP,
    )  # fmt: skip
    allot(basis=books.basis(JUNE), amounts={"A1": 30}, **give)
    assert allotted_of("A1", MAY - timedelta(days=1)) == [(100, 90, 10, 10.0), (30, 30, 0, 0.0)]
    assert allotted_of("A1", MAY) == [(100, 90, 0, 0.0), (30, 30, 10, 33.3)]
    assert allotted_of("A1", JUNE) == [(100, 90, 0, 0.0), (30, 0, 40, 133.3)]


def allotted_of(measure: str, day: date) -> list[tuple[int, int, int, float | None]]:
    """(issued, reserve, allotted, percent) of the district's own total and of the townships'."""
    lines = [line for tier in regional_totals(day) for line in tier.quota if line.measure == measure]
    return [(line.issued, line.reserve, line.allotted, line.use_percent) for line in lines]


def test_the_total_of_a_pool_is_one_whatever_tier_is_named(books: Books) -> None:
    total: dict[str, Any] = {"actor": books.actor, "basis": books.basis(upper=True), "measure": "D1", "amount": 10}
    issue_total(tier=Tier.TOWNSHIP, **total)
    assert totals(FOUNDED)["upper", "district", "D1"] == -10
    withdraw_total(tier=Tier.DISTRICT, **total)
    found = [line for tier in regional_totals(FOUNDED) for line in tier.quota if line.measure == "D1"]
    assert [(line.tier, line.issued, line.pools) for line in found] == [("district", 0, 0)]


def test_a_rehearsal_tells_the_effects_and_leaves_nothing(books: Books) -> None:
    counted = (LedgerEntry.objects.count(), AuditEntry.objects.count(), SerialCounter.objects.get().last)
    found = rehearse(
        lambda: allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 12})
    )
    assert [(effect.account.kind, effect.before, effect.change, effect.after) for effect in found.effects] == [
        ("unit", 0, 12, 12),
        ("reserve", 100, -12, 88),
    ]
    assert (LedgerEntry.objects.count(), AuditEntry.objects.count(), SerialCounter.objects.get().last) == counted


def test_a_rehearsal_tells_why_the_act_would_be_refused(books: Books) -> None:
    found = rehearse(
        lambda: issue_total(actor=books.actor, basis=books.basis(), measure="B1", tier=Tier.DISTRICT, amount=5)
    )
    assert ([objection.code for objection in found.objections], found.effects) == (["R08"], ())


def test_names_are_those_of_the_day(books: Books) -> None:
    books.bureau.versions.update(valid_to=MAY)
    books.bureau.versions.create(name="测试区财政和国资局", org_type="31", document=books.office, valid_from=MAY)
    assert unit_names([books.bureau.pk], MAY - timedelta(days=1))[books.bureau.pk].name == "测试区财政局"
    assert unit_names([books.bureau.pk], MAY)[books.bureau.pk].name == "测试区财政和国资局"
    section = books.section(books.bureau, "预算科")
    assert body_names([section.pk], FOUNDED - timedelta(days=9)) == {section.pk: "预算科"}


def test_measures_have_one_name_and_one_order() -> None:
    assert measures.in_order({"org_deputy", "B1", "A1", "?"}) == ["A1", "B1", "org_deputy", "?"]
    assert (measures.label("A1"), measures.short("A1"), measures.label("org_chief")) == ("行政编制", "行政", "正职")
    assert measures.is_post("body_chief")
    assert not measures.is_post("A1")
    assert len(measures.quota_choices()) + len(measures.post_choices()) == len(measures.all_measures())
