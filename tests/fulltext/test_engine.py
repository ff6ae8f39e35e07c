"""What every engine must find, count, mark and offer; the same set for the embedded one and for a server."""

import random

import pytest

from bianzhi.fulltext.backend import IndexMissing
from bianzhi.fulltext.documents import FACETS, Request
from tests.fulltext.conftest import SERVER, doc

REPLY = doc(
    "reply", "关于设立云江区渔业局的批复", "同意设立云江区渔业局，核定行政编\n制12名（2024年度）。",
    numbers=("云编发〔2024〕12号",), initials=("gyslyjqyyjdpf",), units=("7",), persons=("王小明",),
    year=2024, retention="Y", day=20240318, subtitle="区委编委",
)  # fmt: skip
PAGE = doc(
    "reply:2",
    "关于设立云江区渔业局的批复",
    "附件：渔业许可证管理办法",
    subject="reply",
    page=2,
    units=("7",),
    year=2024,
)
SECRET = doc(
    "secret", "关于渔业局领导职数的通知", "渔业局核定领导职数3名", access="b", units=("8",), year=2023, day=20230101
)
OTHER = doc("other", "水利局章程", "水利工程罚款规定3年5月", year=2022, day=20220101, retention="D10", kind="law")


@pytest.mark.skipif(not SERVER, reason="no OpenSearch server: BIANZHI_TEST_OPENSEARCH names none")
def test_this_set_runs_against_a_server_too(shelf):
    assert shelf.engine.name in ("tantivy", "opensearch")


@pytest.fixture
def full(shelf):
    shelf.hold(REPLY, PAGE, SECRET, OTHER)
    return shelf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("渔业局", {"reply"}),
        ("行政编制12名", {"reply"}),
        ("编制 12", {"reply"}),
        ("编制12名（2024", {"reply"}),
        ("制1", set()),
        ("2024年", {"reply"}),
        ("渔", {"reply", "reply:2"}),
        ("渔业 或 水利", {"reply", "reply:2", "other"}),
        ("渔业 非 许可证", {"reply"}),
        ("-渔业", {"other"}),
        ("渔业许可证", {"reply:2"}),
        ("渔业证", set()),
        ('"附件 渔业"', set()),
        ("附件：渔业", {"reply:2"}),
        ("3年5月", {"other"}),
        ("202*", {"reply"}),
        ("编制1*", {"reply"}),
        ("云编发[2024]12号", {"reply"}),
        ("云编发（２０２４）12号", {"reply"}),
        ("云编发〔2024〕1号", set()),
        ("yyj", {"reply"}),
        ("王小明", {"reply"}),
        ("区委编委", {"reply"}),
        ("。", set()),
    ],
)
def test_a_question_finds_exactly_what_it_says(full, text, found):
    assert full.keys(text) == found
    assert full.ask(text).total == len(found)


def test_a_page_is_found_by_its_own_text_and_not_again_by_the_title(full):
    assert full.keys("关于设立") == {"reply"}


def test_without_a_token_nothing_is_found_counted_or_offered(full):
    assert full.ask("渔业", access="c", facets=FACETS).total == 0
    assert full.titles("渔业", access="c") == []
    assert full.engine.search(Request(access=frozenset())).total == 0


def test_facets_count_only_what_the_reader_may_see(full):
    facets = full.ask("渔业", facets=FACETS).facets
    assert dict(facets["units"]) == {"7": 2}
    assert dict(facets["year"]) == {"2024": 2}
    assert dict(full.ask("", facets=FACETS).facets["kind"]) == {"item": 2, "law": 1}


def test_filters_narrow_and_several_values_of_one_are_alternatives(full):
    assert full.keys("", filters={"year": ("2024", "2022")}) == {"reply", "reply:2", "other"}
    assert full.keys("", filters={"year": ("2024",), "retention": ("Y",)}) == {"reply"}
    assert full.keys("渔业", filters={"kind": ("law",)}) == set()


def test_pages_of_results_follow_each_other_without_gap(full):
    whole = [hit.key for hit in full.ask("", limit=10).hits]
    assert [full.ask("", limit=1, offset=at).hits[0].key for at in range(3)] == whole
    assert [hit.key for hit in full.ask("", order="oldest").hits][-1] == "reply"
    assert full.ask("", order="newest").hits[0].key == "reply"


