"""A list in a real browser: typing is kept while rows are swapped, and everything reads without JavaScript."""

import re
from pathlib import Path

import pytest

from bianzhi.accounts.models import User
from bianzhi.common.models import SavedView
from bianzhi.common.web import lookups
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.usefixtures("own_urls")]

DIST = Path(__file__).parents[3] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def assets():
    if not DIST.exists():
        pytest.skip("assets are not built")


@pytest.fixture
def views(clerk):
    other = User.objects.create_user("other", None, display_name="王慧敏")
    SavedView.objects.bulk_create(
        SavedView(user=other if at < 3 else clerk, list_key="ba"[at % 2], name=f"视图{at:03d}", query=f"q={at}")
        for at in range(130)
    )


@pytest.fixture
def owners(monkeypatch):
    lookup = lookups.Lookup(
        "tests.user",
        search=lambda user, text, limit: [
            lookups.Option(str(found.pk), found.display_name, found.username)
            for found in User.objects.filter(display_name__icontains=text)
        ],
        chosen=lambda user, value: User.objects.filter(pk=value).first() if value.isdigit() else None,
        label=lambda found: found.display_name,
    )
    monkeypatch.setitem(lookups._lookups, "tests.user", lookup)


@pytest.fixture
def session(live_server, client, clerk):
    client.force_login(clerk)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


@pytest.fixture
def at_list(page, live_server, session, views, owners, console_errors):
    page.context.add_cookies([session])
    page.goto(f"{live_server.url}/list/", wait_until="networkidle")
    return page


def test_the_list_is_accessible_also_with_its_menus_open(at_list):
    at_list.locator("summary:has-text('显示')").click()
    sound(at_list, "list")
    at_list.keyboard.press("Escape")
    assert not at_list.locator("details[data-menu][open]").count()


def test_rows_are_swapped_while_what_is_typed_stays(at_list):
    at_list.evaluate("window.stillHere = true")
    box = at_list.get_by_placeholder("搜索", exact=True)
    box.press_sequentially("视图00")
    at_list.wait_for_url("**q=*")

    at_list.locator(".list-count strong", has_text=re.compile("^10$")).wait_for()
    assert box.input_value() == "视图00"
    assert at_list.locator("tbody tr").count() == 10
    assert at_list.evaluate("window.stillHere") is True


def test_the_order_survives_a_later_filter(at_list):
    at_list.get_by_role("link", name="名称").click()
    at_list.locator("th[aria-sort=ascending]").wait_for()
    at_list.get_by_role("link", name="名称").click()
    at_list.locator("tbody tr:first-child", has_text="视图129").wait_for()
    at_list.get_by_role("search", name="筛选").get_by_label("列表").select_option("b")

    at_list.locator("tbody tr:first-child", has_text="视图128").wait_for()
    assert "sort=-name" in at_list.url


def test_a_thing_is_chosen_by_typing_part_of_its_name(at_list):
    at_list.get_by_role("combobox", name="用户").press_sequentially("慧敏")
    at_list.locator(".ts-dropdown .option", has_text="王慧敏").click()

    at_list.locator(".list-count strong", has_text=re.compile("^3$")).wait_for()
    assert at_list.locator("tbody tr").count() == 3


def test_a_late_answer_does_not_mix_with_a_newer_one(at_list):
    held = []
    at_list.route(
        "**/lookup/**",
        lambda route: held.append(route) if route.request.url.endswith("?q=") else route.continue_(),
    )
    box = at_list.get_by_role("combobox", name="用户")
    with at_list.expect_request("**/lookup/**"):
        box.click()
    box.press_sequentially("慧敏")
    options = at_list.locator(".ts-dropdown:visible .option")
    options.filter(has_text="王慧敏").wait_for()
    with at_list.expect_response(lambda answer: answer.url.endswith("?q=")):
        held[0].continue_()

    at_list.wait_for_timeout(300)
    assert options.all_inner_texts() == ["王慧敏other"]


def test_choosing_rows_opens_the_bulk_bar(at_list):
    bar = at_list.locator(".bulk-bar")
    assert not bar.is_visible()

    at_list.get_by_label("全选本页").check()

    assert bar.is_visible()
    assert at_list.locator("[data-bulk-count]").inner_text() == "已选 20 行"


def test_a_refused_filter_says_so_in_the_corner_or_in_place(at_list):
    at_list.locator("summary", has_text="更多筛选").click()
    at_list.get_by_label("保存日期（起）").fill("昨天")

    at_list.locator(".list-rows .alert-error", has_text="保存日期").wait_for()
    assert at_list.locator("tbody tr").count() == 0


def test_without_javascript_the_list_filters_sorts_and_turns_pages(browser, live_server, session, views, owners):
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies([session])
        page = context.new_page()
        page.goto(f"{live_server.url}/list/")
        page.get_by_role("search", name="筛选").get_by_label("列表").select_option("a")
        page.get_by_role("button", name="查询").click()
        page.get_by_role("link", name="下一页").click()

        assert "list=a" in page.url
        assert "page=2" in page.url
        assert page.locator("tbody tr").count() == 20


def test_on_paper_only_the_table_and_its_footer_remain(at_list):
    at_list.emulate_media(media="print")

    assert not at_list.locator(".topbar").is_visible()
    assert not at_list.locator(".list-bar").is_visible()
    assert at_list.locator("tbody tr").first.is_visible()
    assert at_list.locator(".print-footer").is_visible()
