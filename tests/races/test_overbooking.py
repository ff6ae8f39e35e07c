"""The last vacancy goes to one of them, whoever asks and through whatever door (R02; security.md §6)."""

from collections import Counter
from functools import partial
from random import Random

import pytest
from django.db import transaction
from django.db.models import Sum

from bianzhi.common.integrity import findings
from bianzhi.ledger.models import Account, EntryKind, LedgerEntry, Posting
from bianzhi.ledger.services import reduce
from bianzhi.personnel.models import ApprovalSlot, Movement, Occupancy, Person, SlotState, StaffingApproval
from bianzhi.personnel.rules.modes import evidence_of_entry
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, hold_approval
from bianzhi.personnel.services.entries import EntryOrder, enlist
from bianzhi.personnel.services.holding import confirm_approval
from bianzhi.personnel.services.persons import new_person
from bianzhi.personnel.services.transfers import TransferOrder, transfer
from tests.cast import FOUNDED, PERSONNEL_CHECKS, TODAY
from tests.races.conftest import SMALL, THOUSAND, race, race_in_processes

pytestmark = [pytest.mark.race, pytest.mark.timeout(900)]


def uses(units):
    by_key = quota_use([unit.pk for unit in units], TODAY)
    return [by_key.get((unit.pk, "A1"), QuotaUse()) for unit in units]


def shuffled(attempts, seed=1):
    mixed = list(attempts)
    Random(seed).shuffle(mixed)
    return mixed


def entering(cast, slot, facts, mode="I01"):
    order = EntryOrder(
        person=facts, effective_on=TODAY, document=cast.document, slot_id=slot.pk, evidence=evidence_of_entry(mode)[:1]
    )
    return partial(enlist, actor=cast.office, today=TODAY, order=order)


def moving(cast, occupancy, slot):
    order = TransferOrder(occupancy.person_id, slot.pk, TODAY, cast.document)
    return partial(transfer, actor=cast.office, today=TODAY, order=order)


def test_slots_are_granted_up_to_the_vacancies_and_no_further(cast, units, size):
    attempts = [partial(cast.approve, units[n % size.units]) for n in range(size.attempts)]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes["granted"] == size.vacancies
    assert set(outcomes) <= {"granted", "R02", "R03"}
    assert uses(units) == [QuotaUse(size.seats, 0, size.seats)] * size.units
    assert findings(PERSONNEL_CHECKS) == []


def test_of_two_applications_for_the_last_vacancy_one_is_held_and_the_other_refused_at_acceptance(cast):
    cast.fill(cast.audit_office, "A1", 3)
    wanted = ApprovalOrder(cast.audit_office.pk, [SlotRequest("A1", "I01")])
    attempt = partial(hold_approval, actor=cast.office, today=TODAY, order=wanted)
    outcomes = race([attempt, attempt], 2)
    assert outcomes == Counter({"granted": 1, "R03": 1})
    held = StaffingApproval.objects.get(confirmed_on__isnull=True)
    confirm_approval(actor=cast.office, today=TODAY, approval_id=held.pk)
    assert uses([cast.audit_office]) == [QuotaUse(4, 3, 1)]
    assert findings(PERSONNEL_CHECKS) == []


def test_each_slot_admits_one_of_the_many_who_want_it(cast, units, size):
    slots = [slot for unit in units for slot in cast.approve(unit, count=size.seats).slots]
    attempts = [entering(cast, slots[n % len(slots)], cast.facts()) for n in range(size.attempts)]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes["granted"] == size.vacancies
    assert set(outcomes) <= {"granted", "R01", "R01+R02", "R02"}
    assert uses(units) == [QuotaUse(size.seats, size.seats, 0)] * size.units
    assert findings([*PERSONNEL_CHECKS, "audit.chain"]) == []


def test_one_person_enters_one_unit_of_all_that_want_the_same_person(cast, units, size):
    slots = [cast.approve(unit).slots[0] for unit in units]
    facts = cast.facts()
    outcomes = race([entering(cast, slot, facts) for slot in slots], min(size.writers, len(slots)))
    assert outcomes == Counter({"granted": 1, "R04": len(slots) - 1})
    assert Occupancy.objects.count() == Person.objects.count() == 1


