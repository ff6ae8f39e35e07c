"""Reading a form for a command: what must be there is given, or the refusal says what is missing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.rules import measures
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.rules.cleaning import MISSING

Row = Mapping[str, Any]
OUTSIDE_SYSTEM: Final = "M23"


def required_day(draft: CaseDraft, name: str) -> date:
    """The day a field holds. Raises Refused (M01) while it is not filled in."""
    day = draft.day(name)
    if day is None:
        raise missing(draft, name)
    return day


def required_key(draft: CaseDraft, name: str) -> int:
    """The key a field holds. Raises Refused (M01) while it is not filled in."""
    key = draft.key(name)
    if key is None:
        raise missing(draft, name)
    return key


def missing(draft: CaseDraft, *names: str) -> Refused:
    """The refusal that names the fields left out."""
    labels = {spec.name: spec.label for spec in draft.specs}
    message = f"未填写：{'、'.join(labels.get(name, name) for name in names)}"
    return Refused([Objection(MISSING, message, Severity.BLOCK, {"未填": len(names)}, "请补充后重新提交")])


def optional_day(row: Row, name: str) -> date | None:
    """The day a cell of a table holds."""
    try:
        return date.fromisoformat(str(row.get(name) or ""))
    except ValueError:
        return None


def counted(rows: Iterable[Row], number: str = "count") -> int:
    """The sum of a column; cells that are not numbers yet count nothing."""
    return sum(row[number] for row in rows if isinstance(row.get(number), int))


def by_measure(rows: Iterable[Row], measure: str = "quota_type", number: str = "count") -> dict[str, int]:
    """Numbers of a table by quota type, in the order the types first occur."""
    found: dict[str, int] = {}
    for row in rows:
        if row.get(measure) and isinstance(row.get(number), int):
            found[str(row[measure])] = found.get(str(row[measure]), 0) + int(row[number])
    return found


def in_words(amounts: Mapping[str, int]) -> str:
    """Amounts by their names: 行政编制 2 名、全额事业编制 1 名."""
    return "、".join(f"{measures.label(code)} {number} 名" for code, number in amounts.items())
