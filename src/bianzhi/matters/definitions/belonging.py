"""Whether the people a form names are the unit's own.

A case carries great authority, so every command that touches a person asks.
"""

from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.declarations import CaseDraft
from bianzhi.personnel.models import Occupancy, Person

NOT_OURS = "M21"


def member_of_unit(draft: CaseDraft, name: str, *, organization_id: int | None = None) -> Person:
    """The person a field names, on quota at the case's unit (or at `organization_id`). Raises Refused (M21)."""
    unit = organization_id or draft.organization_id
    person_id = draft.key(name)
    rows = Occupancy.objects.open_ended().filter(person_id=person_id or 0, organization_id=unit)
    occupancy = rows.select_related("person").first()
    if occupancy is None:
        person = Person.objects.filter(pk=person_id or 0).first()
        message = f"{person.name if person else '所选人员'}不在该单位在编人员中"
        raise Refused([Objection(NOT_OURS, message, Severity.BLOCK, {}, "请从本单位在编人员中选择")])
    return occupancy.person


def name_of_person(draft: CaseDraft, name: str) -> str:
    """The name of the person a field names, for titles; "" while it is not filled in."""
    person_id = draft.key(name)
    if person_id is None:
        return ""
    return Person.objects.filter(pk=person_id).values_list("name", flat=True).first() or ""
