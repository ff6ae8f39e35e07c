"""Before there is an index: pages say so and have it built, commands build it themselves."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from bianzhi.common.models import Job
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


def test_the_command_builds_a_missing_index_itself(people):
    assert json.loads(run("archive", "search", "测试区财政局", "--json"))["total"] > 0
    assert json.loads(run("search", "status", "--json"))["exists"] is True
    assert json.loads(run("search", "rebuild", "--json"))["documents"] > 0


@pytest.mark.parametrize("wrong", [("--as", "nobody-there"), ("--kind", "nothing")])
def test_the_command_refuses_what_does_not_exist(people, wrong):
    with pytest.raises(SystemExit):
        run("archive", "search", "局", *wrong)
