"""Property: whatever the layout a table is written in, the same values are read from it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bianzhi.common.tabular.kinds import ImportKind
from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.recognising import recognise
from bianzhi.imports.recognition.kinds import STAFFING_PLAN

from .tables import delimited, xls, xlsx

FIELDS = ("organization", "post_name", "post_code", "headcount", "condition.education", "condition.major", "remark")
CHARACTERS = "区县教育卫生农业局中心所医院学校岗位综合管理专技财务一二三甲乙丙丁ABC"
NAMES = st.text(CHARACTERS, min_size=2, max_size=12).filter(lambda name: not name.isascii())
CODES = st.text("0123456789", min_size=3, max_size=12)
POSTS = st.fixed_dictionaries(
    {
        "organization": NAMES,
        "post_name": NAMES,
        "post_code": CODES,
        "headcount": st.integers(1, 99),
        "condition.education": st.sampled_from(["本科及以上", "研究生", "大专及以上"]),
    },
    optional={"condition.major": NAMES, "remark": NAMES},
)


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, Any]:
    """A way to write a table: order and wording of columns, titles, where units repeat, a total or none, a format."""
    return {
        "order": draw(st.permutations(FIELDS)),
        "wording": draw(st.integers(0, 30)),
        "titles": draw(
            st.lists(st.sampled_from([["2026 年招聘计划表"], [], ["说明：以公告为准"], ["单位：人"]]), max_size=7)
        ),
        "units_once": draw(st.booleans()),
        "total": draw(st.sampled_from([None, "合计", "总 计"])),
        "as_text": draw(st.booleans()),
        "blank_rows": draw(st.booleans()),
        "format": draw(st.sampled_from(["xlsx", "xls", "csv", "gb18030"])),
    }


def written(posts: list[dict[str, Any]], layout: dict[str, Any], kind: ImportKind) -> bytes:
    order = layout["order"]
    grid: list[list[Any]] = [*layout["titles"], [_heading(kind, key, layout["wording"]) for key in order]]
    previous = None
    for post in posts:
        if layout["blank_rows"]:
            grid.append([])
        shown = dict(post)
        if layout["units_once"] and post["organization"] == previous:
            shown["organization"] = ""
        previous = post["organization"]
        if layout["as_text"]:
            shown["headcount"] = str(shown["headcount"])
        grid.append([shown.get(key, "") for key in order])
    if layout["total"]:
        total = {"organization": layout["total"], "headcount": sum(post["headcount"] for post in posts)}
        grid.append([total.get(key, "") for key in order])
    if layout["format"] in ("xlsx", "xls"):
        return {"xlsx": xlsx, "xls": xls}[layout["format"]]({"计划": grid})
    return delimited(grid, encoding="utf-8-sig" if layout["format"] == "csv" else "gb18030")


def _heading(kind: ImportKind, key: str, wording: int) -> str:
    named = (kind.by_key[key].label, *kind.by_key[key].synonyms)
    return named[wording % len(named)]


@settings(max_examples=120, deadline=None)
@given(st.lists(POSTS, min_size=1, max_size=8), layouts())
def test_a_table_reads_the_same_in_every_layout(posts, layout):
    book = read_bytes(written(posts, layout, STAFFING_PLAN), name="计划.csv")
    table = parse(book, recognise(book, STAFFING_PLAN))
    assert [row.values for row in table.rows] == posts
    assert table.errors == []
    assert all(control.agrees for control in table.controls)
    assert len(table.controls) == (1 if layout["total"] else 0)
