"""Fields read what people write."""

import time
from datetime import date

import pytest
from django import forms

from bianzhi.common.web import lookups
from bianzhi.common.web.forms import (
    BaseForm,
    CountField,
    DayField,
    DocNoField,
    IdNumberField,
    LookupField,
    PinyinSelect,
)
from bianzhi.kernel.identifiers.id_number import make_id_number
from bianzhi.kernel.objections import Objection, Refused

GOOD_ID = make_id_number("330699", date(1987, 6, 5), 1).value
UNITS = {"7": "市财政局"}


class EntryForm(BaseForm):
    id_number = IdNumberField()
    born = DayField(label="出生年月", month_is_enough=True)
    entered = DayField(label="入编日期", required=False)
    document = DocNoField(required=False)
    count = CountField(label="名额", minimum=1, required=False)
    unit = LookupField("tests.unit", label="单位", required=False)
    kind = forms.ChoiceField(label="类别", choices=[("1", "行政编制")], widget=PinyinSelect, required=False)


@pytest.fixture(autouse=True)
def lookup(monkeypatch, settings):
    settings.ROOT_URLCONF = "tests.common.web.urls"
    known = lookups.Lookup(
        "tests.unit",
        search=lambda user, text, limit: [lookups.Option(key, name) for key, name in UNITS.items() if text in name],
        chosen=lambda user, value: UNITS.get(value) or next((name for name in UNITS.values() if name == value), None),
    )
    monkeypatch.setattr(lookups, "_lookups", {"tests.unit": known})


def form(**changed):
    return EntryForm({"id_number": GOOD_ID, "born": "1987.6", **changed})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19870605", date(1987, 6, 5)),
        ("1987.6", date(1987, 6, 1)),
        ("1987年6月5日", date(1987, 6, 5)),
        ("198706", date(1987, 6, 1)),
    ],
)
def test_a_birth_date_is_read_as_rosters_write_it(text, day):
    filled = form(born=text)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["born"] == day


def test_a_month_is_not_enough_where_a_day_is_needed():
    assert "没有写到日" in str(form(entered="2026.6").errors["entered"])


@pytest.mark.parametrize("text", ["1" * 21, "一" * 5_000, "起" * 200_000])
def test_a_date_longer_than_any_is_refused_before_it_is_read(text):
    begun = time.monotonic()

    assert "不超过 20 个字" in str(form(entered=text).errors["entered"])
    assert time.monotonic() - begun < 1


def test_an_id_number_is_cleaned_and_a_wrong_one_explained():
    spaced = f"{GOOD_ID[:6]} {GOOD_ID[6:14]} {GOOD_ID[14:]}"

    assert form(id_number=spaced).is_valid()
    assert form(id_number=spaced).data["id_number"] == spaced
    assert "位" in str(form(id_number=GOOD_ID[:-1]).errors["id_number"])


def test_a_document_number_is_put_right_and_an_unusual_one_kept():
    tidy, odd = form(document="云编[2026] 9号"), form(document="会议纪要")

    assert tidy.is_valid()
    assert odd.is_valid()
    assert tidy.cleaned_data["document"] == "云编〔2026〕9号"
    assert odd.cleaned_data["document"] == "会议纪要"


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("１２", 12), ("", None)])
def test_a_count_is_read_in_any_width(text, number):
    filled = form(count=text)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["count"] == number


@pytest.mark.parametrize("text", ["1e300", "999999999999", "10000001"])
def test_a_count_that_no_column_holds_is_refused(text):
    assert "count" in form(count=text).errors


def test_the_largest_count_is_told():
    assert "不能大于 10000000，现为 999999999999" in str(form(count="999999999999").errors["count"])


@pytest.mark.parametrize("text", ["0", "许多", "1.5"])
def test_a_count_that_is_none_is_refused(text):
    assert "count" in form(count=text).errors


@pytest.mark.parametrize("text", ["7", "市财政局"])
def test_a_thing_is_chosen_by_key_or_by_exact_name(text):
    filled = form(unit=text)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["unit"] == "市财政局"


def test_a_thing_outside_the_scope_is_refused():
    assert "管理范围" in str(form(unit="8").errors["unit"])


def test_the_chosen_thing_is_shown_by_name_when_the_form_comes_back():
    assert 'data-label="市财政局"' in str(form(unit="7")["unit"])
    assert 'data-lookup="/lookup/tests.unit/"' in str(form()["unit"])


def test_options_carry_their_pinyin_initials():
    assert 'data-pinyin="xzbz"' in str(form()["kind"])


def test_objections_of_a_refusal_are_added_above_the_fields():
    filled = form()
    filled.add_objections(Refused([Objection("R02", "没有空编。")]))

    assert [objection.code for objection in filled.objections] == ["R02"]


def test_errors_are_counted_for_the_summary():
    assert form(id_number="", count="0").error_count == 2


@pytest.mark.django_db
def test_the_browser_gets_options_for_what_was_typed(by_nobody):
    assert by_nobody.get("/lookup/tests.unit/?q=财政").json() == {
        "options": [{"value": "7", "label": "市财政局", "note": ""}]
    }
    assert by_nobody.get("/lookup/unknown/").status_code == 404
