"""DA/T 31: what is wrong with a scan is told by page; a sample can be drawn again."""

from dataclasses import replace

import pytest

from bianzhi.archives.models import Page
from bianzhi.archives.rules.da31 import ScannedItem, ScannedPage, look_through
from bianzhi.archives.services.inspections import Scope, inspect_scans
from bianzhi.kernel.objections import Refused
from tests.archives.holdings import ARCHIVIST, hold
from tests.cast import assemble

PAGE = ScannedPage(number=1, source="a.pdf", source_page=1, dpi=300, skew=0.2, is_blank=False, has_text=True)
SECOND = replace(PAGE, number=2, source_page=2)
BOTH = frozenset({("a.pdf", 1), ("a.pdf", 2)})


def kinds(*pages, count=0, expected=BOTH):
    item = ScannedItem(code="X", page_count=count or len(pages), pages=pages, expected=expected)
    return [(problem.page, problem.kind) for problem in look_through(item)]


def test_a_sound_scan_has_no_problem():
    assert kinds(PAGE, SECOND) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"dpi": 150}, "dpi"),
        ({"skew": -1.5}, "skew"),
        ({"is_blank": True, "has_text": False}, "blank"),
        ({"has_text": False}, "unread"),
    ],
)
def test_what_is_wrong_with_a_page_is_told_with_its_number(change, kind):
    assert kinds(PAGE, replace(SECOND, **change)) == [(2, kind)]


def test_a_resolution_nobody_knows_is_no_problem():
    assert kinds(PAGE, replace(SECOND, dpi=0)) == []


def test_missing_pages_are_found():
    assert kinds(PAGE, replace(SECOND, number=3)) == [(None, "numbering")]
    assert kinds(PAGE, SECOND, count=3) == [(None, "count")]
    assert kinds(PAGE) == [(None, "gap")]
    assert kinds(expected=frozenset()) == [(None, "empty")]


@pytest.fixture
def holdings(db):
    return hold(assemble().bureau)


def test_an_inspection_keeps_what_it_found(holdings):
    holdings.filed(pages=2)
    bad = holdings.filed(pages=3)
    Page.objects.filter(item=bad, number=2).update(dpi=100)
    inspection = inspect_scans(actor=ARCHIVIST, title="年度检查", scope=Scope())
    assert inspection.pages == 5
    assert inspection.problems == [{"code": bad.code, "page": 2, "kind": "dpi", "told": "100 dpi，应不低于 200 dpi"}]


def test_a_sample_is_the_same_for_the_same_seed(holdings):
    for _ in range(10):
        holdings.filed()
    drawn = [inspect_scans(actor=ARCHIVIST, title="抽检", scope=Scope(percent=25, seed=seed)).scope for seed in (7, 7)]
    assert drawn[0] == drawn[1]
    assert drawn[0]["items"] == 3


@pytest.mark.parametrize(("title", "scope"), [("", Scope()), ("检", Scope(percent=0)), ("检", Scope(year=1999))])
def test_an_inspection_needs_a_name_a_share_and_scans(holdings, title, scope):
    holdings.filed()
    with pytest.raises(Refused) as refused:
        inspect_scans(actor=ARCHIVIST, title=title, scope=scope)
    assert refused.value.codes == ["archives.inspection"]
