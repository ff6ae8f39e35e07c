"""Before there is an index: pages say so and have it built, commands build it themselves."""

from __future__ import annotations

import json
from io import StringIO
from types import SimpleNamespace
from typing import NoReturn

import pytest
from django.core.management import call_command
from django.urls import reverse

from bianzhi.common.jobs import run_waiting
from bianzhi.common.models import Job
from bianzhi.fulltext.backend import EngineDown
from bianzhi.search.jobs import changes
from bianzhi.search.jobs.changes import ask_for_index
from bianzhi.search.models import IndexChange
from tests.search.conftest import at_desk

pytestmark = pytest.mark.django_db
PAGE = reverse("search:results")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_without_an_index_the_page_says_so_and_has_it_built(people):
    answer = at_desk(people.again(people.clerk)).get(PAGE, {"q": "财政局"}).content.decode()
    assert "检索索引尚未建好，正在后台自动建立" in answer
    assert "按名称、编号直接查到" in answer
    assert Job.objects.filter(kind="search.rebuild").count() == 1
    assert at_desk(people.clerk).get(reverse("search:suggest"), {"q": "财"}).json() == {"suggestions": []}


def no_answer(*_: object, **__: object) -> NoReturn:
    raise EngineDown("connection refused")


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not answer, whatever it is asked."""
    asked = ("exists", "count", "writer", "build", "search", "suggest")
    engine = SimpleNamespace(name="opensearch", **dict.fromkeys(asked, no_answer))
    monkeypatch.setattr("bianzhi.search.engine.backend", lambda: engine)


def test_while_the_engine_is_down_the_page_says_so_and_still_finds_by_name(people, down):
    answer = at_desk(people.again(people.clerk)).get(PAGE, {"q": "财政局"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "检索服务暂时不可用" in text
    assert "按名称、编号直接查到" in text
    assert at_desk(people.clerk).get(reverse("search:suggest"), {"q": "财"}).json() == {"suggestions": []}


def test_while_the_engine_is_down_changes_wait_and_the_worker_goes_on(people, down, monkeypatch):
    IndexChange.objects.create(kind="documents.document", subject_id=1)
    tried: list[int] = []

    def in_vain() -> int:
        tried.append(1)
        no_answer()

    monkeypatch.setattr(changes, "apply_waiting", in_vain)
    keeper = changes.Keeper()
    assert [keeper.apply(), keeper.apply()] == [0, 0]
    assert len(tried) == 1, "left alone for a while"
    assert IndexChange.objects.filter(applied_at__isnull=True).exists()


def test_a_building_on_an_engine_that_is_down_fails_in_words(people, down):
    ask_for_index()
    run_waiting()
    assert "检索服务没有应答" in Job.objects.get(kind="search.rebuild").error
    assert "检索服务没有应答" in run("search", "status")
    with pytest.raises(SystemExit):
        run("archive", "search", "局")


def test_the_command_builds_a_missing_index_itself(people):
    assert json.loads(run("archive", "search", "测试区财政局", "--json"))["total"] > 0
    assert json.loads(run("search", "status", "--json"))["exists"] is True
    assert json.loads(run("search", "rebuild", "--json"))["documents"] > 0


@pytest.mark.parametrize("wrong", [("--as", "nobody-there"), ("--kind", "nothing")])
def test_the_command_refuses_what_does_not_exist(people, wrong):
    with pytest.raises(SystemExit):
        run("archive", "search", "局", *wrong)
