"""What stands in the way of a unit's new applications today (R12, R13)."""

from collections.abc import Collection
from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.selectors.owed_exits import owed_exits
from bianzhi.supervision.models import Problem, RectificationOrder
from bianzhi.supervision.rules.locks import Late, Owed, Standing, objections_to_applications


def locks_on(organization_id: int, day: date) -> list[Objection]:
    """Why new applications of a unit are not accepted on a day; empty when nothing stands against them.

    Overdue exits (R12), problems that lock the unit until 销号, rectifications overdue (W13); each of severity
    "override". There is no lock to be lifted: what no longer holds is no longer found.
    """
    return objections_to_applications(
        names_on([organization_id], day).get(organization_id, "该单位"),
        [Owed(each.occupancy.person.name, each.deadline) for each in owed_exits(day, [organization_id])],
        [
            Standing(number, codes("problem_kind").label(kind))
            for number, kind in Problem.objects.locking()
            .filter(organization_id=organization_id)
            .order_by("number")
            .values_list("number", "kind")
        ],
        [
            Late(number, due_on)
            for number, due_on in RectificationOrder.objects.overdue_on(day)
            .filter(organization_id=organization_id)
            .order_by("due_on")
            .values_list("number", "due_on")
        ],
    )


def remaining_locks(organization_id: int, day: date) -> str:
    """What whoever has just taken a lock of a unit away is told of those that stay; empty where none does."""
    count = len(locks_on(organization_id, day))
    return f"该单位另有 {count} 项限制，新的申请仍不受理" if count else ""


def locked_units(organization_ids: Collection[int], day: date) -> set[int]:
    """Those of the units that have a problem or a late rectification standing against them; two queries."""
    ids = list(organization_ids)
    problems = Problem.objects.locking().filter(organization_id__in=ids).values_list("organization_id", flat=True)
    orders = RectificationOrder.objects.overdue_on(day).filter(organization_id__in=ids)
    return {*problems, *orders.values_list("organization_id", flat=True)}
