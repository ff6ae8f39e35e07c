"""Workbooks to fill in, made from the same declarations that read them; nobody has to use them."""

from io import BytesIO
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bianzhi.common.tabular.kinds import Field, ImportKind, ValueKind

DATA_SHEET: Final = "填写"
GUIDE_SHEET: Final = "填写说明"
_ROWS_WITH_LISTS: Final = 5_000
_LIST_SHEET: Final = "可选值"
_TEXT_KINDS: Final = frozenset({ValueKind.CODE, ValueKind.ID_NUMBER, ValueKind.CREDIT_CODE, ValueKind.DOCUMENT_NUMBER})
_KIND_WORDS: Final = {
    ValueKind.TEXT: "文字",
    ValueKind.LONG_TEXT: "文字，可以分行",
    ValueKind.PERSON_NAME: "姓名",
    ValueKind.ORGANIZATION: "单位全称",
    ValueKind.CODE: "代码（文本格式）",
    ValueKind.COUNT: "整数",
    ValueKind.SIGNED_COUNT: "整数，可以为负",
    ValueKind.DATE: "日期，如 2024-03-15、2024年3月、2024.03",
    ValueKind.ID_NUMBER: "18 位公民身份号码（文本格式）",
    ValueKind.CREDIT_CODE: "18 位统一社会信用代码（文本格式）",
    ValueKind.DOCUMENT_NUMBER: "文号，如 虞编〔2024〕8号",
    ValueKind.CHOICE: "从可选值中选一个",
    ValueKind.YES_NO: "是 或 否",
}
_GUIDE: Final = (
    "表头可以改名、换顺序、增删列，系统按列名识别；也可以不用本模板，直接导入单位现有的表格。",
    "带 * 的列必须填写。身份证号、代码等长数字请保持文本格式，否则会被表格软件改坏。",
    "同一单位连续多行时，单位可以只写一次，下面留空。合计行可以保留，系统会用来核对。",
)
_GUIDE_HEADINGS: Final = ("列名", "是否必填", "填写内容", "示例", "说明", "也可以叫作")
_SYNONYMS_SHOWN: Final = 6


def template(kind: ImportKind) -> bytes:
    """An .xlsx with a sheet to fill in, drop-down lists for closed lists, and a sheet that explains each column."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fields = [one for one in kind.fields if one.in_template]
        sheet = book.add_worksheet(DATA_SHEET)
        guide = book.add_worksheet(GUIDE_SHEET)
        lists = book.add_worksheet(_LIST_SHEET)
        heading = book.add_format(
            {"bold": True, "bg_color": "#D9E2F3", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        needed = book.add_format(
            {"bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        _fill_sheet(sheet, fields, heading, needed, text=book.add_format({"num_format": "@"}))
        _offer_lists(sheet, lists, fields)
        _fill_guide(guide, kind, fields, heading, wrapped=book.add_format({"text_wrap": True, "valign": "top"}))
    return buffer.getvalue()


def _fill_sheet(sheet: Worksheet, fields: list[Field], heading: Format, needed: Format, *, text: Format) -> None:
    for column, one in enumerate(fields):
        width = min(max(len(one.label) * 2 + 4, 10), 30)
        sheet.set_column(column, column, width, text if one.kind in _TEXT_KINDS else None)
        label = f"{one.label}*" if one.required else one.label
        sheet.write_string(0, column, label, needed if one.required else heading)
        if one.hint:
            sheet.write_comment(0, column, one.hint, {"author": "编制通", "x_scale": 1.5})
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)


def _offer_lists(sheet: Worksheet, lists: Worksheet, fields: list[Field]) -> None:
    """Drop-down lists; the values stand on a sheet of their own because Excel allows only short lists in place.

    A value outside the list is warned of, not refused: the reader knows many more wordings than the list shows.
    """
    lists.hide()
    offered = [(column, one.choices) for column, one in enumerate(fields) if one.choices is not None]
    for place, (column, choices) in enumerate(offered):
        lists.write_column(0, place, choices.labels)
        last = len(choices.labels)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        sheet.data_validation(
            1,
            column,
            _ROWS_WITH_LISTS,
            column,
            {
                "validate": "list",
                "source": f"='{_LIST_SHEET}'!${letter}$1:${letter}${last}",
                "error_type": "warning",
                "error_title": "不在可选值中",
                "error_message": "可以继续填写，导入时会按常用说法识别；识别不了的会提示。",
            },
        )


def _fill_guide(guide: Worksheet, kind: ImportKind, fields: list[Field], heading: Format, *, wrapped: Format) -> None:
    guide.write_string(0, 0, f"{kind.label}——{kind.purpose}")
    for row, line in enumerate(_GUIDE, start=1):
        guide.write_string(row, 0, f"{row}. {line}")
    top = len(_GUIDE) + 2
    for column, (label, width) in enumerate(zip(_GUIDE_HEADINGS, (22, 10, 34, 30, 40, 60), strict=True)):
        guide.set_column(column, column, width)
        guide.write_string(top, column, label, heading)
    for row, one in enumerate(fields, start=top + 1):
        for column, value in enumerate(_explained(one)):
            guide.write_string(row, column, value, wrapped)


def _explained(one: Field) -> tuple[str, ...]:
    shown = "、".join(one.choices.labels[:10]) if one.choices else ""
    content = f"{_KIND_WORDS[one.kind]}：{shown}" if shown else _KIND_WORDS[one.kind]
    return (
        one.label,
        "必填" if one.required else "选填",
        content,
        one.example,
        one.hint,
        "、".join(one.synonyms[:_SYNONYMS_SHOWN]),
    )