def test_the_number_itself_comes_before_what_cites_it(shelf):
    cites = [doc(f"c{at}", "通知", "根据云编发〔2024〕12号、云编发〔2024〕12号" * 3) for at in range(5)]
    shelf.hold(*cites, REPLY)
    assert shelf.ask("云编发(2024)12号").hits[0].key == "reply"


def test_what_was_found_is_marked_in_title_and_text(full):
    hit = full.ask("渔业局").hits[0]
    assert [hit.title.text[a:b] for a, b in hit.title.spans] == ["渔业局"]
    assert [hit.snippet.text[a:b] for a, b in hit.snippet.spans] == ["渔业局"]
    broken = full.ask("行政编制").hits[0].snippet
    assert [broken.text[a:b] for a, b in broken.spans] == ["行政编 制"]


def test_a_passage_is_taken_from_where_the_words_stand(shelf):
    shelf.hold(doc("long", "长文", "无关" * 900 + "渔业许可证" + "其他" * 900))
    snippet = shelf.ask("渔业许可证").hits[0].snippet
    assert len(snippet.text) <= 122
    assert [snippet.text[a:b] for a, b in snippet.spans] == ["渔业许可证"]


@pytest.mark.parametrize("misread", ["设立云汇区渔业局", "同意设立云江区鱼业局核", "核定行攻编制"])
def test_a_misread_character_is_forgiven_in_fuzzy_mode_only(full, misread):
    assert "reply" not in full.keys(misread)
    assert "reply" in full.keys(misread, is_fuzzy=True)


def test_fuzzy_mode_lets_the_exact_come_first_and_keeps_the_access(full):
    assert full.ask("渔业许可证管理", is_fuzzy=True).hits[0].key == "reply:2"
    assert "secret" not in full.keys("渔业局核定领导职数", is_fuzzy=True)


@pytest.mark.parametrize("typed", ["关于设", "渔", "渔业局的批", "gysl", "yjq", "云编发〔20", "云编发(2024"])
def test_what_is_typed_goes_on_as_titles_and_numbers_do(full, typed):
    assert full.titles(typed) == [REPLY.title]


def test_a_title_of_others_is_not_offered(full):
    assert full.titles("关于渔业局领导") == []
    assert full.titles("关于渔业局领导", access="b") == [SECRET.title]


def test_docs_of_a_subject_are_replaced_together(full):
    with full.engine.writer() as writer:
        writer.replace("reply", [doc("reply:1", "新题名", "新内容", subject="reply")])
        writer.replace("other", [])
        writer.commit()
    assert full.keys() == {"reply:1"}
    assert full.engine.count() == 2


def test_what_was_not_committed_has_not_happened(full):
    with full.engine.writer() as writer:
        writer.replace("reply", [])
    assert "reply" in full.keys("渔业局")


def test_a_build_left_halfway_changes_nothing_and_one_that_ends_is_caught_up(full):
    with full.engine.build() as build:
        build.writer.replace("new", [doc("new", "新")])
    assert full.keys("新") == set()
    with full.engine.build() as build:
        build.writer.replace("new", [doc("new", "新")])
        build.switch(lambda writer: writer.replace("late", [doc("late", "新近")]) and None)
    assert full.keys() == {"new", "late"}


def test_without_an_index_the_engine_says_so(shelf):
    assert not shelf.engine.exists()
    with pytest.raises(IndexMissing):
        shelf.ask("渔业")
    with pytest.raises(IndexMissing), shelf.engine.writer():
        pass


ALPHABET = "渔业许可证罚款水利编制"


def test_phrases_words_and_alternatives_equal_plain_substring_search(shelf):
    chance = random.Random(20260301)
    texts = {str(at): "".join(chance.choices(ALPHABET + "，2", k=60)).replace("2", "2024") for at in range(300)}
    shelf.hold(*(doc(key, "", text, page=1) for key, text in texts.items()))
    for _ in range(60):
        one, two = ("".join(chance.choices(ALPHABET, k=chance.choice([1, 2, 2, 3, 4]))) for _ in range(2))
        for text, truth in (
            (one, lambda body, one=one, two=two: one in body),
            (f"{one} {two}", lambda body, one=one, two=two: one in body and two in body),
            (f"{one} 或 {two}", lambda body, one=one, two=two: one in body or two in body),
            (f"{one} 非 {two}", lambda body, one=one, two=two: one in body and two not in body),
        ):
            assert shelf.keys(text) == {key for key, body in texts.items() if truth(body)}, text
