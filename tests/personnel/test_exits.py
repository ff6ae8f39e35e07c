"""出编: with its papers, by the clock, and with everything that hangs on the occupancy (R12, R19, R20)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.personnel.models import Appointment, DutyPeriod, Movement, Occupancy, Secondment
from bianzhi.personnel.rules.modes import evidence_of_exit
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.exits import ExitOrder, delist
from tests.cast import FOUNDED, TODAY, seat


def test_an_exit_ends_the_occupancy_the_day_after_the_last_day(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    movement = cast.leave(occupancy, "O07", on=date(2026, 2, 27), today=TODAY, destination="区外企业")
    occupancy.refresh_from_db()
    assert (occupancy.valid_to, occupancy.exit_mode) == (date(2026, 2, 28), "O07")
    assert (occupancy.exit_event_on, occupancy.exit_destination) == (date(2026, 2, 27), "区外企业")
    assert quota_use([cast.bureau.pk], date(2026, 2, 27))[cast.bureau.pk, "A1"].occupied == 1
    assert quota_use([cast.bureau.pk], date(2026, 2, 28))[cast.bureau.pk, "A1"].occupied == 0
    assert (movement.family, movement.effective_on, movement.is_overdue) == ("exit", date(2026, 2, 28), False)
    assert movement.evidence == list(evidence_of_exit("O07"))
    assert AuditEntry.objects.filter(action="personnel.delisted").count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.delisted", key=movement.number).exists()


def test_a_retirement_ends_with_its_month(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts(born=date(1966, 2, 3)))
    cast.leave(occupancy, "O01", on=date(2026, 6, 3), today=TODAY)
    occupancy.refresh_from_db()
    assert occupancy.valid_to == date(2026, 7, 1)


def test_a_retirement_in_another_month_than_computed_is_remarked(cast):
    occupancy = cast.member(cast.bureau, facts=cast.facts(born=date(1966, 2, 3)))
    outcome = delist(actor=cast.clerk, today=date(2026, 5, 20), order=ExitOrder(
        person_id=occupancy.person_id, mode="O01", event_on=date(2026, 5, 1), document=cast.document,
        evidence=evidence_of_exit("O01"),
    ))  # fmt: skip
    assert [remark.code for remark in outcome.remarks] == ["R18"]


def test_every_paper_of_the_mode_is_asked_for(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    order = ExitOrder(
        person_id=occupancy.person_id, mode="O07", event_on=TODAY, document=cast.document, evidence=["辞职申请"]
    )
    with pytest.raises(Refused, match="单位研究意见或批复") as refused:
        delist(actor=cast.office, today=TODAY, order=order)
    assert refused.value.codes == ["R12"]
    occupancy.refresh_from_db()
    assert occupancy.valid_to is None


@pytest.mark.parametrize(
    ("today", "overdue"),
    [(date(2026, 3, 16), False), (date(2026, 3, 17), True)],
)
def test_an_exit_is_due_ten_working_days_after_the_last_day(cast, today, overdue):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    movement = cast.leave(occupancy, "O07", on=date(2026, 3, 2), today=today)
    assert movement.is_overdue is overdue


def test_nobody_leaves_twice(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.leave(occupancy)
    with pytest.raises(Refused, match="目前不在编") as refused:
        cast.leave(occupancy)
    assert refused.value.codes == ["R04"]
    assert Movement.objects.filter(family="exit").count() == 1


def test_nobody_leaves_before_coming_or_before_it_happened(cast):
    occupancy = cast.member(cast.bureau)
    with pytest.raises(Refused, match="早于入编时间"):
        cast.leave(occupancy, on=date(2026, 2, 27))
    with pytest.raises(Refused, match="尚未到来"):
        cast.leave(occupancy, on=date(2026, 3, 9))


def test_leaving_needs_the_permission(cast):
    occupancy = cast.member(cast.bureau)
    order = ExitOrder(person_id=occupancy.person_id, mode="O10", event_on=TODAY, document=cast.document)
    with pytest.raises(Denied):
        delist(actor=cast.outsider, today=TODAY, order=order)


def test_freed_quota_of_a_frozen_type_is_withdrawn_in_the_same_act(cast):
    worker = seat(cast, cast.bureau, "C1")
    cast.leave(worker)
    off_on = date(2026, 3, 3)
    assert approved([cast.bureau.pk], TODAY)[cast.bureau.pk, "C1"] == 2
    assert approved([cast.bureau.pk], off_on)[cast.bureau.pk, "C1"] == 1
    assert totals(off_on)["withdrawn", "district", "C1"] == 1
    entry = LedgerEntry.objects.get(kind=EntryKind.FROZEN_RELEASE)
    assert entry.effective_on == off_on
    assert entry.document == cast.document
    assert quota_use([cast.bureau.pk], off_on)[cast.bureau.pk, "C1"] == QuotaUse(1, 0, 0)


def test_an_exit_from_an_over_staffed_frozen_type_only_lowers_the_excess(cast):
    workers = [seat(cast, cast.bureau, "C1") for _ in range(2)]
    workers.append(seat(cast, cast.bureau, "C1", over_quota=True))
    cast.leave(workers[0])
    assert not LedgerEntry.objects.filter(kind=EntryKind.FROZEN_RELEASE).exists()
    assert quota_use([cast.bureau.pk], date(2026, 3, 3))[cast.bureau.pk, "C1"] == QuotaUse(2, 2, 0)


def test_pooled_quota_returns_to_its_pool(cast):
    teacher = cast.member(cast.school, "D1", on=date(2024, 5, 6), term_until=date(2027, 1, 1))
    assert totals(TODAY)["rotating_pool", "district", "D1"] == 2
    cast.leave(teacher)
    assert approved([cast.school.pk], date(2026, 3, 3))[cast.school.pk, "D1"] == 2
    assert totals(date(2026, 3, 3))["rotating_pool", "district", "D1"] == 3


def test_posts_duty_and_secondments_end_with_the_occupancy(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    person, paper = occupancy.person, cast.document
    post = Appointment.objects.create(
        person=person,
        organization=cast.bureau,
        position="局长",
        post_level="org_chief",
        valid_from=FOUNDED,
        document=paper,
    )
    duty = DutyPeriod.objects.create(person=person, state="on_quota_seconded_out", valid_from=FOUNDED)
    lent = Secondment.objects.create(
        person=person, mode="B01", from_organization=cast.bureau, to_organization=cast.audit_office,
        valid_from=FOUNDED, planned_until=date(2027, 1, 1), document=paper,
    )  # fmt: skip
    cast.leave(occupancy)
    for row in (post, duty, lent):
        row.refresh_from_db()
        assert row.valid_to == date(2026, 3, 3)
    assert post.end_document == paper


def test_a_dead_row_is_never_reopened(cast):
    from django.db import DatabaseError, transaction

    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.leave(occupancy)
    with pytest.raises(DatabaseError, match="不能重新打开"), transaction.atomic():
        Occupancy.objects.filter(pk=occupancy.pk).update(valid_to=None)


def test_a_place_is_settled_by_the_release_alone_as_well(cast):
    """Whoever closes an occupancy by another way settles its place by the same service."""
    from bianzhi.personnel.services.releases import release_quota

    worker = seat(cast, cast.bureau, "C1", valid_to=date(2026, 3, 3))
    entry = release_quota(actor=cast.clerk, today=TODAY, occupancy=worker, on=date(2026, 3, 3), document=cast.document)
    assert entry is not None
    assert entry.kind == EntryKind.FROZEN_RELEASE
    clerk = seat(cast, cast.bureau, "A1", valid_to=date(2026, 3, 3))
    assert (
        release_quota(actor=cast.clerk, today=TODAY, occupancy=clerk, on=date(2026, 3, 3), document=cast.document)
        is None
    )
