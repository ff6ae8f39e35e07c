"""手写签批: a scan goes with an opinion, is shown with it to whoever sees the case, and proved to be the one signed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.common.integrity import findings
from bianzhi.workflow.files import OPINION_PAPERS
from bianzhi.workflow.models import FlowInstance, FlowOpinion, OpinionPaper
from bianzhi.workflow.web.opinions import prove
from tests.small_papers import small_pdf, small_png
from tests.workflow.engine.hands import tasks_at, where
from tests.workflow.web.conftest import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflow.web.urls")]
Desk = Callable[[str], Client]
PNG = small_png("signed by hand")


def sent(client: Client, name: str, case: FlowInstance, step: str, file: SimpleUploadedFile, **data: Any) -> Any:
    task = tasks_at(case, step)[0]
    return client.post(reverse(f"workflow:{name}", args=[task.pk]), {"paper": file, **data})


def scan(name: str = "签批.png", data: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_scan_is_kept_with_the_opinion_and_shown_with_it(at_desk: Desk, case: FlowInstance) -> None:
    ann = at_desk("ann")
    assert sent(ann, "decide", case, "review", scan(), verdict="agree", text="同意").status_code == 302
    opinion = FlowOpinion.objects.get(instance=case, action="agree")
    paper = opinion.paper
    assert opinion.attachment == paper.sha256
    assert OPINION_PAPERS.read(paper.sha256) == PNG
    assert prove(list(case.opinions.order_by("number"))).is_whole
    assert findings(("workflow.papers", "workflow.opinions", "audit.rows")) == []
    url = reverse("workflow:opinion_paper", args=[paper.pk])
    assert url in text_of(ann.get("/tests/1/"))
    sheet = text_of(ann.get(reverse("workflow:opinions", args=[case.pk])))
    assert f'<img src="{url}"' in sheet
    assert paper.sha256 in sheet
    answer = ann.get(url)
    assert answer.content == PNG
    assert answer["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert ann.get(f"{url}?download")["Content-Disposition"].startswith("attachment")


def test_a_return_may_be_written_by_hand_too(at_desk: Desk, case: FlowInstance) -> None:
    pdf = scan("退回意见.pdf", small_pdf("returned"))
    answer = sent(at_desk("ann"), "return", case, "review", pdf, target="apply", way="step", text="见签批件")
    assert answer.status_code == 302
    assert OpinionPaper.objects.get().opinion.action == "return"
    sheet = text_of(at_desk("ann").get(reverse("workflow:opinions", args=[case.pk])))
    assert "手写签批：退回意见.pdf" in sheet
    assert "<img" not in sheet


def test_only_who_sees_the_case_sees_what_was_written(at_desk: Desk, case: FlowInstance) -> None:
    sent(at_desk("ann"), "decide", case, "review", scan(), verdict="agree", text="同意")
    url = reverse("workflow:opinion_paper", args=[OpinionPaper.objects.get().pk])
    assert at_desk("clerk").get(url).status_code == 200
    assert at_desk("stranger").get(url).status_code == 404
    assert at_desk("clerk").get(reverse("workflow:opinion_paper", args=[10**9])).status_code == 404


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (scan("签批.docx", b"PK\x03\x04"), "只接受PDF、JPG 图片、PNG 图片"),
        (scan("签批.png", b"GIF89a"), "内容不是PNG 图片"),
        (scan("签批.jpg", b"\xff\xd8\xff" + b"0" * (10 * 2**20)), "超过 10 MB"),
        (scan("机密签批.png"), "非涉密系统"),
    ],
)
def test_what_is_no_scan_is_refused_and_what_was_typed_stays(
    at_desk: Desk, case: FlowInstance, file: SimpleUploadedFile, words: str
) -> None:
    file.seek(0)
    answer = sent(at_desk("ann"), "decide", case, "review", file, verdict="agree", text="情况属实")
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "情况属实" in text_of(answer)
    assert where(case) == ["review"]
    assert not OpinionPaper.objects.exists()


def test_an_act_that_keeps_no_scan_does_not_lose_one_silently(
    at_desk: Desk, case: FlowInstance, staff: dict[str, User]
) -> None:
    answer = sent(at_desk("ann"), "transfer", case, "review", scan(), person=str(staff["bob"].pk))
    assert answer.status_code == 422
    assert "只随表态或退回的意见提交" in text_of(answer)
    assert tasks_at(case, "review")[0].assignee_id is None


def test_a_scan_exchanged_in_the_folder_is_found(at_desk: Desk, case: FlowInstance) -> None:
    sent(at_desk("ann"), "decide", case, "review", scan(data=PNG + b"!"), verdict="agree", text="同意")
    OPINION_PAPERS.path_of(OpinionPaper.objects.get().sha256).write_bytes(PNG)
    (finding,) = findings(("workflow.papers",))
    assert "不符" in str(finding)
