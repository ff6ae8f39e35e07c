"""Templates read themselves: what is written into them is found again."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from bianzhi.common.tabular.kinds import ValueKind
from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.recognising import recognise
from bianzhi.common.tabular.recognition import Role
from bianzhi.common.tabular.templates import DATA_SHEET, GUIDE_SHEET, template
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.kernel.identifiers.id_number import make_id_number

SOUND = {
    ValueKind.ID_NUMBER: make_id_number("330699", date(1987, 6, 5), 123).value,
    ValueKind.CREDIT_CODE: make_credit_code("1", "330699", 1).value,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_column_of_a_template_is_recognised_as_itself(kind):
    recognition = recognise(read_bytes(template(kind), name="模板.xlsx"), kind)
    assert [sheet.role for sheet in recognition.sheets] == [Role.TABLE, Role.NOTES, Role.NOTES]
    assert [match.field for match in recognition.sheets[0].columns] == [
        one.key for one in kind.fields if one.in_template
    ]
    assert recognition.sheets[0].doubts == ()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_examples_of_a_template_can_be_imported(kind):
    book = openpyxl.load_workbook(BytesIO(template(kind)))
    fields = [one for one in kind.fields if one.in_template]
    for column, one in enumerate(fields, start=1):
        value = SOUND.get(one.kind, one.example) or ("3" if one.kind.is_count else "")
        book[DATA_SHEET].cell(row=2, column=column).value = value
    buffer = BytesIO()
    book.save(buffer)
    filled = read_bytes(buffer.getvalue(), name="模板.xlsx")
    table = parse(filled, recognise(filled, kind), latest=date(2026, 1, 1))
    assert [str(problem) for problem in table.problems] == []
    missing = [one.label for one in fields if one.example and one.key not in table.rows[0].values]
    assert missing == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_guide_explains_every_column(kind):
    guide = openpyxl.load_workbook(BytesIO(template(kind)))[GUIDE_SHEET]
    explained = {row[0] for row in guide.iter_rows(values_only=True)}
    assert {one.label for one in kind.fields if one.in_template} <= explained
