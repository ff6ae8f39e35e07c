"""Who is wrong where departments differ."""

import pytest

from bianzhi.reconciliation.findings.majority import odd_ones_out
from tests.reconciliation.people import number


def row(source, **cells):
    empty = {"name_key": None, "id_number": None, "id18": None, "birth_said": None, "sex_code": None}
    return {**empty, **cells, "source": source}


def rows(column, *texts):
    return [row(source, **{column: text}) for source, text in zip(SOURCES, texts, strict=False) if text is not None]


SOURCES = ("establishment", "organization", "hr", "finance")


@pytest.mark.parametrize(
    ("value", "said", "odd"),
    [
        ("name", rows("name_key", "王一", "王一", "王二"), ("hr",)),
        ("name", rows("name_key", "王一", "王二"), ()),
        ("name", rows("name_key", "王一", "王一", "王二", "王二"), ()),
        ("name", rows("name_key", "王一", "王二", "王三", "王三"), ("establishment", "organization")),
        ("name", rows("name_key", "王?", "王璁", "王?", "王璁"), ("establishment", "hr")),
        ("birth", rows("birth_said", 19800115, 19800100, 19800125), ()),
        ("birth", rows("birth_said", 19800115, 19800100, 19810115), ("hr",)),
        ("birth", rows("birth_said", 19800115, 19800200, 19800115), ("organization",)),
        ("sex", [row("establishment", sex_code="男", id18=number(1)), row("hr", sex_code="女")], ("hr",)),
    ],
)
def test_who_contradicts_most_voices_is_wrong(value, said, odd):
    assert odd_ones_out(value, said) == odd


def test_the_number_is_a_voice_about_the_day_of_birth():
    said = [row("establishment", birth_said=19800101, id18=number(1)), row("hr", birth_said=19810101)]
    assert odd_ones_out("birth", said) == ("hr",)


def test_two_valid_numbers_need_a_majority():
    one, other = number(1), number(2)
    said = [row(source, id_number=text, id18=text) for source, text in zip(SOURCES, (one, one, other), strict=False)]
    assert odd_ones_out("id", said) == ("hr",)
    assert odd_ones_out("id", said[1:]) == ()
