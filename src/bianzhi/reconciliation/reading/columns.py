"""Finds the tables of a file that are rosters under a contract, and which of their columns feeds what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bianzhi.common.tabular.cells import folded
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.recognising import recognise
from bianzhi.common.tabular.recognition import Role, SheetRecognition
from bianzhi.common.tabular.workbook import FileFormat, Workbook
from bianzhi.reconciliation.contracts.model import Contract, kind_of
from bianzhi.reconciliation.reading.report import FoundColumn, FoundSheet
from bianzhi.reconciliation.reading.tables import Opened, Table

_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Roster:
    """A table that is a roster: where its data begin, field → column, and values that hold for every row."""

    table: Table
    below: int
    columns: dict[str, int]
    constants: dict[str, str]
    headings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a file was taken for."""

    rosters: tuple[Roster, ...]
    sheets: tuple[FoundSheet, ...]
    columns: tuple[FoundColumn, ...]
    remarks: tuple[str, ...]


def find_rosters(opened: Opened, contract: Contract, *, name: str) -> Found:
    """The rosters of a file. Raises UnreadableFile, naming what is missing, when there is none."""
    heads = tuple(table.head for table in opened.tables)
    recognition = recognise(Workbook(name, FileFormat(opened.format), heads), kind_of(contract))
    pairs = list(zip(opened.tables, recognition.sheets, strict=True))
    rosters = [_roster(table, sheet) for table, sheet in pairs if sheet.role is Role.TABLE]
    if not rosters:
        raise _none(recognition.sheets)
    first = next(sheet for sheet in recognition.sheets if sheet.role is Role.TABLE)
    return Found(
        tuple(rosters),
        tuple(FoundSheet(sheet.sheet, sheet.role.label, sheet.header_row) for _, sheet in pairs),
        tuple(_columns(first, contract)),
        tuple(_remarks(recognition.sheets)),
    )


def _roster(table: Table, sheet: SheetRecognition) -> Roster:
    below = sheet.header.below if sheet.header else 0
    headings = {match.field: match.path[-1] for match in sheet.columns if match.field and match.path}
    return Roster(table, below, sheet.fields, dict(sheet.captions), headings)


def _columns(sheet: SheetRecognition, contract: Contract) -> Sequence[FoundColumn]:
    fields = {one.name: one for one in contract.fields}
    return [
        FoundColumn(
            letter=match.letter,
            heading=match.heading,
            field=match.field,
            title=fields[match.field].title if match.field else "",
            column=fields[match.field].column if match.field else "",
            basis=match.basis.label,
            doubt=match.doubt,
        )
        for match in sheet.columns
        if match.heading
    ]


def _remarks(sheets: Sequence[SheetRecognition]) -> Sequence[str]:
    """Headings that stand twice, and sheets that were left aside: whoever delivered should know."""
    remarks = []
    for sheet in sheets:
        if sheet.role is not Role.TABLE:
            if sheet.role is Role.UNRECOGNISED:
                remarks.append(f"工作表“{sheet.sheet}”没有读取：缺少{'、'.join(sheet.missing)}")
            continue
        counted = Counter(folded(match.heading) for match in sheet.columns if match.heading)
        used = {folded(match.heading): match for match in sheet.columns if match.field}
        remarks += [
            f"工作表“{sheet.sheet}”有 {counted[label]} 列都叫“{match.heading}”，采用的是 {match.letter} 列"
            for label, match in used.items()
            if counted[label] > 1
        ]
    return remarks


def _none(sheets: Sequence[SheetRecognition]) -> UnreadableFile:
    nearest = max(sheets, key=lambda sheet: len(sheet.fields), default=None)
    if nearest is None or nearest.header is None:
        return UnreadableFile(
            Fault.UNRECOGNISED,
            "没有找到名册的表头：前 60 行中没有一行同时写着姓名、身份证号、单位等列名。请补上表头后重新报送。",
        )
    seen = [match.heading for match in nearest.columns if match.heading][:_SHOWN]
    return UnreadableFile(
        Fault.UNRECOGNISED,
        f"工作表“{nearest.sheet}”缺少必需的列：{'、'.join(nearest.missing)}。看到的列名是：{'、'.join(seen)}。"
        "请补上，或在数据契约中登记它们在贵单位的叫法。",
    )
