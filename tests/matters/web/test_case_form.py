"""The form built from a matter's fields: every kind of field is shown, read back and kept as JSON."""

from django.http import QueryDict

from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.web.forms.case import case_form
from bianzhi.matters.web.forms.fields import MAKERS, Place
from bianzhi.matters.web.showing import document_of
from tests.cast import TODAY

MATTERS = ()


def words_in(part):
    """A field of the document: what it says, and what stood there before."""
    assert part.cell is not None
    return part.cell.words, part.cell.old


def built(matters, specs, values=None, sent=None, *, complete=False):
    data = None
    if sent is not None:
        data = QueryDict(mutable=True)
        for name, value in sent.items():
            data.setlist(name, value if isinstance(value, list) else [value])
    place = Place(matters.cast.bureau.pk, TODAY, people_url="/people/")
    return case_form(specs, place, user=matters.clerk, values=values or {}, data=data, complete=complete)


def test_every_kind_of_field_has_a_control():
    assert set(Kind) == {*MAKERS, Kind.DOCUMENT, Kind.TABLE}


def test_every_kind_is_read_into_what_a_case_keeps_and_shown_again(matters):
    cast = matters.cast
    member = cast.member(cast.bureau, facts=cast.facts("王小川"))
    slot = cast.approve(cast.bureau).slots[0]
    specs = [
        FieldSpec("text", Kind.TEXT, "文字"),
        FieldSpec("area", Kind.TEXTAREA, "长文字"),
        FieldSpec("number", Kind.INTEGER, "整数"),
        FieldSpec("day", Kind.DAY, "日期"),
        FieldSpec("sure", Kind.YES_NO, "是否"),
        FieldSpec("choice", Kind.CHOICE, "选择", options=(("a", "甲"), ("b", "乙"))),
        FieldSpec("code", Kind.CODE, "代码", choices_of="sex"),
        FieldSpec("quota", Kind.QUOTA_TYPE, "编制"),
        FieldSpec("mode", Kind.ENTRY_MODE, "形式"),
        FieldSpec("unit", Kind.ORGANIZATION, "单位"),
        FieldSpec("body", Kind.BODY, "科室"),
        FieldSpec("person", Kind.PERSON, "人员", choices_of="own"),
        FieldSpec("slot", Kind.SLOT, "名额"),
        FieldSpec("papers", Kind.EVIDENCE, "材料", options=(("甲", "甲"), ("乙", "乙"))),
    ]
    sent = {
        "text": " 写 ", "area": "一\n二", "number": "１２", "day": "20260302", "sure": "no", "choice": "b", "code": "1",
        "quota": "A1", "mode": "I01", "unit": str(cast.audit_office.pk), "body": str(cast.finance_section.pk),
        "person": str(member.person_id), "slot": str(slot.pk), "papers": ["甲", "乙"],
    }  # fmt: skip
    form = built(matters, specs, sent=sent, complete=True)
    assert form.is_valid(), form.errors
    kept = form.values()
    assert kept == {
        "text": "写", "area": "一\n二", "number": 12, "day": "2026-03-02", "sure": False, "choice": "b", "code": "1",
        "quota": "A1", "mode": "I01", "unit": cast.audit_office.pk, "body": cast.finance_section.pk,
        "person": member.person_id, "slot": slot.pk, "papers": ["甲", "乙"],
    }  # fmt: skip
    html = str(built(matters, specs, kept))
    for mark in ('value="2026-03-02"', 'value="b" selected', 'value="no" id="id_sure_1" required checked'):
        assert mark.replace(" required", "") in html.replace(" required", ""), mark
    (section,) = document_of(specs, kept, TODAY)
    words = {part.label: words_in(part)[0] for part in section.parts}
    assert words == {
        "文字": "写", "长文字": "一\n二", "整数": "12", "日期": "2026-03-02", "是否": "否", "选择": "乙", "代码": "男",
        "编制": "行政编制", "形式": "公务员考试录用", "单位": "测试区审计局", "科室": "预算科", "人员": "王小川",
        "名额": slot.number, "材料": "甲、乙",
    }  # fmt: skip


def test_what_cannot_be_read_stays_as_it_was_typed_and_is_told(matters):
    specs = [FieldSpec("number", Kind.INTEGER, "人数", minimum=1, maximum=5), FieldSpec("day", Kind.DAY, "日期")]
    form = built(matters, specs, sent={"number": "9", "day": "明天"})
    assert not form.is_valid()
    assert form.errors["number"] == ["不能大于 5，现为 9。"]
    assert form.values() == {"number": "9", "day": "明天"}
    assert form.values(sound_only=True) == {}


