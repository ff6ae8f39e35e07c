"""任职: leadership posts are counted by level, 兼职 once, 高配 by document (R09)."""

from dataclasses import replace
from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Appointment, Movement
from bianzhi.personnel.rules.leadership import is_high_rank, rank_of_post
from bianzhi.personnel.selectors.quota_use import QuotaUse, post_use
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint, end_appointment
from bianzhi.personnel.services.decisions import Override
from tests.cast import TODAY


def order(cast, occupancy, **facts):
    given = {"position": "局长", "post_level": "org_chief", "rank_code": "141"} | facts
    return AppointmentOrder(
        person_id=occupancy.person_id, organization_id=given.pop("organization_id", cast.bureau.pk),
        effective_on=TODAY, document=cast.document, **given,
    )  # fmt: skip


def test_an_appointment_takes_its_post_and_leaves_a_movement(cast):
    member = cast.member(cast.bureau)
    appointment, remarks = appoint(actor=cast.clerk, today=TODAY, order=order(cast, member))
    assert remarks == ()
    assert post_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "org_chief"] == QuotaUse(1, 1, 0)
    assert (appointment.is_high_rank, appointment.exceeds_posts) == (False, False)
    assert Movement.objects.filter(mode="T05", person=member.person).count() == 1
    assert AuditEntry.objects.get(action="personnel.appointed").seals.count() == 2
    assert OutboxMessage.objects.filter(topic="personnel.appointed").exists()


def test_one_too_many_is_refused_unless_the_director_has_a_paper(cast):
    appoint(actor=cast.clerk, today=TODAY, order=order(cast, cast.member(cast.bureau)))
    second = cast.member(cast.bureau)
    with pytest.raises(Refused, match="核定 1 名，已配 1 名") as refused:
        appoint(actor=cast.clerk, today=TODAY, order=order(cast, second))
    assert refused.value.codes == ["R09"]
    override = Override(frozenset({"R09"}), "区委决定过渡期配备")
    with pytest.raises(Refused, match="依据文件"):
        appoint(actor=cast.director, today=TODAY, order=order(cast, second), override=override)
    with pytest.raises(Denied):
        appoint(
            actor=cast.clerk, today=TODAY, override=override,
            order=order(cast, second, basis_document=cast.upper_document),
        )  # fmt: skip
    appointment, _ = appoint(
        actor=cast.director, today=TODAY, override=override,
        order=order(cast, second, basis_document=cast.upper_document),
    )  # fmt: skip
    assert appointment.exceeds_posts
    assert post_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "org_chief"].over == 1


def test_a_second_post_is_held_beside_the_principal_one_and_counted_once(cast):
    member = cast.member(cast.bureau)
    appoint(actor=cast.clerk, today=TODAY, order=order(cast, member))
    also = {"organization_id": cast.audit_office.pk, "position": "局长（兼）"}
    with pytest.raises(Refused, match="主要职务“局长”") as refused:
        appoint(actor=cast.clerk, today=TODAY, order=order(cast, member, **also))
    assert "R09" in refused.value.codes
    appoint(actor=cast.clerk, today=TODAY, order=order(cast, member, is_principal=False, **also))
    assert post_use([cast.audit_office.pk], TODAY)[cast.audit_office.pk, "org_chief"].occupied == 0


@pytest.mark.parametrize(
    ("level", "body", "expected"),
    [
        ("org_chief", "141", "141"), ("org_deputy", "141", "142"), ("org_chief", "131", "131"),
        ("org_deputy", "131", "132"), ("body_chief", "151", "150"), ("org_chief", "192", ""), ("", "141", ""),
    ],
)  # fmt: skip
def test_the_rank_of_a_post_follows_from_the_level_and_the_body(level, body, expected):
    assert rank_of_post(level, body) == expected


@pytest.mark.parametrize(
    ("level", "body", "person", "high"),
    [
        ("org_chief", "141", "132", True), ("org_chief", "141", "141", False), ("org_deputy", "141", "141", True),
        ("org_deputy", "141", "150", False), ("org_chief", "", "111", False), ("org_chief", "141", "232", False),
    ],
)  # fmt: skip
def test_a_rank_above_the_post_is_high(level, body, person, high):
    assert is_high_rank(level, body, person) is high


def test_a_rank_above_the_post_needs_its_document_and_is_flagged(cast):
    member = cast.member(cast.bureau)
    with pytest.raises(Refused, match="高配") as refused:
        appoint(actor=cast.clerk, today=TODAY, order=order(cast, member, rank_code="132"))
    assert refused.value.codes == ["R09"]
    appointment, _ = appoint(
        actor=cast.clerk, today=TODAY, order=order(cast, member, rank_code="132", basis_document=cast.upper_document)
    )
    assert appointment.is_high_rank


def test_somebody_from_another_unit_is_remarked(cast):
    member = cast.member(cast.audit_office)
    _, remarks = appoint(actor=cast.clerk, today=TODAY, order=order(cast, member))
    assert [remark.code for remark in remarks] == ["R09"]


def test_an_ended_appointment_frees_its_post(cast):
    appointment, _ = appoint(actor=cast.clerk, today=TODAY, order=order(cast, cast.member(cast.bureau)))
    later = date(2026, 4, 1)
    end_appointment(
        actor=cast.clerk, today=later, appointment_id=appointment.pk, effective_on=later, document=cast.document
    )
    appointment.refresh_from_db()
    assert (appointment.valid_to, appointment.end_document) == (later, cast.document)
    use = post_use([cast.bureau.pk], later)[cast.bureau.pk, "org_chief"]
    assert use == QuotaUse(1, 0, 0)
    assert AuditEntry.objects.filter(action="personnel.appointment_ended").count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.appointment_ended").exists()
    with pytest.raises(Refused):
        end_appointment(
            actor=cast.clerk, today=later, appointment_id=appointment.pk, effective_on=later, document=cast.document
        )


def test_a_principal_post_does_not_reach_back_into_one_that_ended(cast):
    member = cast.member(cast.bureau)
    first, _ = appoint(actor=cast.clerk, today=TODAY, order=order(cast, member))
    later = date(2026, 4, 1)
    end_appointment(actor=cast.clerk, today=later, appointment_id=first.pk, effective_on=later, document=cast.document)
    deputy = order(cast, member, position="副局长", post_level="org_deputy", rank_code="142")
    with pytest.raises(Refused, match="到 2026-04-01 才结束") as refused:
        appoint(actor=cast.clerk, today=later, order=deputy)
    assert refused.value.codes == ["D3"]
    appoint(actor=cast.clerk, today=later, order=replace(deputy, is_principal=False))
    appoint(actor=cast.clerk, today=later, order=replace(deputy, effective_on=later))
    assert post_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "org_deputy"].occupied == 0


def test_the_database_refuses_a_post_too_many_whoever_writes(cast):
    from django.db import IntegrityError, transaction

    appoint(actor=cast.clerk, today=TODAY, order=order(cast, cast.member(cast.bureau)))
    other = cast.member(cast.bureau)
    with pytest.raises(IntegrityError, match="R09"), transaction.atomic():
        Appointment.objects.create(
            person=other.person, organization=cast.bureau, position="局长", post_level="org_chief",
            valid_from=TODAY, document=cast.document,
        )  # fmt: skip


def test_appointing_needs_the_permission(cast):
    with pytest.raises(Denied):
        appoint(actor=cast.outsider, today=TODAY, order=order(cast, cast.member(cast.bureau)))
