from datetime import date
from pathlib import Path

import pytest

from bianzhi.kernel.codesets import SETS, Code, CodeSet, UnknownCode, UnknownCodeSet, codes

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "reference" / "code-sets.md"
DATA = Path(__file__).parents[2] / "src" / "bianzhi" / "kernel" / "codesets" / "data"


def test_every_data_file_is_a_registered_set_and_documented():
    assert {path.stem for path in DATA.glob("*.csv")} == set(SETS)
    documented = DOCUMENTATION.read_text(encoding="utf-8")
    assert [name for name in SETS if f"`{name}`" not in documented] == []


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_whole(name):
    found = codes(name)
    assert len(found) == len((DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()) - 1, "a code is repeated"
    for entry in found:
        assert entry.name
        assert found.label(entry.code) == entry.name
        assert found.root(entry.code).parent == ""
        assert found.find(entry.code) is entry
        assert found.find(entry.name) is entry
        assert entry.valid_from is None or entry.valid_to is None or entry.valid_from < entry.valid_to


@pytest.mark.parametrize("name", SETS)
def test_no_writing_means_two_things(name):
    found = codes(name)
    for entry in found:
        for synonym in entry.synonyms:
            if not synonym.startswith("*"):
                assert found.find(synonym) is entry, synonym


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("politics", "党员", "01"),
        ("politics", "中共党员", "01"),
        ("politics", "群众", "13"),
        ("politics", "1", "01"),
        ("politics", "九三", "10"),
        ("ethnicity", "汉", "01"),
        ("ethnicity", "汉族", "01"),
        ("ethnicity", "01 汉族", "01"),
        ("ethnicity", "０１", "01"),
        ("ethnicity", "畲", "22"),
        ("sex", "男", "1"),
        ("sex", " 女 ", "2"),
        ("schooling", "本科", "20"),
        ("schooling", "大学本科毕业", "21"),
        ("schooling", "省委党校研究生", "10"),
        ("schooling", "中专", "41"),
        ("degree", "法学学士", "403"),
        ("degree", "工商管理硕士", "3"),
        ("degree", "博士", "2"),
        ("organization_rank", "正科", "141"),
        ("organization_rank", "正科级", "141"),
        ("institution_class", "公益一类", "83"),
        ("funding_form", "全额拨款", "full"),
        ("funding_form", "财政适当补助", "partial"),
        ("funding_form", "自收自支", "self"),
        ("person_identity", "参公", "civil_service_like"),
        ("entry_mode", "公招", "I03"),
        ("entry_mode", "i03", "I03"),
        ("entry_mode", "I01-公务员考试录用", "I01"),
        ("entry_mode", "civil_exam", "I01"),
        ("exit_mode", "退休", "O01"),
        ("exit_mode", "病故", "O10"),
        ("duty_state", "在编在岗", "on_quota_on_duty"),
        ("post_grade", "普工", "W06"),
        ("position_rank", "副科", "142"),
        ("organization_type", "镇", "70"),
    ],
)
def test_what_officials_write_is_understood(name, text, code):
    found = codes(name).find(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("politics", ""),
        ("politics", " "),
        ("politics", "某党"),
        ("ethnicity", "02 汉族"),
        ("entry_mode", "I01 公开招聘"),
        ("sex", "3"),
    ],
)
def test_what_is_unclear_is_not_guessed(name, text):
    assert codes(name).find(text) is None


def test_the_national_tables_are_complete():
    assert [entry.code for entry in codes("ethnicity")] == [f"{n:02d}" for n in range(1, 57)] + ["97", "98"]
    assert len({entry.facts["letters"] for entry in codes("ethnicity") if entry.facts["letters"]}) == 56
    assert [entry.code for entry in codes("politics")] == [f"{n:02d}" for n in range(1, 14)]
    assert [entry.code for entry in codes("entry_mode")] == [f"I{n:02d}" for n in range(1, 17)] + ["I99"]
    assert [entry.code for entry in codes("exit_mode")] == [f"O{n:02d}" for n in range(1, 14)] + ["O99"]
    assert [entry.code for entry in codes("internal_mode")] == [f"T{n:02d}" for n in range(1, 9)]
    assert [entry.code for entry in codes("secondment_mode")] == [f"B{n:02d}" for n in range(1, 8)]


def test_every_exit_needs_evidence_and_a_resignation_needs_two_papers():
    assert all(entry.listed("evidence") for entry in codes("exit_mode"))
    assert codes("exit_mode")["O07"].listed("evidence") == ("辞职申请", "单位研究意见或批复")


def test_states_say_what_they_count_as():
    counts = {entry.code: entry.facts["counts_as"] for entry in codes("duty_state")}
    assert (counts["on_quota_seconded_out"], counts["seconded_in"], counts["reserved"], counts["filed_headcount"]) == (
        "occupied",
        "none",
        "reserved",
        "filed_headcount",
    )


def test_a_set_knows_its_tree():
    types = codes("organization_type")
    parent = types.parent("31")
    assert parent is not None
    assert parent.code == "30"
    assert types.parent("30") is None
    assert types.root("38").code == "30"
    assert types.is_within("38", "30")
    assert not types.is_within("30", "38")
    assert [entry.code for entry in types.children("30")] == [str(n) for n in range(31, 39)]


def test_choices_leave_out_codes_not_valid_that_day():
    exits = codes("exit_mode")
    assert "O02" not in dict(exits.choices(date(2024, 12, 31)))
    assert "O02" in dict(exits.choices(date(2025, 1, 1)))
    assert exits.choices()[0] == ("O01", "法定退休")


def test_an_unknown_code_is_shown_as_it_is_but_not_looked_up():
    assert codes("sex").label("7") == "7"
    assert codes("sex").label("") == ""
    with pytest.raises(UnknownCode, match="性别中没有代码「7」"):
        codes("sex")["7"]
    with pytest.raises(UnknownCodeSet):
        codes("nonsense")


def test_a_code_ends_before_its_valid_to():
    entry = Code("1", "旧", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1))
    assert CodeSet("s", "某集", [entry]).choices(date(2020, 12, 31)) == [("1", "旧")]
    assert not entry.is_valid_on(date(2021, 1, 1))
    assert not entry.is_valid_on(date(2019, 12, 31))
