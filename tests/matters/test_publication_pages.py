"""The pages of 公示: open to everybody who may see publications, objections only to who answers them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.matters.models import Case, Publication, PublicationObjection, PublicationState
from bianzhi.matters.web.publications import waiting_count
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowInstance, InstanceStatus
from tests.accounts.people import account, signed_in
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.test_publications import NEXT, decided, of, set_matter


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    cache.clear()


@pytest.fixture
def published(matters: People) -> Case:
    set_matter("P05", publication_days=5, sampling_percent=0)
    return decided(matters)


def get(client: Client, name: str, *args: Any, **query: Any) -> Any:
    return client.get(reverse(f"matters:{name}", args=args), query)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_everybody_sees_what_is_published_and_only_the_office_who_objected(matters: People, published: Case):
    publication = of(published)
    office, stranger = signed_in(matters.supervision), signed_in(matters.outsider)
    page = text(get(stranger, "publication", publication.pk))
    assert "测试区财政局" in page
    assert "登记异议" not in page
    number = str(published.number)
    assert number not in page
    assert number in text(get(office, "publication", publication.pk))
    form = {"raised_by": "李群众", "contact": "0575-82200000", "text": "手续未办结"}
    office.post(reverse("matters:object", args=[publication.pk]), form)
    assert of(published).state == PublicationState.SUSPENDED
    assert waiting_count(matters.supervision) == 1
    assert waiting_count(matters.outsider) == 0
    seen = text(get(office, "publication", publication.pk))
    for word in ("李群众", "手续未办结", "暂停计时"):
        assert word in seen
    hidden = text(get(stranger, "publication", publication.pk))
    assert "李群众" not in hidden
    assert "收到异议 1 项" in hidden
    assert "李群众" not in text(get(signed_in(matters.clerk), "case", published.pk))


def test_how_to_reach_who_objected_is_shown_to_who_says_what_for(matters: People, published: Case):
    office, page = signed_in(matters.supervision), reverse("matters:publication", args=[of(published).pk])
    form = {"raised_by": "李群众", "contact": "0575-82200000", "text": "手续未办结"}
    office.post(reverse("matters:object", args=[of(published).pk]), form)
    reveal = reverse("disclosure:reveal", args=["objection-contact", PublicationObjection.objects.get().pk])
    seen = text(office.get(page))
    assert "0575-82200000" not in seen
    assert reveal in seen
    assert "0575-82200000" in text(office.post(reveal, {"purpose": "complaint", "note": "核实异议"}))
    clerk = signed_in(matters.clerk)
    assert reveal not in text(clerk.get(page))
    assert clerk.post(reveal, {"purpose": "complaint", "note": "核实异议"}).status_code == 403


def test_an_objection_is_answered_and_the_days_run_on(matters: People, published: Case):
    office = signed_in(matters.supervision)
    office.post(reverse("matters:object", args=[of(published).pk]), {"raised_by": "甲", "text": "乙"})
    objection = PublicationObjection.objects.get()
    page = text(get(office, "answer_objection", objection.pk))
    assert "由编办主任办理" in page
    assert "成立，终止办件" not in page
    refused = office.post(
        reverse("matters:answer_objection", args=[objection.pk]), {"outcome": "stop", "answer": "成立"}
    )
    assert refused.status_code == 422
    office.post(reverse("matters:answer_objection", args=[objection.pk]), {"outcome": "no", "answer": "不属实"})
    assert of(published).state == PublicationState.OPEN
    assert "不成立" in text(get(office, "publication", of(published).pk))


def test_the_director_ends_the_case_over_an_objection(matters: People, published: Case):
    office, director = signed_in(matters.office_clerk), signed_in(matters.director)
    office.post(reverse("matters:object", args=[of(published).pk]), {"raised_by": "甲", "text": "乙"})
    url = reverse("matters:answer_objection", args=[PublicationObjection.objects.get().pk])
    assert "成立，终止办件" in text(director.get(url))
    director.post(url, {"outcome": "stop", "answer": "手续不全"})
    assert published.instance_id is not None
    assert FlowInstance.objects.get(pk=published.instance_id).status == InstanceStatus.TERMINATED
    assert "已撤下" in text(get(director, "publication", of(published).pk))


def test_a_refused_objection_is_said_above_the_form(matters: People, published: Case):
    office = signed_in(matters.supervision)
    answer = office.post(reverse("matters:object", args=[of(published).pk]), {"raised_by": "", "text": ""})
    assert answer.status_code == 422
    run_clocks(NEXT)
    answer = office.post(reverse("matters:object", args=[of(published).pk]), {"raised_by": "甲", "text": "乙"})
    assert "不再受理异议" in text(answer)


def test_the_list_tells_what_is_on_show_and_what_was(matters: People, published: Case, monkeypatch):
    reader = signed_in(matters.clerk)
    assert published.title in text(get(reader, "publications", state="current"))
    assert "还有 5 个工作日" in text(get(reader, "publications"))
    assert published.title not in text(get(reader, "publications", state="past"))
    run_clocks(NEXT)
    monkeypatch.setenv("BIANZHI_TODAY", NEXT.isoformat())
    assert published.title in text(get(reader, "publications", state="past", unit=matters.cast.bureau.pk))
    assert "公示期满" in text(get(reader, "publications"))


def test_the_sheet_for_paper_names_no_number(matters: People, published: Case):
    person = matters.cast.bureau
    page = text(get(signed_in(matters.clerk), "publication_print", of(published).pk))
    assert "2026年3月2日 至 2026年3月9日（5 个工作日）" in page
    assert of(published).number in page
    assert "330699" not in page
    assert str(person.code) not in page


def test_units_and_strangers_may_not_act(matters: People, published: Case):
    pk = of(published).pk
    for user in (matters.clerk, matters.outsider, matters.reviewer):
        assert get(signed_in(user), "object", pk).status_code == 403
    assert get(signed_in(account("nobody")), "publications").status_code == 403
    assert get(Client(), "publications").status_code == 302
    assert Publication.objects.count() == 1
