"""Menu, tabs, panels and search: what apps register appears where and to whom it should."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.safestring import mark_safe

from bianzhi.common.web import navigation, search, tabs
from bianzhi.common.web.tones import Tone, register_tones, tone_of


class Somebody:
    """A user with two permissions."""

    is_authenticated = True

    def can(self, permission):
        return permission in {"a.view", "b.view"}


@pytest.fixture
def request_of(settings):
    settings.ROOT_URLCONF = "tests.common.web.urls"

    def make(path):
        request = RequestFactory().get(path)
        request.user = Somebody()  # type: ignore[assignment]
        return request

    return make


@pytest.fixture
def menu(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.register(navigation.Entry(navigation.Group.SYSTEM, "帮助", "help-circle", "common:help", order=90))
    navigation.register(
        navigation.Entry(navigation.Group.WORKBENCH, "一览", "list", "tests-list", "a.view", badge=lambda user: 3)
    )
    navigation.register(navigation.Entry(navigation.Group.SYSTEM, "机密", "lock", "tests-bulk", "secret.view"))


def test_the_menu_shows_only_what_the_user_may_open(request_of, menu):
    groups = navigation.menu_for(request_of("/list/"))

    assert [(group.label, [item.label for item in group.items]) for group in groups] == [
        ("", ["一览"]),
        ("系统", ["帮助"]),
    ]
    assert groups[0].items[0].badge == 3


def test_the_entry_of_the_page_is_current_also_on_pages_below_it(request_of, menu):
    current = [
        item.label for group in navigation.menu_for(request_of("/list/7/")) for item in group.items if item.is_current
    ]

    assert current == ["一览"]


def test_a_page_stands_in_the_menu_once(menu):
    with pytest.raises(ValueError, match="twice"):
        navigation.register(navigation.Entry(navigation.Group.SYSTEM, "帮助", "x", "common:help"))


def _says(words):
    return lambda request, unit: mark_safe(f"{words} of {unit}")


@pytest.fixture
def strip(monkeypatch):
    monkeypatch.setattr(tabs, "_tabs", {})
    tabs.register_tab(tabs.Tab("unit", "roster", "名册", _says("roster"), order=20))
    tabs.register_tab(
        tabs.Tab(
            "unit",
            "quota",
            "编制",
            _says("quota"),
            order=10,
            permission="a.view",
            count=lambda r, u: 5,
        )
    )
    tabs.register_tab(tabs.Tab("unit", "secret", "机密", _says("secret"), order=1, permission="no.view"))
    tabs.register_tab(tabs.Tab("unit", "file", "文件", lambda r, unit: HttpResponse("file"), order=30))


def test_tabs_stand_in_order_and_the_first_is_shown(request_of, strip):
    shown = tabs.strip_for(request_of("/u/1/?date=2024-12-31&q=x"), "unit", "市财政局")

    assert [(tab.key, tab.count, tab.is_current) for tab in shown.tabs] == [
        ("quota", 5, True),
        ("roster", None, False),
        ("file", None, False),
    ]
    assert shown.body == "quota of 市财政局"
    assert shown.tabs[1].url == "/u/1/?date=2024-12-31&tab=roster"


def test_a_tab_the_user_may_not_see_cannot_be_asked_for(request_of, strip):
    assert tabs.strip_for(request_of("/u/1/?tab=secret"), "unit", "x").body == "quota of x"


def test_a_tab_may_answer_for_itself(request_of, strip):
    response = tabs.strip_for(request_of("/u/1/?tab=file"), "unit", "x").response

    assert isinstance(response, HttpResponse)
    assert response.content == b"file"


def test_panels_stand_in_their_slot(request_of, monkeypatch):
    monkeypatch.setattr(tabs, "_panels", {})
    tabs.register_panel(tabs.Panel("unit", "lineage", _says("lineage"), slot="side"))
    tabs.register_panel(tabs.Panel("unit", "hidden", _says("x"), slot="side", permission="no.view"))

    assert tabs.panels_for(request_of("/u/1/"), "unit", "x", slot="side") == ["lineage of x"]
    assert tabs.panels_for(request_of("/u/1/"), "unit", "x") == []


@pytest.fixture
def providers(monkeypatch):
    monkeypatch.setattr(search, "_providers", {})
    found = [search.Result(f"市财政局{at}", "政府部门", f"/u/{at}/") for at in range(20)]
    search.register_provider(
        search.Provider("单位", lambda user, text, limit: [each for each in found if text in each.title][:limit])
    )
    search.register_provider(search.Provider("机密", lambda user, text, limit: found, permission="no.view"))


def test_search_asks_only_providers_the_user_may_use_and_says_when_there_is_more(providers):
    groups = search.search(Somebody(), " 财政 ")

    assert [(group.kind, len(group.results), group.has_more) for group in groups] == [("单位", 10, True)]
    assert search.search(Somebody(), "  ") == []


@pytest.mark.django_db
@pytest.mark.usefixtures("own_urls")
def test_the_search_page_lists_what_was_found_and_keeps_the_day(by_nobody, monkeypatch):
    monkeypatch.setattr(search, "_providers", {})
    search.register_provider(search.Provider("单位", lambda u, t, n: [search.Result("<市财政局>", "部门", "/u/1/")]))

    text = by_nobody.get("/search/?q=财政&date=2024-12-31").content.decode()

    assert 'href="/u/1/?date=2024-12-31">&lt;市财政局&gt;' in text
    assert "没有找到" not in text


@pytest.mark.django_db
@pytest.mark.usefixtures("own_urls")
def test_the_search_page_says_when_nothing_was_found(by_nobody, monkeypatch):
    monkeypatch.setattr(search, "_providers", {})

    assert "没有找到" in by_nobody.get("/search/?q=财政").content.decode()
    assert "请输入要找的内容" in by_nobody.get("/search/").content.decode()


def test_a_word_has_one_colour():
    assert tone_of("超编") is Tone.BAD
    assert tone_of("从未见过的词") is Tone.NEUTRAL
    with pytest.raises(ValueError, match="already"):
        register_tones({"超编": Tone.GOOD})
