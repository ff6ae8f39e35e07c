"""The query language: what is typed is read as people mean it, and nothing is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.fulltext.syntax import All, Any, Node, Without, Word, parse, words_in


def told(node: Node | None) -> str:
    """A query in a form that shows its structure."""
    if node is None:
        return ""
    if isinstance(node, Word):
        return node.typed + ("*" if node.is_prefix else "")
    if isinstance(node, Without):
        return f"非{told(node.part)}"
    joint = {All: "&", Any: "|"}[type(node)]
    return "(" + joint.join(told(part) for part in node.parts) + ")"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("渔业许可 罚款", "(渔业许可&罚款)"),
        ("渔业 与 罚款", "(渔业&罚款)"),
        ("渔业 AND 罚款", "(渔业&罚款)"),
        ("渔业&罚款", "(渔业&罚款)"),
        ("渔业 或 水利", "(渔业|水利)"),
        ("渔业 OR 水利 许可", "(渔业|(水利&许可))"),
        ("渔业|水利", "(渔业|水利)"),
        ("(渔业 或 水利) 许可", "((渔业|水利)&许可)"),
        ("（渔业 或 水利）许可", "((渔业|水利)&许可)"),
        ("渔业 非 罚款", "(渔业&非罚款)"),
        ("渔业 NOT 罚款", "(渔业&非罚款)"),
        ("渔业 -罚款", "(渔业&非罚款)"),
        ("渔业 ！罚款", "(渔业&非罚款)"),
        ("非 非 渔业", "渔业"),
        ('"安全 许可证"', "安全 许可证"),
        ("“安全 许可证” 或 渔业", "(安全 许可证|渔业)"),
        ("2024* 渔＊", "(2024*&渔*)"),
        ("云编发(2024)12号", "云编发(2024)12号"),
        ("与会人员", "与会人员"),
        ("非法经营 或者", "(非法经营&或者)"),
        ("(((", ""),
        ("渔业)", "渔业)"),
        ('"没有收尾', "没有收尾"),
        ("或 与 非", "非"),
        ("", ""),
        ("。，！", ""),
    ],
)
def test_a_question_is_read_as_it_is_meant(typed, read):
    assert told(parse(typed)) == read


def test_what_must_be_absent_is_not_among_the_words_to_mark():
    assert [word.typed for word in words_in(parse("渔业 非 罚款"))] == ["渔业"]


@given(st.text(alphabet=st.sampled_from('渔业或与非()（）"“”|&!-* a1NOTR。'), max_size=40))
def test_whatever_is_typed_can_be_read(typed):
    parse(typed)
