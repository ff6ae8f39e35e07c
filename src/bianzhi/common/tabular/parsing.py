"""Typed rows out of a recognised workbook, with every finding at its cell and every totals row compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bianzhi.common.tabular.cells import CellValue, address, text_of
from bianzhi.common.tabular.controls import ControlTotal, StatedTotal, control_totals
from bianzhi.common.tabular.kinds import Field, ImportKind, ValueKind
from bianzhi.common.tabular.problems import CellProblem, Severity
from bianzhi.common.tabular.recognition import Recognition, Role, SheetRecognition
from bianzhi.common.tabular.regions import RowRole, SortedRow, sort_rows
from bianzhi.common.tabular.values import Reading, ValueProblem, read_value
from bianzhi.common.tabular.workbook import Sheet, Workbook

_RARE_BLANK: Final = 0.02
_ENOUGH_ROWS: Final = 50


@dataclass(slots=True)
class ParsedRow:
    """One data row. `number` is Excel's; `values` holds only what was filled in; `columns` says where fields stand."""

    sheet: str
    number: int
    values: dict[str, Any]
    columns: dict[str, int]
    filled_down: frozenset[str] = frozenset()
    rejected: bool = False

    def get(self, key: str) -> Any:
        """The typed value of a field, or None."""
        return self.values.get(key)

    def address(self, key: str) -> str:
        """Excel's name of the cell the field came from; of the row's first cell when it has no column."""
        return address(self.number, self.columns.get(key, 0))


@dataclass(frozen=True, slots=True)
class ParsedSheet:
    """The rows of one sheet, and which of its rows were left out and why."""

    recognition: SheetRecognition
    rows: tuple[ParsedRow, ...] = ()
    left_out: tuple[SortedRow, ...] = ()
    controls: tuple[ControlTotal, ...] = ()

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.recognition.sheet


