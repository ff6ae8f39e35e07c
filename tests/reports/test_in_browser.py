"""Workbench, warnings and reports in a real browser: accessible, quiet under the CSP, no wider than the window."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bianzhi.audit.actors import System
from bianzhi.reports.services.warnings import compute_warnings
from tests.browsing import accessible, sound
from tests.cast import TODAY, assemble, seat
from tests.reports.conftest import signed_in, user_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SIZES = [(1366, 768), (1920, 1080)]
PATHS = [
    "/",
    "/tasks/",
    "/warnings/",
    "/reports/",
    "/reports/t01/",
    "/reports/t03/",
    "/reports/t12/",
    "/reports/t03/print/",
]
DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture
def office(page, live_server, today):
    """The office's own browser, in front of a small district with something of everything."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    cast = assemble()
    cast.fill(cast.bureau, "A1", 3)
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    seat(cast, cast.school, "B5", cast.facts(born=date(1965, 1, 10)))
    compute_warnings(actor=System("每日预警"), today=TODAY)
    cookie = signed_in(user_with("office_clerk")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return page


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_the_pages_are_accessible_quiet_and_fit_the_window(live_server, office, console_errors, size):
    office.set_viewport_size({"width": size[0], "height": size[1]})
    for path in PATHS:
        office.goto(live_server.url + path, wait_until="networkidle")
        (accessible if path.endswith("print/") else sound)(office, path.strip("/").replace("/", "-"))


def test_the_key_figures_stand_in_one_line_and_the_charts_are_drawn(live_server, office, console_errors):
    office.goto(live_server.url, wait_until="networkidle")
    tops = office.eval_on_selector_all(".kpi-figure", "all => all.map(each => each.getBoundingClientRect().top)")
    assert len(tops) == 5
    assert len(set(tops)) == 1
    assert office.locator(".chart-canvas svg").count() == office.locator(".chart-canvas").count() == 4
    office.locator(".chart-table summary").first.click()
    assert office.locator(".chart-table table").first.is_visible()
    office.get_by_role("link", name="空编 ").first.click()
    assert office.get_by_role("heading", name="T10 超编、空编、混编表").is_visible()
