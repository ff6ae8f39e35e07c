"""The district's own workbook handed back with a comment on each suspect cell and a list of all findings.

An .xlsx keeps its own sheets and looks; .xls and .csv come back as an .xlsx with the same cells.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Final

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook as ExcelWorkbook
from openpyxl.worksheet.worksheet import Worksheet

from bianzhi.common.tabular.cells import CellValue
from bianzhi.common.tabular.problems import CellProblem, Severity
from bianzhi.common.tabular.workbook import FileFormat, Workbook

LIST_SHEET: Final = "问题清单"
MOST_COMMENTS: Final = 5_000
LIST_HEADINGS: Final = ("序号", "程度", "工作表", "行", "列", "列名", "单元格", "内容", "问题和处理办法")
LIST_WIDTHS: Final = (6, 8, 20, 8, 6, 20, 10, 30, 80)
AUTHOR: Final = "编制通"

_FILLS: Final = {
    Severity.ERROR: PatternFill("solid", start_color="FFFFC7CE"),
    Severity.WARNING: PatternFill("solid", start_color="FFFFEB9C"),
}
_HEADING_FILL: Final = PatternFill("solid", start_color="FFD9E2F3")
_COMMENT_SIZE: Final = (360, 120)

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML through defusedxml: entities in an uploaded workbook would be expanded")


def annotated(original: bytes, workbook: Workbook, problems: Sequence[CellProblem]) -> bytes:
    """The workbook as .xlsx bytes, with comments and the sheet 问题清单 in front.

    `original` are the bytes the workbook was read from. At most MOST_COMMENTS cells get a comment, errors first; the
    list names every finding.
    """
    book = _loaded(original) if workbook.format is FileFormat.XLSX else _copied(workbook)
    _comment(book, problems)
    _add_list(book, problems)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _loaded(original: bytes) -> ExcelWorkbook:
    book: ExcelWorkbook = openpyxl.load_workbook(BytesIO(original))
    if LIST_SHEET in book.sheetnames:
        del book[LIST_SHEET]
    return book


def _copied(workbook: Workbook) -> ExcelWorkbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in workbook.sheets:
        target = book.create_sheet(_sheet_title(sheet.name))
        for row_number, row in enumerate(sheet.rows, start=1):
            for column, value in enumerate(row, start=1):
                if value != "":
                    _write(target, row_number, column, value)
        for block in sheet.merged:
            target.merge_cells(
                start_row=block.top + 1,
                start_column=block.left + 1,
                end_row=block.bottom + 1,
                end_column=block.right + 1,
            )
    return book


def _sheet_title(name: str) -> str:
    """A name Excel accepts; .csv files may be called anything."""
    return "".join("_" if character in r"[]:*?/\'" else character for character in name)[:31] or "数据"


def _write(sheet: Worksheet, row: int, column: int, value: CellValue) -> None:
    """Write a value as what it is; text stays text even when it begins like a formula."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        cell.number_format = "@"
    elif isinstance(value, bool | int | float | datetime | date | time | timedelta):
        cell.value = value


def _comment(book: ExcelWorkbook, problems: Iterable[CellProblem]) -> None:
    by_cell: dict[tuple[str, str], list[CellProblem]] = defaultdict(list)
    for problem in problems:
        by_cell[_sheet_title(problem.sheet), problem.address].append(problem)
    ranked = sorted(by_cell.items(), key=lambda item: all(one.severity is Severity.WARNING for one in item[1]))
    for (sheet, place), found in ranked[:MOST_COMMENTS]:
        if sheet in book.sheetnames and isinstance(book[sheet], Worksheet):
            _mark(_writable(book[sheet], place), found)


def _writable(sheet: Worksheet, place: str) -> Cell:
    """The cell at a place, or the top left one of the merged block it lies in, which alone can be written."""
    cell = sheet[place]
    if not isinstance(cell, MergedCell):
        return cell
    block = next(block for block in sheet.merged_cells.ranges if place in block)
    return sheet.cell(row=block.min_row, column=block.min_col)


def _mark(cell: Cell, found: Sequence[CellProblem]) -> None:
    lines = [f"【{problem.severity.label}】{problem.message}" for problem in found]
    if cell.comment is not None:
        lines.insert(0, cell.comment.text)
    comment = Comment("\n".join(lines), AUTHOR)
    comment.width, comment.height = _COMMENT_SIZE
    cell.comment = comment
    worst = Severity.ERROR if any(problem.severity is Severity.ERROR for problem in found) else Severity.WARNING
    cell.fill = _FILLS[worst]


def _add_list(book: ExcelWorkbook, problems: Sequence[CellProblem]) -> None:
    sheet = book.create_sheet(LIST_SHEET, 0)
    for column, (heading, width) in enumerate(zip(LIST_HEADINGS, LIST_WIDTHS, strict=True), start=1):
        _write(sheet, 1, column, heading)
        cell = sheet.cell(row=1, column=column)
        cell.font, cell.fill = Font(bold=True), _HEADING_FILL
        sheet.column_dimensions[cell.column_letter].width = width
    for number, problem in enumerate(_ordered(problems), start=1):
        for column, value in enumerate(_listed(number, problem), start=1):
            _write(sheet, number + 1, column, value)
        sheet.cell(row=number + 1, column=2).fill = _FILLS[problem.severity]
        sheet.cell(row=number + 1, column=len(LIST_HEADINGS)).alignment = Alignment(wrap_text=True, vertical="top")
        target = f"#'{_sheet_title(problem.sheet)}'!{problem.address}"
        sheet.cell(row=number + 1, column=7).hyperlink = target
    if not problems:
        _write(sheet, 2, 1, "没有发现问题")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = (
        f"A1:{sheet.cell(row=1, column=len(LIST_HEADINGS)).column_letter}{max(len(problems), 1) + 1}"
    )
    book.active = 0


def _ordered(problems: Sequence[CellProblem]) -> list[CellProblem]:
    """Errors first, otherwise in the order they were found."""
    return sorted(problems, key=lambda problem: problem.severity is Severity.WARNING)


def _listed(number: int, problem: CellProblem) -> tuple[CellValue, ...]:
    return (
        number,
        problem.severity.label,
        problem.sheet,
        problem.row,
        problem.column_letter,
        problem.column_label,
        problem.address,
        problem.value,
        problem.message,
    )