@dataclass(slots=True)
class ParsedTable:
    """A whole file, read. Further findings are added with `report`; a row with an error counts as rejected."""

    kind: ImportKind
    workbook: Workbook
    sheets: tuple[ParsedSheet, ...]
    problems: list[CellProblem] = field(default_factory=list)

    @property
    def rows(self) -> list[ParsedRow]:
        """The data rows of all sheets, in order."""
        return [row for sheet in self.sheets for row in sheet.rows]

    @property
    def accepted(self) -> list[ParsedRow]:
        """The rows without an error."""
        return [row for row in self.rows if not row.rejected]

    @property
    def rejected(self) -> list[ParsedRow]:
        """The rows with at least one error."""
        return [row for row in self.rows if row.rejected]

    @property
    def errors(self) -> list[CellProblem]:
        """Findings that keep something out."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[CellProblem]:
        """Findings that only want a look."""
        return [problem for problem in self.problems if problem.severity is Severity.WARNING]

    @property
    def controls(self) -> list[ControlTotal]:
        """The totals rows of all sheets."""
        return [control for sheet in self.sheets for control in sheet.controls]

    @property
    def is_clean(self) -> bool:
        """True when there are rows and nothing keeps any of them out."""
        return bool(self.rows) and not self.errors

    def total(self, key: str) -> int:
        """The sum of a count over every data row that could be read, rejected ones included."""
        return sum(row.values.get(key) or 0 for row in self.rows)

    def report(self, row: ParsedRow, key: str, message: str, *, severity: Severity = Severity.ERROR) -> CellProblem:
        """Add a finding of the importing app about a field of a row ("" for the row as a whole)."""
        column = row.columns.get(key)
        label = self.kind.label_of(key) if key else ""
        value = "" if column is None else self.workbook.sheet(row.sheet).text(row.number - 1, column)
        problem = CellProblem(row.sheet, row.number, column, label, value, message, severity, key)
        row.rejected = row.rejected or severity is Severity.ERROR
        self.problems.append(problem)
        return problem


def parse(workbook: Workbook, recognition: Recognition, *, latest: date | None = None) -> ParsedTable:
    """Read every recognised sheet into typed rows. `latest` is the last day a date may name, usually today.

    Never raises for what a cell holds: that becomes a problem. A file without a recognised sheet gives one error that
    says what is missing.
    """
    problems: list[CellProblem] = []
    sheets = []
    for found in recognition.sheets:
        if found.role is Role.TABLE:
            reader = _SheetReader(workbook.sheet(found.sheet), recognition.kind, found, latest)
            sheets.append(reader.read())
            problems += reader.problems
        else:
            sheets.append(ParsedSheet(found))
            problems += _about_unread(found)
    if not recognition.tables:
        problems.append(_nothing_recognised(recognition))
    return ParsedTable(recognition.kind, workbook, tuple(sheets), problems)


def _about_unread(found: SheetRecognition) -> Iterator[CellProblem]:
    if found.role is Role.UNRECOGNISED:
        lacking = "、".join(found.missing)
        message = (
            f"工作表「{found.sheet}」有 {found.filled_rows} 行内容，但没有找到需要的列（缺：{lacking}），这张表未读取"
        )
        yield CellProblem(found.sheet, found.header_row or 1, None, "", "", message, Severity.WARNING)


def _nothing_recognised(recognition: Recognition) -> CellProblem:
    fullest = max(recognition.sheets, key=lambda found: found.filled_rows)
    lacking = "、".join(fullest.missing or recognition.kind.missing(set()))
    message = (
        f"没有找到「{recognition.kind.label}」的表头，缺少：{lacking}。"
        "请确认选对了文件种类，或手工指定表头行和各列的含义"
    )
    return CellProblem(fullest.sheet, fullest.header_row or 1, None, "", "", message)


class _SheetReader:
    """Reads one sheet, remembering what repeated cells were read as: the same 单位 stands in thousands of rows."""

    def __init__(self, sheet: Sheet, kind: ImportKind, found: SheetRecognition, latest: date | None) -> None:
        self.problems: list[CellProblem] = []
        self._sheet = sheet
        self._kind = kind
        self._found = found
        self._latest = latest
        self._columns = found.fields
        self._fields = [(kind.by_key[key], column) for key, column in found.fields.items()]
        self._captions = dict(found.captions)
        self._seen: dict[tuple[str, type, CellValue], Reading | ValueProblem] = {}
        self._above: dict[str, CellValue] = {}
        self._filled_without_merge: dict[str, list[ParsedRow]] = defaultdict(list)

    def read(self) -> ParsedSheet:
        rows: list[ParsedRow] = []
        left_out: list[SortedRow] = []
        stated: list[StatedTotal] = []
        for one in sort_rows(self._sheet, self._kind, self._found):
            if one.role is RowRole.DATA:
                rows.append(self._row(one.index))
            elif one.role is RowRole.TOTAL:
                left_out.append(one)
                stated.append(StatedTotal(one.index + 1, one.text, self._stated(one.index), len(rows)))
            elif one.role is not RowRole.BLANK:
                left_out.append(one)
        self._warn_of_lone_blanks(len(rows))
        controls = self._controls(stated, rows)
        return ParsedSheet(self._found, tuple(rows), tuple(left_out), tuple(controls))

    def _row(self, index: int) -> ParsedRow:
        row = ParsedRow(self._sheet.name, index + 1, {}, self._columns)
        filled_down = set()
        for one, column in self._fields:
            value, was_filled = self._value(index, one, column)
            if was_filled:
                filled_down.add(one.key)
            self._read_into(row, one, column, value)
        row.filled_down = frozenset(filled_down)
        for key, text in self._captions.items():
            self._read_into(row, self._kind.by_key[key], None, text)
        for key in filled_down:
            if (index, self._columns[key]) not in self._sheet.anchors:
                self._filled_without_merge[key].append(row)
        self._check(row)
        return row

    def _value(self, index: int, one: Field, column: int) -> tuple[CellValue, bool]:
        """The cell's own value; a merged block's for all but counts; for a fillable field, the one written above."""
        own = self._sheet.own(index, column)
        filled = False
        if text_of(own) == "" and not one.kind.is_count:
            own = self._sheet.shown(index, column)
            filled = text_of(own) != ""
            if not filled and one.fillable and one.key in self._above:
                own, filled = self._above[one.key], True
        if one.fillable and text_of(own):
            self._above[one.key] = own
        return own, filled

    def _read_into(self, row: ParsedRow, one: Field, column: int | None, value: CellValue) -> None:
        key = (one.key, type(value), value)
        outcome = self._seen.get(key)
        if outcome is None:
            outcome = self._seen[key] = self._outcome(one, value)
        if isinstance(outcome, ValueProblem):
            severity = Severity.WARNING if one.lenient and not one.required else Severity.ERROR
            kept_out = "" if severity is Severity.ERROR else "；已按空白处理"
            self._problem(row, one, column, value, f"{outcome}{kept_out}", severity)
            return
        if outcome.value is not None:
            row.values[one.key] = outcome.value
        if outcome.remark:
            self._problem(row, one, column, value, outcome.remark, Severity.WARNING)

    def _outcome(self, one: Field, value: CellValue) -> Reading | ValueProblem:
        try:
            return read_value(value, one, latest=self._latest)
        except ValueProblem as problem:
            return problem

    def _problem(
        self, row: ParsedRow, one: Field, column: int | None, value: CellValue, message: str, severity: Severity
    ) -> None:
        row.rejected = row.rejected or severity is Severity.ERROR
        self.problems.append(
            CellProblem(row.sheet, row.number, column, one.label, text_of(value), message, severity, one.key)
        )

    def _check(self, row: ParsedRow) -> None:
        """Required fields, one of each group, and the checks of the whole row."""
        reported = (
            {problem.field for problem in reversed(self.problems) if problem.row == row.number}
            if row.rejected
            else set()
        )
        for one in self._kind.fields:
            if one.required and one.key not in row.values and one.key not in reported:
                self._problem(row, one, self._columns.get(one.key), "", self._blank_message(row, one), Severity.ERROR)
        for group in self._kind.needs_one_of:
            if not any(key in row.values for key in group) and not reported.intersection(group):
                present = [key for key in group if key in self._columns]
                one = self._kind.by_key[present[0]]
                labels = "、".join(self._kind.label_of(key) for key in present)
                self._problem(row, one, self._columns[one.key], "", f"{labels}都没有填写，至少要填一项", Severity.ERROR)
        for check in self._kind.checks:
            for key, message, is_error in check(row.values):
                column = self._columns.get(key)
                value = "" if column is None else self._sheet.own(row.number - 1, column)
                severity = Severity.ERROR if is_error else Severity.WARNING
                self._problem(row, self._kind.by_key[key], column, value, message, severity)

    def _blank_message(self, row: ParsedRow, one: Field) -> str:
        column = self._columns.get(one.key)
        anchor = self._sheet.anchors.get((row.number - 1, column)) if column is not None else None
        if one.kind.is_count and anchor is not None and anchor[0] != row.number - 1:
            return f"{one.label}与第 {anchor[0] + 1} 行合并成一格，无法知道每行各是多少，请取消合并后逐行填写"
        return f"{one.label}没有填写，这一项必须有"

    def _warn_of_lone_blanks(self, rows: int) -> None:
        """A few blanks in a column that is otherwise filled row by row are more likely forgotten than meant."""
        for key, filled in self._filled_without_merge.items():
            if rows >= _ENOUGH_ROWS and len(filled) <= _RARE_BLANK * rows:
                for row in filled:
                    one = self._kind.by_key[key]
                    message = f"{one.label}没有填写，暂按上一行的「{row.values.get(key, '')}」理解，请核对"
                    self._problem(row, one, self._columns[key], "", message, Severity.WARNING)

    def _stated(self, index: int) -> dict[str, int]:
        stated = {}
        for one, column in self._fields:
            if one.kind.is_count:
                outcome = self._outcome(one, self._sheet.own(index, column))
                if isinstance(outcome, Reading) and isinstance(outcome.value, int):
                    stated[one.key] = outcome.value
        return stated

    def _controls(self, stated: list[StatedTotal], rows: list[ParsedRow]) -> Iterable[ControlTotal]:
        counted = [one.key for one, _ in self._fields if one.kind in (ValueKind.COUNT, ValueKind.SIGNED_COUNT)]
        counts = [{key: row.values[key] for key in counted if key in row.values} for row in rows]
        controls = control_totals(self._sheet.name, [one for one in stated if one.stated], counts)
        for control in controls:
            for key, difference in control.differences.items():
                message = (
                    f"“{control.label}”行的{self._kind.label_of(key)}写 {control.stated[key]}，"
                    f"{control.scope}相加为 {control.summed[key]}，相差 {abs(difference)}，请核对"
                )
                self.problems.append(
                    CellProblem(
                        control.sheet,
                        control.row,
                        self._columns[key],
                        self._kind.label_of(key),
                        str(control.stated[key]),
                        message,
                        Severity.WARNING,
                        key,
                    )
                )
        return controls
