"""Who may decide what of the ledger, and what an act may not disguise."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.ledger import objections
from bianzhi.ledger.models import Account, EntryKind, LedgerEntry
from bianzhi.ledger.rules.lines import Line, Place, body, levels_from, move, unit
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import (
    EntryDraft,
    allot,
    allot_to_body,
    change_type,
    issue_total,
    move_reserve,
    post_entries,
    post_entry,
    reduce,
    return_to_pool,
    reverse_entry,
    transfer,
    withdraw_total,
)
from bianzhi.ledger.services.accounts import open_accounts
from bianzhi.organizations.models import Organization, OrganizationStatus, OrganizationVersion, Tier
from bianzhi.organizations.services import abolish, change_nature, close_body, correct_version, set_joint_office
from tests.ledger.conftest import FOUNDED, Books

APRIL = date(2021, 4, 1)
MAY = date(2021, 5, 1)


def staff(role: str, username: str = "clerk") -> User:
    user = User.objects.create(username=username, display_name="测试经办")
    user.role_grants.create(role=role)
    return user


def test_only_those_who_may_post_the_ledger_post_it(books: Books) -> None:
    outsider = staff("liaison_finance")
    with pytest.raises(Denied, match="登记编制台账"):
        allot(actor=outsider, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 1})
    allot(actor=staff("office_clerk", "li"), basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 1})
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 1}


def test_a_rule_is_set_aside_only_by_the_director_and_with_a_reason_that_is_kept(books: Books) -> None:
    growth: dict[str, Any] = {"measure": "B1", "tier": Tier.DISTRICT, "amount": 5}
    overriding = replace(books.basis(), overrides=("R08",), override_reason="市编办已发电报，正式文件后补")
    with pytest.raises(Denied, match="批准例外"):
        issue_total(actor=staff("office_clerk"), basis=overriding, **growth)
    director = staff("office_director", "director")
    with pytest.raises(Refused, match="须写明理由"):
        issue_total(actor=director, basis=replace(overriding, override_reason="  "), **growth)
    entry = issue_total(actor=director, basis=overriding, **growth)
    facts = AuditEntry.objects.get(action="ledger.posted", subject_id=str(entry.pk)).facts
    assert "市编办已发电报，正式文件后补" in facts
    assert '"code":"R08"' in facts.replace(" ", "")


@pytest.mark.parametrize("amount", [0, -3])
def test_a_negative_amount_cannot_do_the_opposite_under_another_name(books: Books, amount: int) -> None:
    with pytest.raises(Refused, match="大于 0"):
        move(Place("reserve", "A1"), unit(1, "A1"), amount)
    with pytest.raises(Refused, match="大于 0"):
        reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"C1": amount})


def test_an_upper_line_does_not_open_the_border_between_the_tiers(books: Books) -> None:
    lines = [
        Line(Place("reserve", "A1", Tier.TOWNSHIP), 4),
        Line(Place("upper", "A1"), 1),
        Line(Place("reserve", "A1", Tier.DISTRICT), -5),
    ]
    draft = EntryDraft(EntryKind.POOL, books.office, MAY, "调整", lines)
    with pytest.raises(Refused) as refused:
        post_entry(actor=books.actor, draft=draft)
    assert refused.value.codes == ["R07"]


def test_the_reserve_moves_between_tiers_by_an_upper_document_only(books: Books) -> None:
    ends: dict[str, Any] = {"measure": "A1", "from_tier": Tier.DISTRICT, "to_tier": Tier.TOWNSHIP, "amount": 6}
    with pytest.raises(Refused) as refused:
        move_reserve(actor=books.actor, basis=books.basis(MAY), **ends)
    assert refused.value.codes == ["R07"]
    move_reserve(actor=books.actor, basis=books.basis(MAY, upper=True), **ends)
    assert (totals(MAY)["reserve", "district", "A1"], totals(MAY)["reserve", "township", "A1"]) == (94, 36)
    with pytest.raises(Refused, match="同一层级"):
        move_reserve(actor=books.actor, basis=books.basis(MAY, upper=True), **{**ends, "to_tier": Tier.DISTRICT})


def test_quota_is_given_only_to_what_lives_on_the_very_day(books: Books) -> None:
    day_before = FOUNDED - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(day_before), organization_id=books.bureau.pk, amounts={"A1": 1})
    assert refused.value.codes == ["R10"]
    early = EntryDraft(EntryKind.OPENING, books.office, day_before, "期初", [
        Line(unit(books.bureau.pk, "A1"), 1), Line(Place("upper", "A1"), -1)])  # fmt: skip
    late = replace(early, effective_on=MAY)
    with pytest.raises(Refused, match="尚未设立"):
        post_entries(actor=books.actor, drafts=[early, late])


def test_an_abolished_unit_can_still_give_back_what_it_holds_but_gets_no_more(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.township.pk, amounts={"A1": 7})
    books.township.versions.update(valid_to=MAY)
    books.township.versions.create(
        name="原测试镇", org_type="70", tier=Tier.TOWNSHIP, document=books.office, valid_from=MAY,
        status=OrganizationStatus.ABOLISHED,
    )  # fmt: skip
    reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.township.pk, amounts={"A1": 7})
    assert totals(MAY)["reserve", "township", "A1"] == 30
    with pytest.raises(Refused) as refused:
        allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.township.pk, amounts={"A1": 1})
    assert refused.value.codes == ["R10"]


def ended(books: Books, organization: Organization, day: date = MAY) -> None:
    abolish(actor=books.actor, organization_id=organization.pk, document=books.upper, effective_on=day)


def test_a_unit_that_has_ended_is_given_nothing_dated_back_that_would_stay_with_it(books: Books) -> None:
    ended(books, books.bureau)
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused, match="自 2021-05-01 起不再存续，登记后在 2021-05-01 仍将有行政编制 3 名") as refused:
        allot(actor=books.actor, basis=books.basis(APRIL), organization_id=books.bureau.pk, amounts={"A1": 3})
    assert (refused.value.codes, LedgerEntry.objects.count()) == (["R10"], before)


def test_what_came_and_went_before_a_unit_ended_can_still_be_registered_in_one(books: Books) -> None:
    ended(books, books.bureau)
    own, reserve = unit(books.bureau.pk, "A1"), Place("reserve", "A1")
    came = EntryDraft(EntryKind.INCREASE, books.office, APRIL, "漏登的核增", move(reserve, own, 3))
    went = EntryDraft(EntryKind.ABOLISHED, books.office, MAY, "撤销收回", move(own, reserve, 3))
    post_entries(actor=books.actor, drafts=[came, went])
    assert approved([books.bureau.pk], APRIL)[books.bureau.pk, "A1"] == 3
    assert approved([books.bureau.pk], MAY)[books.bureau.pk, "A1"] == 0


def test_a_reduction_of_a_unit_that_has_ended_is_not_reversed_into_it(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    entry = reduce(actor=books.actor, basis=books.basis(APRIL), organization_id=books.bureau.pk, amounts={"A1": 5})
    ended(books, books.bureau)
    with pytest.raises(Refused) as refused:
        reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="登记错误")
    assert refused.value.codes == ["R10"]


def test_a_unit_does_not_end_before_a_day_on_which_it_is_given_something(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 2})
    with pytest.raises(Refused, match="2021-04-01 之后还登记有行政编制 2 名（2021-05-01 起）") as refused:
        ended(books, books.bureau, APRIL)
    assert refused.value.codes == ["L1"]


def test_nothing_dated_back_stays_with_a_body_that_was_closed(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    section = books.section(books.bureau)
    close_body(actor=books.actor, body_id=section.pk, document=books.office, effective_on=MAY)
    with pytest.raises(Refused, match="内设机构自 2021-05-01 起不再存续") as refused:
        allot_to_body(
            actor=books.actor, basis=books.basis(APRIL), organization_id=books.bureau.pk, body_id=section.pk,
            amounts={"A1": 4},
        )  # fmt: skip
    assert refused.value.codes == ["R10"]


def become(books: Books, org_type: str, day: date) -> None:
    change_nature(
        actor=books.actor, organization_id=books.school.pk, document=books.upper, effective_on=day, org_type=org_type
    )


@pytest.mark.parametrize(("org_type", "rule"), [("31", "R05"), ("35", "R11")])
def test_a_unit_does_not_become_what_may_not_hold_the_quota_it_gets_later(
    books: Books, org_type: str, rule: str
) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk, amounts={"B1": 4})
    with pytest.raises(Refused, match="仍持有事业编制（全额） 4 名") as refused:
        become(books, org_type, APRIL)
    assert refused.value.codes == [rule]


@pytest.mark.parametrize(("org_type", "rule"), [("31", "R05"), ("35", "R11")])
def test_quota_dated_back_is_judged_by_what_the_unit_has_become_too(books: Books, org_type: str, rule: str) -> None:
    become(books, org_type, MAY)
    with pytest.raises(Refused, match="在 2021-05-01 机构类别调整之后仍将持有") as refused:
        allot(actor=books.actor, basis=books.basis(APRIL), organization_id=books.school.pk, amounts={"B1": 4})
    assert refused.value.codes == [rule]


def test_quota_dated_back_that_is_gone_before_the_unit_changes_its_nature_may_be_registered(books: Books) -> None:
    become(books, "31", MAY)
    own, reserve = unit(books.school.pk, "B1"), Place("reserve", "B1")
    came = EntryDraft(EntryKind.INCREASE, books.office, FOUNDED, "漏登的核增", move(reserve, own, 4))
    went = EntryDraft(EntryKind.DECREASE, books.office, APRIL, "漏登的核减", move(own, reserve, 4))
    post_entries(actor=books.actor, drafts=[came, went])
    assert approved([books.school.pk], MAY)[books.school.pk, "B1"] == 0


def begun_on(books: Books, day: date) -> OrganizationVersion:
    version = OrganizationVersion.objects.current().get(organization=books.bureau)
    return correct_version(
        actor=books.actor, version_id=version.pk, document=books.office, reason="设立日期录错", changes={},
        valid_from=day,
    )  # fmt: skip


def test_a_units_first_day_is_not_corrected_past_the_quota_it_got_before(books: Books) -> None:
    entry = allot(actor=books.actor, basis=books.basis(APRIL), organization_id=books.bureau.pk, amounts={"A1": 4})
    with pytest.raises(Refused, match="该单位在 2021-05-01 以前已登记有行政编制 4 名（2021-04-01 起）") as refused:
        begun_on(books, MAY)
    assert refused.value.codes == ["R10"]
    reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="单位尚未设立")
    assert begun_on(books, MAY).valid_from == MAY


def joined(books: Books, day: date) -> None:
    set_joint_office(
        actor=books.actor, organization_id=books.school.pk, document=books.office, effective_on=day,
        quota_holder_id=books.bureau.pk,
    )  # fmt: skip


def test_a_unit_whose_quota_another_one_holds_gets_none_of_its_own(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(APRIL), organization_id=books.school.pk, amounts={"B1": 2})
    joined(books, MAY)
    with pytest.raises(Refused, match="编制由合署主体持有，不能再核给事业编制（全额）") as refused:
        allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk, amounts={"B1": 1})
    assert refused.value.codes == ["R05"]
    reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk, amounts={"B1": 2})
    assert approved([books.school.pk], MAY)[books.school.pk, "B1"] == 0


def test_quota_is_fixed_only_to_a_part_of_the_unit_itself(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    strange = books.section(books.township)
    with pytest.raises(Refused, match="不属于“测试区财政局”"):
        allot_to_body(
            actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, body_id=strange.pk,
            amounts={"A1": 2},
        )  # fmt: skip


def test_a_withdrawn_total_can_be_reversed_without_a_new_upper_document(books: Books) -> None:
    entry = withdraw_total(actor=books.actor, basis=books.basis(MAY), measure="A1", tier=Tier.DISTRICT, amount=10)
    assert totals(MAY)["reserve", "district", "A1"] == 90
    reverse_entry(actor=books.actor, entry=entry, document=books.office, reason="收回数额登记有误")
    assert totals(MAY)["reserve", "district", "A1"] == 100


def test_a_reversal_needs_a_reason(books: Books) -> None:
    entry = LedgerEntry.objects.earliest("pk")
    with pytest.raises(Refused, match="冲正须写明理由"):
        reverse_entry(actor=books.actor, entry=entry, document=books.office, reason=" ")


def test_moves_that_move_nothing_are_refused(books: Books) -> None:
    with pytest.raises(Refused, match="同一个单位"):
        transfer(
            actor=books.actor, basis=books.basis(), from_organization_id=books.bureau.pk,
            to_organization_id=books.bureau.pk, amounts={"A1": 1},
        )  # fmt: skip
    with pytest.raises(Refused, match="同一种编制类型"):
        change_type(
            actor=books.actor, basis=books.basis(), organization_id=books.school.pk, from_measure="B1",
            to_measure="B1", amount=1,
        )  # fmt: skip


def test_a_pool_has_no_tiers_to_move_between(books: Books) -> None:
    issue_total(actor=books.actor, basis=books.basis(upper=True), measure="D1", tier=Tier.DISTRICT, amount=8)
    with pytest.raises(Refused, match="同一个账户"):
        move_reserve(
            actor=books.actor, basis=books.basis(MAY, upper=True), measure="D1", from_tier=Tier.DISTRICT,
            to_tier=Tier.TOWNSHIP, amount=4,
        )  # fmt: skip


def test_a_pool_lends_and_gets_back(books: Books) -> None:
    issue_total(actor=books.actor, basis=books.basis(upper=True), measure="D1", tier=Tier.DISTRICT, amount=8)
    allot(
        actor=books.actor, basis=books.basis(), organization_id=books.school.pk, amounts={"D1": 3}, kind=EntryKind.POOL
    )
    assert totals(MAY)["rotating_pool", "district", "D1"] == 5
    return_to_pool(actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk, amounts={"D1": 3})
    assert totals(MAY)["rotating_pool", "district", "D1"] == 8


def test_a_reduction_tells_the_apps_above_every_level_the_number_will_have(books: Books) -> None:
    section = books.section(books.bureau)
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    allot_to_body(
        actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, body_id=section.pk, amounts={"A1": 4}
    )
    later = date(2022, 1, 1)
    allot(actor=books.actor, basis=books.basis(later), organization_id=books.bureau.pk, amounts={"A1": 5})
    asked: list[objections.Reduction] = []

    def refuse(reduction: objections.Reduction) -> list[Objection]:
        asked.append(reduction)
        return [Objection("R02", "实有人数多于核减后的编制")]

    with patch.object(objections, "_providers", [refuse]):
        with pytest.raises(Refused, match="实有人数"):
            reduce(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 3})
        reduce(
            actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 3},
            allows_overstaffing=True,
        )  # fmt: skip
    assert asked == [objections.Reduction(books.bureau.pk, "A1", 7, MAY, ((MAY, 7), (later, 12)))]
    assert LedgerEntry.objects.get(kind=EntryKind.DECREASE).allows_overstaffing


def test_history_carried_over_asks_neither_totals_nor_matrix_but_still_the_arithmetic(books: Books) -> None:
    held = EntryDraft(
        EntryKind.INCREASE, books.office, MAY, "历史核增",
        [Line(unit(books.bureau.pk, "C1"), 2), Line(Place("upper", "C1"), -2)], carried_over=True,
    )  # fmt: skip
    post_entry(actor=books.actor, draft=held)
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "C1"): 2}
    too_much = replace(held, lines=[Line(Place("upper", "C1"), 3), Line(unit(books.bureau.pk, "C1"), -3)])
    with pytest.raises(Refused) as refused:
        post_entry(actor=books.actor, draft=too_much)
    assert refused.value.codes == ["R06"]


def test_the_queries_of_many_entries_do_not_grow_with_their_number_but_for_the_news(books: Books) -> None:
    def drafts(count: int) -> list[EntryDraft]:
        lines = [Line(unit(books.bureau.pk, "A1"), 1), Line(Place("reserve", "A1"), -1)]
        return [EntryDraft(EntryKind.INCREASE, books.office, MAY, "核增", lines) for _ in range(count)]

    post_entries(actor=books.actor, drafts=drafts(1))
    counts = []
    for count in (2, 12):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            post_entries(actor=books.actor, drafts=drafts(count))
        counts.append(len([query for query in queries if "common_outboxmessage" not in query["sql"]]))
    assert counts[0] == counts[1]


def test_levels_are_those_of_the_day_and_of_each_later_change() -> None:
    history = [(FOUNDED, 5), (MAY, -2), (date(2022, 1, 1), 4)]
    assert levels_from(history, date(2020, 6, 1)) == [(date(2020, 6, 1), 5), (MAY, 3), (date(2022, 1, 1), 7)]


def test_an_account_is_opened_once_and_named_by_its_place(books: Books) -> None:
    places = [unit(books.bureau.pk, "A1"), body(books.bureau.pk, 9, "org_chief")]
    before = Account.objects.count()
    for _ in range(2):
        found = open_accounts(actor=books.actor, places=places[:1], tiers={books.bureau.pk: "district"})
    account = found[places[0].key]
    assert Account.objects.count() == before + 1
    assert (account.key, account.measure_kind, account.tier) == (f"unit:{books.bureau.pk}:A1", "quota", "district")
    assert places[1].key == f"body:{books.bureau.pk}:9:org_chief"
    assert AuditEntry.objects.filter(action="ledger.accounts_opened", subject_id=str(account.pk)).count() == 1
