"""Decides, sheet by sheet, where the table is and which column is which field; a person may correct every choice."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from bianzhi.common.tabular.cells import folded, text_of
from bianzhi.common.tabular.headings import SEARCHED_ROWS, TALLEST_HEADER, Header, find_header, header_at, is_ignored
from bianzhi.common.tabular.kinds import ImportKind
from bianzhi.common.tabular.matching import EVIDENCE_ROWS, assigned
from bianzhi.common.tabular.recognition import Basis, ColumnMatch, Recognition, Role, SheetRecognition, signature_of
from bianzhi.common.tabular.workbook import Sheet, Workbook

SAMPLES: Final = 5
_CAPTION: Final = re.compile(
    r"^(?:填报单位|报送单位|编报单位|单位名称|机构名称|单位|部门)[（(]?(?:盖章|公章|全称)?[)）]?[:：]\s*(\S+)"
)
_NOTES_BY_NAME: Final = re.compile(
    r"(?:填写|填表|填报|编制|使用|导入)?说明|封面|目录|可选值|选项|代码表?|字典|数据字典|下拉.*|参数|问题清单|填写要求|注意事项"
)
_TITLE: Final = re.compile(
    r"(?:\d{4}年度?)?(?P<unit>\S{2,30}?(?:局|委|办|院|中心|校|所|站|处|会|府|队|社|馆|厅|部|学|园|科|台|库|公室|委员会|街道|镇|乡|医院))"
    r"(?:\d{4}年度?)?(?:机关)?(?:在编|在职|全体|实有|现有|编制|实名制)*(?:干部|职工|工作|教职工|教师|人员)*"
    r"(?:基本情况|基本信息|信息|情况)?(?:花名册|名册|名单|一览表|登记表|信息表|统计表|汇总表)(?:[（(].*[)）])?"
)
_NOT_A_UNIT: Final = frozenset({"人", "名", "个", "万元", "元"})


RememberedMapping = Mapping[str, str]
"""Folded heading → field key ("" for a column a person decided not to read)."""


def recognise(
    workbook: Workbook, kind: ImportKind, *, remembered: Mapping[str, RememberedMapping] | None = None
) -> Recognition:
    """Take every sheet for what it is. `remembered` gives mappings saved for a signature (see `remember`)."""
    known = remembered or {}
    return Recognition(kind, tuple(_recognise_sheet(sheet, kind, known) for sheet in workbook.sheets))


def best_kind(workbook: Workbook, kinds: Iterable[ImportKind]) -> Recognition | None:
    """The kind whose fields the file names best; None when it has a table of none of them."""
    found = [recognise(workbook, kind) for kind in kinds]
    tabular = [one for one in found if one.tables]
    return max(tabular, key=lambda one: sum(_worth(sheet) for sheet in one.tables), default=None)


def _worth(sheet: SheetRecognition) -> float:
    return sum(column.score for column in sheet.columns if column.field) * math.sqrt(max(sheet.filled_rows, 1))


def remember(sheet: SheetRecognition) -> dict[str, str]:
    """The mapping of a sheet as a plain dictionary, to be saved under its signature."""
    return {folded(column.heading): column.field for column in sheet.columns if column.heading}


def corrected(
    recognition: Recognition,
    workbook: Workbook,
    *,
    sheet: str,
    fields: Mapping[int, str] | None = None,
    header: tuple[int, int] | None = None,
    captions: Mapping[str, str] | None = None,
    skip: bool | None = None,
) -> Recognition:
    """Apply a person's corrections to one sheet: fields by column ("" for none), header as (Excel row, height), skip.

    `captions` gives a field one value for the whole sheet, as the unit of a roster that names none. Raises KeyError for
    an unknown sheet and ValueError for an unknown field or a field given to two columns.
    """
    source = workbook.sheet(sheet)
    changed = recognition.sheet(sheet)
    if header is not None:
        placed = header_at(source, recognition.kind, top=header[0] - 1, height=header[1])
        changed = _described(source, recognition.kind, placed, {})
    if fields is not None:
        changed = _with_fields(changed, recognition.kind, fields, source)
    if captions is not None:
        changed = _with_captions(changed, recognition.kind, captions)
    if skip is not None:
        changed = replace(changed, role=Role.SKIPPED if skip else _role(changed, recognition.kind))
    return replace(recognition, sheets=tuple(changed if one.sheet == sheet else one for one in recognition.sheets))


def _with_fields(
    changed: SheetRecognition, kind: ImportKind, fields: Mapping[int, str], source: Sheet
) -> SheetRecognition:
    chosen = [key for key in fields.values() if key]
    unknown = [key for key in chosen if key not in kind.by_key]
    if unknown:
        raise ValueError(f"没有名为「{'、'.join(unknown)}」的字段")
    twice = {kind.label_of(key) for key in chosen if chosen.count(key) > 1}
    if twice:
        raise ValueError(f"「{'、'.join(sorted(twice))}」被指定给了两列，每个字段只能对应一列")
    columns = tuple(
        _chosen(match, fields[match.column])
        if match.column in fields
        else replace(match, field="", basis=Basis.NONE, doubt="")
        if match.field in chosen
        else match
        for match in changed.columns
    )
    changed = replace(changed, columns=columns)
    return _completed(changed, kind, source)


def _with_captions(changed: SheetRecognition, kind: ImportKind, captions: Mapping[str, str]) -> SheetRecognition:
    """One value of a field for every row; a field that has a column keeps its column."""
    given = tuple((key, text.strip()) for key, text in captions.items() if text.strip() and key not in changed.fields)
    unknown = [key for key, _ in given if key not in kind.by_key]
    if unknown:
        raise ValueError(f"没有名为「{'、'.join(unknown)}」的字段")
    missing = tuple(kind.missing(set(changed.fields) | {key for key, _ in given}))
    changed = replace(changed, captions=given, missing=missing)
    return replace(changed, role=_role(changed, kind))


def _chosen(match: ColumnMatch, key: str) -> ColumnMatch:
    if key == match.field:
        return replace(match, doubt="")
    return replace(match, field=key, basis=Basis.CHOSEN, score=1.0 if key else 0.0, doubt="")


def _recognise_sheet(sheet: Sheet, kind: ImportKind, remembered: Mapping[str, RememberedMapping]) -> SheetRecognition:
    if sheet.is_empty:
        return SheetRecognition(sheet.name, Role.EMPTY, hidden=sheet.hidden)
    if _NOTES_BY_NAME.fullmatch(sheet.name.strip()):
        return SheetRecognition(sheet.name, Role.NOTES, hidden=sheet.hidden)
    header = _remembered_header(sheet, kind, remembered) or find_header(sheet, kind)
    if header is None:
        filled = sum(1 for row in sheet.rows if sum(1 for value in row if text_of(value)) > 1)
        role = Role.UNRECOGNISED if filled > 2 else Role.NOTES
        return SheetRecognition(
            sheet.name, role, missing=tuple(kind.missing(set())), hidden=sheet.hidden, filled_rows=filled
        )
    return _described(sheet, kind, header, remembered)


def _remembered_header(sheet: Sheet, kind: ImportKind, remembered: Mapping[str, RememberedMapping]) -> Header | None:
    """A header a person has mapped before, found by its signature: its headings may mean nothing to the kind."""
    if not remembered:
        return None
    for top in range(min(SEARCHED_ROWS, len(sheet.rows))):
        for height in range(1, min(TALLEST_HEADER, len(sheet.rows) - top) + 1):
            header = header_at(sheet, kind, top=top, height=height)
            if signature_of(header.paths) in remembered:
                return header
    return None


def _described(
    sheet: Sheet, kind: ImportKind, header: Header, remembered: Mapping[str, RememberedMapping]
) -> SheetRecognition:
    columns = [
        ColumnMatch(column, path, samples=_samples(sheet, header, column), ignored=is_ignored(kind, path))
        for column, path in enumerate(header.paths)
    ]
    while columns and not columns[-1].path and not columns[-1].samples:
        columns.pop()
    bare = SheetRecognition(sheet.name, Role.TABLE, header, tuple(columns), hidden=sheet.hidden)
    saved = remembered.get(bare.signature)
    matched = _from_memory(columns, kind, saved) if saved is not None else assigned(sheet, kind, header, columns)
    return _completed(replace(bare, columns=tuple(matched)), kind, sheet)


def _completed(found: SheetRecognition, kind: ImportKind, sheet: Sheet) -> SheetRecognition:
    """Captions, missing fields, role and extent, once the columns are known."""
    header = found.header
    below = header.below if header else 0
    filled = sum(1 for row in sheet.rows[below:] if any(text_of(value) for value in row))
    captions = tuple(_captions(sheet, kind, header, found.fields)) if header else ()
    present = set(found.fields) | {key for key, _ in captions}
    found = replace(found, captions=captions, missing=tuple(kind.missing(present)), filled_rows=filled)
    return replace(found, role=_role(found, kind))


def _role(found: SheetRecognition, kind: ImportKind) -> Role:
    return Role.TABLE if found.header is not None and not found.missing else Role.UNRECOGNISED


def _captions(sheet: Sheet, kind: ImportKind, header: Header, present: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    wanted = [one.key for one in kind.fields if one.captioned and one.key not in present]
    if not wanted:
        return
    for row in range(header.top):
        for value in sheet.rows[row]:
            found = _CAPTION.match(text_of(value))
            if found and found[1] not in _NOT_A_UNIT:
                yield wanted[0], found[1]
                return
    for row in range(header.top):
        for value in sheet.rows[row]:
            titled = _TITLE.fullmatch("".join(text_of(value).split()))
            if titled:
                yield wanted[0], titled["unit"]
                return


def _samples(sheet: Sheet, header: Header, column: int) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for row in range(header.below, min(len(sheet.rows), header.below + EVIDENCE_ROWS)):
        text = text_of(sheet.own(row, column))
        if text:
            seen[text] = None
        if len(seen) == SAMPLES:
            break
    return tuple(seen)


def _from_memory(columns: list[ColumnMatch], kind: ImportKind, saved: RememberedMapping) -> list[ColumnMatch]:
    matched = []
    for match in columns:
        key = saved.get(folded(match.heading), "")
        known = key if key in kind.by_key else ""
        basis = Basis.REMEMBERED if known else Basis.NONE
        matched.append(replace(match, field=known, score=1.0 if known else 0.0, basis=basis))
    return matched
