"""The page of results, the box of the top bar, saved searches, the page of the index, the commands."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from bianzhi.common.models import Job
from bianzhi.kernel.objections import Refused
from bianzhi.search.models import SavedSearch
from bianzhi.search.services import saved
from bianzhi.search.services.saved import forget_search, save_search
from tests.search.conftest import World, at_desk

pytestmark = pytest.mark.django_db
PAGE = reverse("search:results")


def page(world: World, who: str, **query: str) -> str:
    return at_desk(world.users[who]).get(PAGE, query).content.decode()


def test_results_are_marked_and_lead_to_the_page_of_the_original(world: World):
    text = page(world, "clerk", q="渔业许可证")
    item = world.items["own"]
    assert "共找到 3 项" in text
    assert "<mark>渔业许可证</mark>" in text
    assert f"/archives/items/{item.pk}/view/?page=2&amp;q=%E6%B8%94" in text


def test_facets_are_links_that_narrow_and_let_go(world: World):
    text = page(world, "director", q="审计局")
    assert "kind=archives.item" in text
    narrowed = page(world, "director", q="审计局", kind="archives.item")
    assert 'class="is-chosen"' in narrowed
    assert "清除" in narrowed
    assert "按名称、编号直接查到" not in narrowed


def test_what_apps_find_by_number_stands_below(world: World):
    assert "按名称、编号直接查到" in page(world, "director", q="财政局")


def test_who_has_no_full_text_search_sees_only_that(world: World):
    text = page(world, "system_admin", q="财政局")
    assert "共找到" not in text
    assert 'name="fuzzy"' not in text
    assert "data-suggest" not in text
    assert at_desk(world.users["system_admin"]).get(reverse("search:suggest"), {"q": "财"}).status_code == 403


ODD = ("q=局&page=0", "q=x&page=99999999", "order=evil", "units=abc&units=²&q=a", 'q=(("', "kind=nowhere", "year=%00")


@pytest.mark.parametrize("query", [*ODD, "q=" + "局" * 500])
def test_an_odd_address_is_answered(world: World, query):
    assert at_desk(world.users["clerk"]).get(f"{PAGE}?{query}").status_code in (200, 400, 404)


def test_suggestions_tell_what_they_are_and_where_they_lead(world: World):
    found = at_desk(world.users["clerk"]).get(reverse("search:suggest"), {"q": "测试区财"}).json()["suggestions"]
    assert {"kind": "机构", "title": "测试区财政局"}.items() <= found[0].items()
    assert at_desk(world.users["clerk"]).get(found[0]["url"]).status_code == 200


def test_a_search_is_kept_under_a_name_found_again_and_let_go(world: World):
    desk = at_desk(world.users["clerk"])
    desk.post(reverse("search:save"), {"name": "渔业", "query": "q=渔业许可证&kind=archives.item"})
    kept = SavedSearch.objects.get()
    assert "渔业</a>" in page(world, "clerk")
    assert "渔业</a>" not in page(world, "director")
    assert at_desk(world.users["director"]).post(reverse("search:forget", args=[kept.pk])).status_code == 404
    desk.post(reverse("search:forget", args=[kept.pk]))
    assert not SavedSearch.objects.exists()


def test_a_saved_search_needs_a_name_and_there_are_not_too_many(world: World, monkeypatch: pytest.MonkeyPatch):
    clerk = world.users["clerk"]
    with pytest.raises(Refused, match="1 至 60 个字"):
        save_search(actor=clerk, name=" ", query="q=a")
    with pytest.raises(Refused, match="条件过长"):
        save_search(actor=clerk, name="长", query="q" * 2001)
    monkeypatch.setattr(saved, "MOST", 1)
    first = save_search(actor=clerk, name="一", query="q=a")
    assert save_search(actor=clerk, name="一", query="q=b").pk == first.pk
    with pytest.raises(Refused, match="已保存 1 条"):
        save_search(actor=clerk, name="二", query="q=a")
    assert forget_search(actor=clerk, saved_id=first.pk) == "一"


def test_the_page_of_the_index_tells_how_it_stands_and_has_it_rebuilt(world: World):
    desk = at_desk(world.users["system_admin"])
    assert "可用" in desk.get(reverse("search:index")).content.decode()
    desk.post(reverse("search:rebuild"))
    assert Job.objects.get(kind="search.rebuild").requested_by == world.users["system_admin"]
    assert "重建全文检索索引" in desk.get(reverse("search:index")).content.decode()
    assert at_desk(world.users["clerk"]).post(reverse("search:rebuild")).status_code == 403


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_answers_in_json_in_whose_name_it_is_asked(world: World):
    everything = json.loads(run("archive", "search", "渔业许可证", "--json"))
    assert everything["total"] == 3
    assert everything["hits"][0]["url"].startswith("/archives/items/")
    start, end = everything["hits"][0]["marks"][0]
    assert everything["hits"][0]["snippet"][start:end] == "渔业许可证"
    name = world.users["outsider"].username
    assert json.loads(run("archive", "search", "渔业许可证", "--json", "--as", name))["total"] == 0
    assert "共找到 3 项" in run("archive", "search", "渔业许可证", "--kind", "archives.item")
