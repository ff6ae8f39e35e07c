"""A file from its bytes to what it would do: read, recognised, parsed, compared with the register. Writes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bianzhi.common.tabular.parsing import ParsedTable, parse
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.recognising import best_kind, corrected, recognise
from bianzhi.common.tabular.recognition import Recognition
from bianzhi.common.tabular.workbook import Workbook
from bianzhi.imports.models import RememberedMapping
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.imports.selectors.ledger_history import plan_ledger_history
from bianzhi.imports.selectors.organizations import plan_organizations
from bianzhi.imports.selectors.planning import Options, Plan
from bianzhi.imports.selectors.roster import plan_roster
from bianzhi.imports.selectors.staffing_plan import plan_staffing

PLANNERS: Final[Mapping[str, Callable[[ParsedTable, Options], Plan]]] = {
    "organizations": plan_organizations,
    "roster": plan_roster,
    "ledger-history": plan_ledger_history,
    "staffing-plan": plan_staffing,
}


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything a check found out."""

    workbook: Workbook
    recognition: Recognition
    plan: Plan

    @property
    def table(self) -> ParsedTable:
        """The rows with every finding."""
        return self.plan.table

    def counts(self) -> dict[str, Any]:
        """The figures of the check: rows, accepted, rejected, errors, warnings, headcount, by sheet and by action."""
        table = self.table
        headline = self.recognition.kind.headline
        found: dict[str, Any] = {
            "rows": len(table.rows),
            "accepted": len(table.accepted),
            "rejected": len(table.rejected),
            "errors": len(table.errors),
            "warnings": len(table.warnings),
            "actions": self.plan.actions,
            "sheets": [_sheet_counts(sheet) for sheet in table.sheets],
            "controls": [
                {"sheet": one.sheet, "row": one.row, "label": one.label, "agrees": one.agrees} for one in table.controls
            ],
        }
        if headline:
            found["headcount" if headline == "headcount" else "total"] = table.total(headline)
        return found


def examine(workbook: Workbook, kind: str, *, options: Options, corrections: Mapping[str, Any]) -> Examination:
    """Read a workbook as a kind with a person's corrections, and compare it with the register."""
    recognition = recognised(workbook, kind, corrections)
    table = parse(workbook, recognition, latest=options.today)
    return Examination(workbook, recognition, PLANNERS[kind](table, options))


def workbook_of(data: bytes, name: str) -> Workbook:
    """The sheets of an uploaded file. Raises UnreadableFile with a Chinese message."""
    return read_bytes(data, name=name)


def guessed_kind(workbook: Workbook) -> str:
    """The kind of file it most looks like; "" when it looks like none."""
    best = best_kind(workbook, KINDS.values())
    return best.kind.key if best else ""


def recognised(workbook: Workbook, kind: str, corrections: Mapping[str, Any]) -> Recognition:
    """What each sheet and column is taken for, by memory and by a person's corrections."""
    memory = dict(RememberedMapping.objects.filter(kind=kind).values_list("signature", "mapping"))
    found = recognise(workbook, KINDS[kind], remembered=memory)
    names = {sheet.name for sheet in workbook.sheets}
    for sheet, one in corrections.items():
        if sheet in names:
            found = corrected(
                found,
                workbook,
                sheet=sheet,
                fields={int(column): key for column, key in one["fields"].items()} if "fields" in one else None,
                header=tuple(one["header"]) if "header" in one else None,
                captions=one.get("captions"),
                skip=one.get("skip"),
            )
    return found


def options_from(stored: Mapping[str, Any], *, today: date) -> Options:
    """The options a batch keeps as JSON; the register's day is today unless another was given."""
    opening_on = stored.get("opening_on")
    return Options(
        today=today,
        opening_on=min(date.fromisoformat(opening_on), today) if opening_on else today,
        title=stored.get("title") or "",
        year=stored.get("year"),
        update_soft=bool(stored.get("update_soft")),
        skip_rejected=bool(stored.get("skip_rejected")),
    )


def _sheet_counts(sheet: Any) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "role": str(sheet.recognition.role),
        "rows": len(sheet.rows),
        "rejected": sum(row.rejected for row in sheet.rows),
    }
