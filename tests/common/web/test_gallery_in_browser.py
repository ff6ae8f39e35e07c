"""Every component in a real browser: sound for screen readers, quiet under the CSP, no wider than the window."""

from pathlib import Path

import pytest

from bianzhi.accounts.models import User
from bianzhi.common.web import navigation
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SIZES = [(1366, 768), (1920, 1080)]
DIST = Path(__file__).parents[3] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def assets(settings):
    if not DIST.exists():
        pytest.skip("assets are not built")
    settings.COMPONENT_GALLERY = True


@pytest.fixture
def signed_in(page, live_server, client):
    user = User.objects.create_user("gallery", None, display_name="李明辉", office="市委编办综合科")
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return user


@pytest.fixture
def menu(monkeypatch):
    entries = {
        entry.url_name: entry
        for entry in [
            navigation.Entry(navigation.Group.WORKBENCH, "工作台", "layout-dashboard", "search:results"),
            navigation.Entry(
                navigation.Group.ORGANIZATIONS, "机构管理", "sitemap", "common:gallery", badge=lambda user: 17
            ),
            navigation.Entry(navigation.Group.SYSTEM, "帮助", "help-circle", "common:help"),
        ]
    }
    monkeypatch.setattr(navigation, "_entries", entries)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_the_gallery_is_accessible_quiet_and_fits_the_window(live_server, page, signed_in, menu, console_errors, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{live_server.url}/dev/ui/?date=2024-12-31", wait_until="networkidle")

    sound(page, "gallery")
    tops = page.eval_on_selector_all(".kpi", "boxes => boxes.map(box => box.getBoundingClientRect().top)")

    assert len(set(tops)) == 1
    assert page.locator(".chart-canvas svg").count() == 6
    assert page.locator(".side-menu [aria-current=page]").inner_text().startswith("机构管理")
