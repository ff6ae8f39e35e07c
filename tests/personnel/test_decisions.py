"""What the database refuses reaches the official as a rule with a next step, on both engines."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Appointment, ApprovalSlot, Engagement, Movement, Occupancy, Person
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.persons import new_person
from tests.cast import FOUNDED, TODAY, seat


def stranger(cast):
    person = new_person(cast.facts())
    person.save()
    return person


def occupy(cast, person, organization, **facts):
    return Occupancy.objects.create(
        person=person, organization=organization, quota_type="A1", entry_mode="I01", entry_document=cast.document,
        **{"valid_from": TODAY, **facts},
    )  # fmt: skip


def one_too_many(cast):
    for _ in range(4):
        seat(cast, cast.audit_office, "A1")
    occupy(cast, stranger(cast), cast.audit_office)


def a_second_place(cast):
    occupy(cast, seat(cast, cast.bureau, "A1").person, cast.audit_office)


def an_overlapping_past(cast):
    occupy(cast, seat(cast, cast.bureau, "A1").person, cast.audit_office, valid_to=date(2026, 4, 1))


def a_used_slot(cast):
    slot = cast.approve(cast.bureau).slots[0]
    cast.enlist(slot)
    occupy(cast, stranger(cast), cast.bureau, slot=slot)


def a_lapsed_slot(cast):
    slot = cast.approve(cast.bureau).slots[0]
    ApprovalSlot.objects.filter(pk=slot.pk).update(state="returned", released_on=TODAY)
    ApprovalSlot.objects.filter(pk=slot.pk).update(state="reserved", released_on=None)


def a_second_chief(cast):
    for _ in range(2):
        Appointment.objects.create(
            person=stranger(cast), organization=cast.bureau, position="局长", post_level="org_chief",
            valid_from=FOUNDED, document=cast.document,
        )  # fmt: skip


def a_second_principal_post(cast):
    person = stranger(cast)
    for _ in range(2):
        Appointment.objects.create(
            person=person, organization=cast.bureau, position="科员", valid_from=FOUNDED, document=cast.document
        )


def a_helper_beyond_the_cap(cast):
    for _ in range(3):
        Engagement.objects.create(
            person=stranger(cast), organization=cast.bureau, kind="E2", valid_from=FOUNDED, document=cast.document
        )


def a_known_number(cast):
    facts = cast.facts()
    new_person(facts).save()
    new_person(facts).save()


def a_second_reversal(cast):
    cast.member(cast.bureau)
    movement = Movement.objects.get()
    for number in ("X1", "X2"):
        Movement.objects.create(
            number=number, family="correction", mode="I01", person=movement.person, event_on=TODAY, effective_on=TODAY,
            filed_on=TODAY, document=cast.document, reverses=movement,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (one_too_many, "R02"), (a_second_place, "R04"), (an_overlapping_past, "R04"), (a_used_slot, "R01"),
        (a_lapsed_slot, "R01"), (a_second_chief, "R09"), (a_second_principal_post, "R09"),
        (a_helper_beyond_the_cap, "R22"), (a_known_number, "R04"), (a_second_reversal, "R26"),
    ],
)  # fmt: skip
def test_a_refusal_of_the_database_is_told_as_its_rule(cast, write, code):
    with pytest.raises(Refused) as refused, transaction.atomic():
        explained(write)(cast)
    (objection,) = refused.value.objections
    assert objection.code == code
    assert f"（{code}）" in objection.message or code == "R01"
    assert objection.next_step


def test_a_refusal_nobody_promised_is_not_dressed_up_as_a_rule(cast):
    stranger(cast)

    def nonsense():
        Person.objects.filter(name__startswith="测试").update(sex=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        explained(nonsense)()