def test_a_draft_may_miss_everything_and_sending_in_nothing(matters):
    specs = [FieldSpec("a", Kind.TEXT, "甲", required=True), FieldSpec("d", Kind.DOCUMENT, "文件", required=True)]
    assert built(matters, specs, sent={}).is_valid()
    form = built(matters, specs, sent={}, complete=True)
    assert set(form.errors) == {"a", "d-doc_no", "d-issued_on", "d-title", "d-issuer"}


def test_a_document_left_out_is_none_and_one_begun_must_be_whole(matters):
    specs = [FieldSpec("d", Kind.DOCUMENT, "文件")]
    levels = {"d-issuer_level": "office", "d-kind": "reply"}
    assert built(matters, specs, sent=levels, complete=True).values() == {}
    form = built(matters, specs, sent={**levels, "d-doc_no": "虞编〔2026〕1号"})
    assert form.values()["d"]["doc_no"] == "虞编〔2026〕1号"


def test_a_table_that_must_be_filled_needs_a_row_and_each_row_its_cells(matters):
    columns = (
        FieldSpec("q", Kind.QUOTA_TYPE, "编制", required=True),
        FieldSpec("n", Kind.INTEGER, "人数", required=True),
    )
    specs = [FieldSpec("t", Kind.TABLE, "明细", required=True, columns=columns)]
    form = built(matters, specs, sent={"t-0-q": "", "t-0-n": ""}, complete=True)
    assert form.non_field_errors() == ["“明细”至少填写一行。"]
    form = built(matters, specs, sent={"t-0-q": "A1", "t-0-n": "", "t-1-q": "", "t-1-n": ""}, complete=True)
    assert list(form.errors) == ["t-0-n"], "a blank row is passed over"
    form = built(matters, specs, sent={"t-3-q": "A1", "t-3-n": "2"}, complete=True)
    assert form.values() == {"t": [{"q": "A1", "n": 2}]}


def test_a_field_is_asked_only_while_its_condition_holds(matters):
    specs = [
        FieldSpec("sure", Kind.YES_NO, "是否"),
        FieldSpec("why", Kind.TEXT, "原因", required=True, only=Only("sure", ("true",))),
    ]
    assert built(matters, specs, sent={"sure": "no"}, complete=True).is_valid()
    form = built(matters, specs, sent={"sure": "yes"}, complete=True)
    assert list(form.errors) == ["why"]
    (section,) = built(matters, specs).sections
    assert (section.parts[1].only.field, section.parts[1].only_values) == ("sure", "yes")


def test_bodies_follow_from_the_unit_chosen(matters):
    specs = [
        FieldSpec("unit", Kind.ORGANIZATION, "单位"),
        FieldSpec("body", Kind.BODY, "科室", choices_of="unit"),
        FieldSpec("slot", Kind.SLOT, "名额", choices_of="unit"),
    ]
    empty = built(matters, specs)
    assert [label for _, label in empty.fields["body"].choices] == ["请先选择单位"]
    assert list(empty.dependents) == ["unit"]
    chosen = built(matters, specs, {"unit": matters.cast.bureau.pk})
    assert "预算科" in [label for _, label in chosen.fields["body"].choices]


def test_an_id_number_is_read_by_many_and_so_is_masked(matters):
    number = matters.cast.facts().id_number
    (section,) = document_of([FieldSpec("id", Kind.TEXT, "身份证号")], {"id": number}, TODAY)
    words, _ = words_in(section.parts[0])
    assert number not in words
    assert "*" in words


def test_what_changed_stands_beside_what_it_was(matters):
    columns = (FieldSpec("n", Kind.INTEGER, "人数"),)
    specs = [
        FieldSpec("a", Kind.TEXT, "甲"),
        FieldSpec("b", Kind.TEXT, "乙"),
        FieldSpec("t", Kind.TABLE, "表", columns=columns),
    ]
    now = {"a": "新", "t": [{"n": 2}, {"n": 3}]}
    before = {"a": "旧", "b": "去", "t": [{"n": 1}]}
    (section,) = document_of(specs, now, TODAY, earlier=before)
    first, second, table = section.parts
    assert words_in(first) == ("新", "旧")
    assert words_in(second) == ("", "去")
    assert table.rows[0].cells[0].old == "1"
    assert table.rows[1].change == "added"
    (section,) = document_of(specs, {"t": []}, TODAY, earlier={"t": [{"n": 1}]})
    assert section.parts[0].rows[0].change == "removed"
