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
        message = "所选人员不在该单位在编人员中"  # whose key it is, is not told: keys can be guessed
        raise Refused([Objection(NOT_OURS, message, Severity.BLOCK, {}, "请从本单位在编人员中选择")])
    return occupancy.person


def name_of_person(draft: CaseDraft, name: str) -> str:
    """The name of the person a field names, for titles; "" while it is not filled in.

    A field for the unit's own people gives nobody else's name away, whatever key was sent.
    """
    rows = Person.objects.filter(pk=draft.key(name) or 0)
    if any(spec.name == name and spec.choices_of == "own" for spec in draft.specs):
        rows = rows.filter(occupancies__organization_id=draft.organization_id)
    return rows.values_list("name", flat=True).first() or ""
