"""Who is on quota on a day, who has left, and whom of them a user may see."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from bianzhi.organizations.models.periods import in_force
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.personnel.models import Appointment, DutyPeriod, Engagement, Occupancy, Person, Secondment


def on_quota_rows(day: date) -> QuerySet[Occupancy]:
    """Occupancies in force on a day with their persons, and with the unit's and the body's name of that day."""
    return with_places(Occupancy.objects.as_of(day), day)


def former_rows(day: date) -> QuerySet[Occupancy]:
    """The last occupancy of everybody who has left the quota by a day and not come back."""
    return with_places(_left(day), day)


def with_places(rows: QuerySet[Occupancy], day: date) -> QuerySet[Occupancy]:
    """Rows with `unit_name`, `unit_code`, `body_name` and `body_sort` as on a day, in the same query."""
    return rows.select_related("person", "entry_document").annotate(
        unit_version=_version("organization__versions", day),
        body_version=_version("internal_body__versions", day),
        unit_name=F("unit_version__name"),
        unit_code=F("organization__code"),
        body_name=F("body_version__name"),
        body_sort=F("body_version__sort_order"),
    )


def visible_persons(user: Any, day: date) -> QuerySet[Person]:
    """The persons a user may see as of a day: those who work in the user's units then, or left the quota from them."""
    ids = visible_organization_ids(user, day)
    everybody: QuerySet[Person] = Person.objects.all()
    if ids is None:
        return everybody
    places: list[QuerySet[Any]] = [Occupancy.objects.as_of(day), Engagement.objects.as_of(day), _left(day)]
    within = Q()
    for rows in places:
        within |= Q(pk__in=rows.filter(organization_id__in=ids).values("person_id"))
    return everybody.filter(within)


def duties_on(person_ids: Collection[int], day: date) -> dict[int, DutyPeriod]:
    """The duty state of each person that has one on a day; one query."""
    rows = DutyPeriod.objects.as_of(day).filter(person_id__in=list(person_ids))
    return {row.person_id: row for row in rows}


def positions_on(person_ids: Collection[int], day: date) -> dict[int, list[Appointment]]:
    """The positions of each person on a day, the principal one first; one query."""
    rows = Appointment.objects.as_of(day).filter(person_id__in=list(person_ids)).order_by("-is_principal", "pk")
    found: dict[int, list[Appointment]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def lent_on(person_ids: Collection[int], day: date) -> dict[int, Secondment]:
    """The secondment of each person that is lent somewhere on a day; one query."""
    rows = Secondment.objects.as_of(day).filter(person_id__in=list(person_ids))
    return {row.person_id: row for row in rows}


def with_duty(rows: QuerySet[Occupancy], state: str, day: date) -> QuerySet[Occupancy]:
    """Of occupancies, those whose person is in a state of the code set `duty_state` on a day."""
    duty = DutyPeriod.objects.as_of(day).filter(person=OuterRef("person"))
    lent = Secondment.objects.as_of(day).filter(person=OuterRef("person"), from_organization__isnull=False)
    if state == "over_quota":
        return rows.filter(over_quota=True)
    if state == "on_quota_on_duty":
        return rows.filter(~Exists(duty), ~Exists(lent))
    if state == "on_quota_seconded_out":
        return rows.filter(Exists(lent) | Exists(duty.filter(state=state)))
    return rows.filter(Exists(duty.filter(state=state)))


def _left(day: date) -> QuerySet[Occupancy]:
    later = Occupancy.objects.current().filter(
        person=OuterRef("person"), valid_from__gt=OuterRef("valid_from"), valid_from__lte=day
    )
    return Occupancy.objects.current().exclude(exit_mode="").filter(~Exists(later), valid_to__lte=day)


def _version(relation: str, day: date) -> FilteredRelation:
    prefix = f"{relation}__"
    return FilteredRelation(relation, condition=in_force(day, prefix) & Q(**{f"{prefix}superseded_at__isnull": True}))
