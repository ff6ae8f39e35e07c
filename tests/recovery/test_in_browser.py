"""Backups, drills and anchors in a real browser: accessible, quiet under the CSP, no wider than the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from bianzhi.audit import anchors
from bianzhi.audit.actors import System
from bianzhi.recovery.models import Drill
from bianzhi.recovery.services.noting import DrillFacts, note_drill
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.verifying import verify
from tests.accounts.people import account, signed_in
from tests.audit.sample_services import open_account
from tests.browsing import accessible, sound
from tests.recovery.conftest import Platform

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SIZES = [(1366, 768), (1920, 1080)]
DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture
def office(page, live_server, platform: Platform, settings, tmp_path):
    """A platform with backups, good and bad drills, an anchor that is kept and one that is not."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    cache.clear()
    path, label = make(platform.backups)
    verify(path)
    settings.ANCHORS = [str(tmp_path / "anchors.txt"), str(tmp_path / "not mounted" / "anchors.txt")]
    open_account("zhao")
    anchors.flush(5)
    anchors.write()
    make(platform.backups, incremental=True)
    steps = [("核验备份", "1.8 秒"), ("写回文件", "0.4 秒"), ("装入数据库", "0.3 秒"), ("核对", "18.0 秒")]
    note_drill(actor=System("定时备份"), facts=DrillFacts(timezone.now(), label, 3, 21, steps))
    note_drill(actor=System("定时备份"), facts=DrillFacts(timezone.now(), problems=["备份盘没有插上。"]))

    def visit(role: str, path: str):
        cookie = signed_in(account(role.replace("_", "-"), role)).cookies["sessionid"].value
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path, wait_until="networkidle")
        return page

    return visit


def sound_at_each_size(page, name: str) -> None:
    """Nothing for axe to find and nothing wider than the window, in a small one and a large one."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        sound(page, name)


def test_the_administrator_sees_backups_and_the_reports_of_drills(office, live_server, console_errors):
    page = office("system_admin", "/recovery/")
    assert page.get_by_role("table", name="备份目录中的备份").locator("tbody tr").count() == 2
    sound_at_each_size(page, "recovery")
    page.get_by_role("table", name="恢复演练报告").locator("tbody a").last.click()
    assert "能够恢复" in page.inner_text("#main")
    sound_at_each_size(page, "drill")
    page.goto(live_server.url + reverse("recovery:drill", args=[Drill.objects.get(is_good=False).pk]))
    assert "没有插上" in page.inner_text("#main")
    sound_at_each_size(page, "drill-failed")


def test_the_auditor_sees_which_place_of_anchors_is_down(office, console_errors):
    page = office("audit_admin", "/audit/anchors/")
    states = page.get_by_role("table", name="保存锚点的地方").locator(".tag").all_inner_texts()
    assert states == ["正常", "断开"]
    sound_at_each_size(page, "anchors")
    page.get_by_role("link", name="打印链头").click()
    accessible(page, "anchors-print")


def test_a_backup_is_asked_for_by_a_button_and_watched(office, console_errors):
    page = office("system_admin", reverse("recovery:overview"))
    page.get_by_role("button", name="立即备份").click()
    assert page.locator("progress").count() == 1
