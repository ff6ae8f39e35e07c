"""公示 in a real browser: an objection is registered and answered, every page sound for axe at both widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.matters.models import PublicationObjection, PublicationState
from tests.accounts.people import signed_in
from tests.browsing import sound
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.test_publications import decided, of, set_matter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    cache.clear()
    if not DIST.exists():
        pytest.skip("assets are not built")


def test_an_objection_is_registered_and_answered(
    page: Page, live_server: Any, console_errors: list[str], matters: People
):
    set_matter("P05", publication_days=5, sampling_percent=0)
    publication = of(decided(matters))
    session = signed_in(matters.director).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_default_timeout(15_000)
    page.goto(f"{live_server.url}{reverse('matters:publications')}", wait_until="networkidle")
    sound(page, "list")
    page.get_by_role("link", name=publication.title).click()
    page.get_by_role("link", name="登记异议").click()
    page.fill("#id_raised_by", "李群众")
    page.fill("#id_text", "手续未办结")
    sound(page, "objection")
    page.get_by_role("button", name="登记异议").click()
    expect(page.locator("h1")).to_have_text(publication.title)
    expect(page.locator("main")).to_contain_text("有异议，暂停计时")
    sound(page, "suspended")
    page.locator("table").get_by_role("link", name="处理").click()
    page.get_by_label("不成立，继续公示").check()
    page.fill("#id_answer", "经核实手续齐全")
    sound(page, "answer")
    page.get_by_role("button", name="处理异议").click()
    expect(page.locator("main")).to_contain_text("经核实手续齐全")
    assert PublicationObjection.objects.get().upheld is False
    assert of(publication.case).state == PublicationState.OPEN
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        for name, address in (
            ("list", reverse("matters:publications")),
            ("page", reverse("matters:publication", args=[publication.pk])),
            ("paper", reverse("matters:publication_print", args=[publication.pk])),
        ):
            page.goto(f"{live_server.url}{address}", wait_until="networkidle")
            sound(page, name)
