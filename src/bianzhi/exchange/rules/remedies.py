"""What mends a difference or carries out a change: which matter, which problem, or that nothing here can."""

from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

NO_MATTER: Final = "X31"
NO_PERSON: Final = "X32"
NO_UNIT: Final = "X33"
UNDER_WAY: Final = "X34"
SETTLED: Final = "X35"
OFF_QUOTA: Final = "X36"

ENTRY: Final = "P03"
TRANSFER: Final = "P04"
EXIT: Final = "P05"
ATTRIBUTE: Final = "P11"

MATTER_OF_CHANGE: Final = {"hire": ENTRY, "transfer": TRANSFER, "exit": EXIT, "attribute": ATTRIBUTE}
MATTER_OF_GROUP: Final = {"A": ENTRY, "B": EXIT, "C": ATTRIBUTE, "D": TRANSFER, "F": EXIT}
"""Group of a difference → the matter that mends it in the register; E, G and H are mended where they were written."""
JUDGED: Final = frozenset({"same_person"})
"""Kinds that a judgement about who is who settles."""
PROBLEM_OF_KIND: Final = {
    "ghost_payroll": "Q08",
    "retired_paid": "Q08",
    "dead_paid": "Q08",
    "paid_twice": "Q08",
    "duplicate_paid": "Q08",
    "retired_listed": "Q07",
    "dead_listed": "Q07",
    "over_quota": "Q03",
}
"""Kind of difference → kind of problem (code list problem_kind); any other is 实名制数据不实."""
USUAL_PROBLEM: Final = "Q10"
FORM_FIELDS: Final = {
    "name": "name",
    "id_number": "id_number",
    "birth": "born_on",
    "born_on": "born_on",
    "sex": "sex",
    "identity": "identity",
    "since": "started_work_on",
    "started_work_on": "started_work_on",
}
"""Attribute a roster has → field of a person that 信息变更 changes."""
SEXES: Final = {"男": "1", "女": "2"}
EXIT_OF_FINDING: Final = {"retired_listed": "O01", "retired_paid": "O01", "dead_listed": "O10", "dead_paid": "O10"}


@dataclass(frozen=True, slots=True)
class Side:
    """One department's word for an attribute."""

    source: str
    value: str


def agreed_value(sides: list[Side], own: str) -> str:
    """The value all departments but 编办 agree in, where it is not 编办's own; "" when they do not."""
    values = {side.value for side in sides if side.value and side.source != "establishment"}
    if len(values) != 1:
        return ""
    value = values.pop()
    return "" if value == own else value


def no_matter(label: str, next_step: str) -> Objection:
    """No matter of this system mends it."""
    return Objection(NO_MATTER, f"“{label}”不能由本系统的业务事项更正", Severity.BLOCK, {}, next_step)
