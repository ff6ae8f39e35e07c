"""The list, the page and the forms of approval documents: office, clerk, outsider."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.audit.actors import System
from bianzhi.documents import selectors, visibility
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import DocumentFacts, register_document, register_documents

pytestmark = pytest.mark.django_db

ACTOR = System("测试")
FORM = {
    "doc_no": "虞编办[2025]12号",
    "title": "关于区财政局内设机构调整的批复",
    "issuer": "区委编办",
    "issuer_level": "office",
    "kind": "reply",
    "issued_on": "2025.3.1",
}


def registered(number: int = 12, **facts: Any) -> ApprovalDocument:
    given: dict[str, Any] = FORM | {"doc_no": f"虞编办〔2025〕{number}号", "issued_on": date(2025, 3, 1)}
    return register_document(actor=ACTOR, **given | facts)


def signed_in(role: str = "") -> Client:
    user = User.objects.create(username=f"{role or 'nobody'}{User.objects.count()}", display_name="测试用户")
    if role:
        RoleGrant.objects.create(user=user, role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("text", ["虞编办[2025]12号", "虞编办 2025 12", "2025〕12", "内设机构", "区委编办"])
def test_a_document_is_found_by_number_in_any_writing_by_title_and_by_issuer(text):
    wanted = registered()
    registered(99, title="关于设立区数据局的批复", issuer="市委编办")
    assert list(ApprovalDocument.objects.filter(selectors.found_by(text))) == [wanted]
    assert list(selectors.numbered("虞编办（2025）12")) == [wanted]


def test_the_list_is_searched_filtered_and_of_the_day():
    registered(1)
    registered(2, title="关于设立区数据局的批复", kind="notice", issued_on=date(2026, 1, 5))
    office = signed_in("office_clerk")
    address = reverse("documents:list")
    for query, found in (
        ({}, {1, 2}),
        ({"q": "虞编办[2025]2"}, {2}),
        ({"kind": "notice"}, {2}),
        ({"issued_to": "2025"}, {1}),
        ({"issuer": "市委"}, set()),
        ({"date": "2025-12-31"}, {1}),
    ):
        shown = text_of(office.get(address, query))
        assert {number for number in (1, 2) if f"〔2025〕{number}号</a>" in shown} == found, query


def test_the_list_costs_the_same_for_many_documents(django_assert_max_num_queries):
    given: dict[str, Any] = FORM | {"issued_on": date(2025, 3, 1)}
    rows = [DocumentFacts(**given | {"doc_no": f"虞编办〔2025〕{number}号"}) for number in range(100)]
    register_documents(actor=ACTOR, documents=rows)
    office = signed_in("office_clerk")
    with django_assert_max_num_queries(22):
        assert office.get(reverse("documents:list"), {"size": 100}).status_code == 200


def test_a_document_is_registered_and_shown():
    office = signed_in("office_clerk")
    answer = office.post(reverse("documents:register"), FORM)
    document = ApprovalDocument.objects.get()
    assert answer["Location"] == reverse("documents:detail", args=[document.pk])
    shown = text_of(office.get(answer["Location"]))
    assert "虞编办〔2025〕12号" in shown
    assert "还没有事项引用本文件" in shown


def test_a_refused_registration_shows_why_and_keeps_what_was_typed():
    registered()
    answer = signed_in("office_clerk").post(reverse("documents:register"), FORM | {"title": "另一件事的批复"})
    assert answer.status_code == 422
    assert "不一致" in text_of(answer)
    assert "另一件事的批复" in text_of(answer)


def test_a_document_marked_secret_is_refused_on_the_page():
    answer = signed_in("office_clerk").post(reverse("documents:register"), FORM | {"title": "秘密★关于某事的批复"})
    assert answer.status_code == 422
    assert "R27" in text_of(answer)
    assert not ApprovalDocument.objects.exists()


def test_a_correction_needs_a_reason():
    document = registered()
    office = signed_in("office_clerk")
    address = reverse("documents:correct", args=[document.pk])
    assert "关于区财政局内设机构调整的批复" in text_of(office.get(address))
    assert office.post(address, FORM | {"title": "关于某事的批复"}).status_code == 422
    assert office.post(address, FORM | {"title": "关于某事的批复", "reason": "标题录错"}).status_code == 302
    document.refresh_from_db()
    assert document.title == "关于某事的批复"


def test_only_the_office_registers_and_corrects():
    document = registered()
    clerk = signed_in("unit_clerk")
    for address in (reverse("documents:register"), reverse("documents:correct", args=[document.pk])):
        assert clerk.get(address).status_code == 403
        assert clerk.post(address, FORM).status_code == 403


def test_an_outsider_sees_neither_list_nor_page_nor_options():
    document = registered()
    outsider = signed_in()
    assert outsider.get(reverse("documents:list")).status_code == 403
    clerk = signed_in("unit_clerk")
    assert clerk.get(reverse("documents:detail", args=[document.pk])).status_code == 404
    assert clerk.get(reverse("common:lookup", args=["document"]), {"q": "虞编办"}).json()["options"] == []
    assert "虞编办〔2025〕12号" not in text_of(clerk.get("/search/", {"q": "内设机构"}))


def test_a_document_cited_within_the_scope_is_visible(monkeypatch):
    document = registered()
    cited = ApprovalDocument.objects.filter(pk=document.pk).values("pk")
    monkeypatch.setattr(visibility, "_registered", [lambda user: [cited]])
    clerk = signed_in("unit_clerk")
    assert clerk.get(reverse("documents:detail", args=[document.pk])).status_code == 200
    assert "虞编办〔2025〕12号" in text_of(clerk.get(reverse("documents:list")))
    assert "虞编办〔2025〕12号" in text_of(clerk.get("/search/", {"q": "内设机构"}))