def test_entries_and_transfers_meet_on_the_same_slots(cast, units, size):
    """Half of the units are full of people who are wanted by the other half; newcomers want the same slots."""
    givers, takers = units[: size.units // 2], units[size.units // 2 :]
    people = [person for unit in givers for person in cast.fill(unit, "A1", size.seats, on=FOUNDED)]
    slots = [slot for unit in takers for slot in cast.approve(unit, count=size.seats, entry_mode="I06").slots]
    attempts = [moving(cast, person, slot) for person, slot in zip(people, slots, strict=True)]
    attempts += [moving(cast, person, slot) for person, slot in zip(people, reversed(slots), strict=True)]
    attempts += [entering(cast, slot, cast.facts(), "I06") for slot in slots]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes["granted"] == len(slots)
    assert [use.occupied for use in uses(takers)] == [size.seats] * len(takers)
    transferred = Movement.objects.filter(mode="T03").count()
    assert sum(use.occupied for use in uses(givers)) == len(people) - transferred
    assert findings(PERSONNEL_CHECKS) == []


def test_people_who_change_places_in_opposite_directions_do_not_wait_for_each_other(cast, units, size):
    """Crossing transfers would deadlock if each locked the unit left first."""
    pairs = list(zip(units[::2], units[1::2], strict=True))
    attempts = []
    for left, right in pairs:
        here, there = cast.member(left, on=FOUNDED), cast.member(right, on=FOUNDED)
        attempts.append(moving(cast, here, cast.approve(right, entry_mode="I06").slots[0]))
        attempts.append(moving(cast, there, cast.approve(left, entry_mode="I06").slots[0]))
    outcomes = race(attempts, min(size.writers, len(attempts)))
    assert outcomes == Counter({"granted": len(attempts)})
    assert uses(units) == [QuotaUse(size.seats, 1, 0)] * size.units


def test_a_cut_and_an_entry_never_both_get_the_last_place(cast, units, size):
    slots = [slot for unit in units for slot in cast.approve(unit, count=size.seats // 2).slots]
    attempts = [entering(cast, slot, cast.facts()) for slot in slots]
    attempts += [partial(cast.approve, unit) for unit in units for _ in range(size.seats)]
    attempts += [partial(cut, cast, unit) for unit in units for _ in range(size.seats)]
    outcomes = race(shuffled(attempts), size.writers)
    after = uses(units)
    assert all(use.available == 0 for use in after), after
    cuts = size.vacancies - sum(use.approved for use in after)
    new_slots = sum(use.occupied + use.reserved for use in after) - len(slots)
    assert outcomes["granted"] == len(slots) + cuts + new_slots
    assert LedgerEntry.objects.filter(kind=EntryKind.DECREASE).count() == cuts
    assert findings([*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]) == []


def cut(cast, unit):
    reduce(actor=cast.office, basis=cast.basis(TODAY), organization_id=unit.pk, amounts={"A1": 1})


# --- code that checks nothing, or checks and then writes: the database alone must hold ---------------------------


def unsafe_occupancy(cast, unit, person, seats):
    """Read, then write, without any lock: what granted 960 of 200 places when nothing else guarded."""
    with transaction.atomic():
        if Occupancy.objects.filter(organization=unit, quota_type="A1").count() < seats:
            Occupancy.objects.create(
                person=person, organization=unit, quota_type="A1", entry_mode="I01", valid_from=TODAY,
                entry_document=cast.document,
            )  # fmt: skip
        else:
            cast_off(unit)


def cast_off(unit):
    from django.db import IntegrityError

    raise IntegrityError(f"{unit} is full")


def unsafe_slot(cast, unit, number):
    with transaction.atomic():
        approval = StaffingApproval.objects.create(
            number=f"X{number}", organization=unit, issued_on=TODAY, valid_until=TODAY, document=cast.document
        )
        ApprovalSlot.objects.create(
            approval=approval, number=f"X{number}-1", organization=unit, quota_type="A1", entry_mode="I01",
            reserved_on=TODAY,
        )  # fmt: skip


def unsafe_cut(cast, unit, number):
    account = Account.objects.get(organization=unit, measure="A1")
    reserve = Account.objects.get(key="reserve:district:A1")
    with transaction.atomic():
        entry = LedgerEntry.objects.create(
            number=f"X{number}", kind="decrease", document=cast.document, effective_on=TODAY, summary="绕过服务"
        )
        Posting.objects.create(entry=entry, account=reserve, amount=1)
        Posting.objects.create(entry=entry, account=account, amount=-1)


def strangers(cast, count):
    people = [new_person(cast.facts()) for _ in range(count)]
    return Person.objects.bulk_create(people)


def test_unsafe_entries_stop_at_the_number_all_the_same(cast, units, size):
    people = strangers(cast, size.attempts)
    attempts = [
        partial(unsafe_occupancy, cast, units[n % size.units], person, size.seats) for n, person in enumerate(people)
    ]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes == Counter({"granted": size.vacancies, "IntegrityError": size.attempts - size.vacancies})
    assert [use.occupied for use in uses(units)] == [size.seats] * size.units


def test_unsafe_slots_stop_at_the_number_all_the_same(cast, units, size):
    attempts = [partial(unsafe_slot, cast, units[n % size.units], n) for n in range(size.attempts)]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes["granted"] == size.vacancies
    assert ApprovalSlot.objects.filter(state=SlotState.RESERVED).count() == size.vacancies


def test_unsafe_entries_and_unsafe_cuts_together_never_overbook(cast, units, size):
    people = strangers(cast, size.vacancies)
    attempts = [
        partial(unsafe_occupancy, cast, units[n % size.units], person, size.seats) for n, person in enumerate(people)
    ]
    attempts += [partial(unsafe_cut, cast, units[n % size.units], n) for n in range(size.vacancies)]
    outcomes = race(shuffled(attempts), size.writers)
    assert outcomes["granted"] == size.vacancies, "each place was either taken or cut"
    held = Posting.objects.filter(account__kind="unit", account__organization__in=units).aggregate(sum=Sum("amount"))
    assert held["sum"] == Occupancy.objects.count()
    assert all(use.over == 0 for use in uses(units))


# --- the whole: a thousand approvals, twenty times, and the same by code that asks nobody --------------------------

RUNS = 20
TWENTY_TIMES = [
    pytest.param(SMALL, 0, id="small"),
    *(pytest.param(THOUSAND, run, marks=pytest.mark.slow, id=f"run-{run + 1:02}") for run in range(RUNS)),
]
"""A thousand approvals for two hundred places in every run, each in another order."""


@pytest.mark.parametrize(("size", "run"), TWENTY_TIMES)
@pytest.mark.parametrize("racing", [race, race_in_processes], ids=["threads", "processes"])
def test_every_free_place_is_granted_once_in_every_run(cast, units, size, run, racing):
    attempts = [partial(cast.approve, units[n % size.units]) for n in range(size.attempts)]
    outcomes = racing(shuffled(attempts, run), size.writers)
    assert outcomes["granted"] == size.vacancies
    assert set(outcomes) <= {"granted", "R02", "R03"}
    assert uses(units) == [QuotaUse(size.seats, 0, size.seats)] * size.units
    assert findings([*PERSONNEL_CHECKS, "audit.chain"]) == []


@pytest.mark.parametrize(("size", "run"), TWENTY_TIMES)
@pytest.mark.parametrize("racing", [race, race_in_processes], ids=["threads", "processes"])
def test_code_that_goes_round_the_services_overbooks_in_no_run(cast, units, size, run, racing):
    """Half of them take a place without a slot, half reserve slots without the service: no more than is free."""
    people = strangers(cast, size.attempts // 2)
    attempts = [
        partial(unsafe_occupancy, cast, units[n % size.units], person, size.seats) for n, person in enumerate(people)
    ]
    attempts += [partial(unsafe_slot, cast, units[n % size.units], n) for n in range(size.attempts // 2)]
    outcomes = racing(shuffled(attempts, run), size.writers)
    assert outcomes == Counter({"granted": size.vacancies, "IntegrityError": size.attempts - size.vacancies})
    after = uses(units)
    assert [use.occupied + use.reserved for use in after] == [size.seats] * size.units
