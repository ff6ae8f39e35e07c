"""What an import would do, worked out against the register without writing anything."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.common.tabular.problems import Severity
from bianzhi.imports.models import Action
from bianzhi.imports.selectors.directory import Found, Unit, UnitDirectory

DEFAULT_FOUNDED = date(1949, 10, 1)
"""From when a unit is registered whose file says nothing of its founding: it was there before the register."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports decides beside the columns.

    `opening_on` is the day of the register (底册日期): quotas taken over take effect on it. `update_soft` lets a
    roster update fields that need no document (R15). `skip_rejected` imports the sound rows of a file with errors.
    """

    today: date
    opening_on: date
    title: str = ""
    year: int | None = None
    update_soft: bool = False
    skip_rejected: bool = False


@dataclass(slots=True)
class UnitDraft:
    """A unit to be established. `facts` are those of its first version; superiors are registered or drafts too."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    parent: "Unit | UnitDraft | None" = None
    supervising: "Unit | UnitDraft | None" = None
    code: str = ""
    uscc: str = ""
    nameplates: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    since: date = DEFAULT_FOUNDED
    id: int | None = None

    @property
    def is_grouping(self) -> bool:
        """Whether it is only a node of the tree."""
        return bool(self.facts.get("is_grouping"))


UnitRef = Unit | UnitDraft


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What becomes of one row, or of one thing in it."""

    sheet: str
    row: int
    action: Action
    subject: str
    detail: str = ""


@dataclass(slots=True)
class Plan:
    """The table with the findings of the register added, and what the accepted rows would do."""

    table: ParsedTable
    changes: list[PlannedChange] = field(default_factory=list)

    def note(self, row: ParsedRow, action: Action, subject: str, detail: str = "") -> None:
        """Add one line of the preview."""
        self.changes.append(PlannedChange(row.sheet, row.number, action, subject, detail))

    def warn(self, row: ParsedRow, key: str, message: str) -> None:
        """Add a finding that lets the row in."""
        self.table.report(row, key, message, severity=Severity.WARNING)

    def reject(self, row: ParsedRow, key: str, message: str) -> None:
        """Add a finding that keeps the row out."""
        self.table.report(row, key, message)

    @property
    def actions(self) -> dict[str, int]:
        """How many lines of each sort the preview has."""
        return dict(Counter(str(change.action) for change in self.changes))

    @property
    def writes(self) -> bool:
        """Whether carrying it out would change the register."""
        return any(change.action in (Action.CREATE, Action.CHANGE) for change in self.changes)


def unknown_unit(directory: UnitDirectory, name: str, found: Found) -> str:
    """The sentence for a unit that cannot be told: none of that name, or several."""
    if found.candidates:
        listed = "、".join(directory.path(unit) for unit in found.candidates[:4])
        return f"「{name}」在系统中有 {len(found.candidates)} 个同名单位：{listed}，请补填主管部门或机构编码"
    nearest = directory.nearest(name)
    if nearest:
        return f"系统中没有「{name}」，名称相近的有：{'、'.join(nearest)}。请按登记名称填写，或先导入机构、登记别名"
    return f"系统中没有「{name}」，请先导入或设立该单位"
