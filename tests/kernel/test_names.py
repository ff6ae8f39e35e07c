import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.names import (
    name_problems,
    normalise_organisation_name,
    normalise_person_name,
    organisation_name_key,
    person_name_key,
)
from bianzhi.kernel.pinyin import full_pinyin, initials, organisation_pinyin, person_pinyin

RARE = ["𠮷田", "张䶮", "李𬭊", "王\U00030edd", "赵\U00031350", "陈\ufa11", "林\uf9dd", "葛\U000e0100洪"]


@pytest.mark.parametrize("writing", ["张 三", "张　三", " 张三 ", "张\u200b三", "张\t三", "张 \n三"])
def test_a_two_character_name_loses_the_space_set_for_looks(writing):
    assert normalise_person_name(writing) == "张三"


@pytest.mark.parametrize("name", RARE)
def test_rare_characters_are_kept_as_written_and_not_called_doubtful(name):
    assert normalise_person_name(name) == name
    assert name_problems(name) == []


def test_words_of_a_latin_name_keep_one_space():
    assert normalise_person_name("Ｊｏｈｎ  Smith") == "John Smith"


def test_radicals_left_by_a_scan_become_characters():
    assert normalise_person_name("⼭⽥") == "山田"


@pytest.mark.parametrize("dot", "·•・‧．.")
def test_the_shape_of_the_middle_dot_matters_for_keeping_and_not_for_comparing(dot):
    written = f"阿卜杜{dot}热合曼"
    assert person_name_key(written) == "阿卜杜热合曼"
    assert "热合曼" in normalise_person_name(written)
    assert len(normalise_person_name(written)) == 7
    assert name_problems(written) == []


def test_spaces_around_the_middle_dot_go():
    assert normalise_person_name("阿卜杜 · 热合曼") == "阿卜杜·热合曼"


def test_variant_forms_compare_equal_and_different_people_do_not():
    assert person_name_key("葛\U000e0100洪") == person_name_key("葛洪")
    assert person_name_key("张三") != person_name_key("张山")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "未填写"),
        ("张?", "生僻字"),
        ("张□", "生僻字"),
        ("⿰王文", "生僻字"),
        ("张\ue123三", "自造字"),
        ("李四1", "数字"),
        ("王五（女）", "括号"),
        ("王五、赵六", "符号"),
        ("张", "只有一个字"),
        ("张" * 51, "填错列"),
        ("⻄门庆", "符号"),
    ],
)
def test_a_doubtful_name_is_told_why(name, reason):
    assert any(reason in problem for problem in name_problems(name))


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing_more(text):
    once = normalise_person_name(text)
    assert normalise_person_name(once) == once
    kept = normalise_organisation_name(text)
    assert normalise_organisation_name(kept) == kept


@pytest.mark.parametrize(
    "writing",
    [
        "上虞区财政局（国资办）",
        "上虞区财政局(国资办)",
        "上虞区 财政局 【国资办】",
        "上虞区财政局〔国资办〕",
        "上虞区财政局[国资办]",
        "“上虞区财政局”（国资办）",
    ],
)
def test_writings_of_one_organisation_share_a_key(writing):
    assert organisation_name_key(writing) == organisation_name_key("上虞区财政局（国资办）")


def test_words_are_not_folded_because_they_tell_bodies_apart():
    assert organisation_name_key("上虞区财政局") != organisation_name_key("上虞市财政局")
    assert organisation_name_key("财政局（国资办）") != organisation_name_key("财政局")


def test_an_organisation_name_is_kept_with_full_width_brackets():
    assert normalise_organisation_name(" 上虞区 财政局(国资办) ") == "上虞区财政局（国资办）"


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("单东", "shan dong"),
        ("曾国强", "zeng guo qiang"),
        ("尉迟恭", "yu chi gong"),
        ("欧阳修", "ou yang xiu"),
        ("吕布", "lv bu"),
        ("阿卜杜·热合曼", "a bo du re he man"),
        ("𠮷田", "𠮷 tian"),
        ("仇 和", "qiu he"),
    ],
)
def test_a_surname_is_read_as_a_surname(name, syllables):
    assert person_pinyin(name) == tuple(syllables.split())


def test_an_organisation_is_found_by_initials_and_by_full_pinyin():
    syllables = organisation_pinyin("上虞区长塘镇（12345中心）")
    assert initials(syllables) == "syqctz12345zx"
    assert full_pinyin(organisation_pinyin("财政局")) == "caizhengju"
