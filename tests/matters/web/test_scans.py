"""Scans of what a step of the office issues: kept with the case, shown there and on the page of the document."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bianzhi.common.integrity import findings
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import CaseAttachment
from bianzhi.matters.services.attachments import remove
from bianzhi.matters.services.scans import attach_scan, fill_in_with_scans
from bianzhi.workflow.services.returning import return_task
from tests.cast import TODAY
from tests.matters import establishing as given
from tests.matters.web.conftest import page_url, text_of
from tests.small_papers import small_pdf

MATTERS = ("P09",)
PDF = small_pdf("盖章批复")


@pytest.fixture
def case(matters):
    """A renaming that waits for the 批复 to be written."""
    row = {"act": "change", "body": matters.cast.finance_section.pk, "name": "预算管理科"}
    case = matters.apply("P09", {"unit": matters.cast.bureau.pk, "bodies": [row], **given.REASONS})
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    return case


def written(matters, at_desk, case, file):
    """The step of 拟文 as the clerk sends it, with a scan."""
    task = matters.task(case, matters.office_clerk)
    facts = {f"decision-{name}": str(value) for name, value in given.reply("office")["decision"].items()}
    url = reverse("matters:step", args=[case.pk, task.pk])
    return at_desk(matters.office_clerk).post(url, {**facts, "scan-decision": file})


def test_the_scan_of_a_reply_is_kept_with_the_case_and_shown_with_the_document(matters, at_desk, case):
    clerk = at_desk(matters.office_clerk)
    assert "批复文件扫描件" in text_of(clerk.get(page_url(case)))
    answer = written(matters, at_desk, case, SimpleUploadedFile("批复.pdf", PDF))
    assert answer["Location"] == page_url(case)
    row = CaseAttachment.objects.get(name="批复.pdf")
    page = text_of(clerk.get(page_url(case)))
    assert "批复文件（扫描件）" in page
    assert reverse("matters:attachment", args=[row.pk]) in page
    matters.agree(case, matters.office_clerk)
    matters.agree(case, matters.director)
    document = ApprovalDocument.objects.get(doc_no=given.reply("office")["decision"]["doc_no"])
    page = text_of(clerk.get(reverse("documents:detail", args=[document.pk])))
    assert "扫描件" in page
    assert "批复.pdf" in page
    assert at_desk(matters.outsider).get(reverse("matters:attachment", args=[row.pk])).status_code == 404
    assert findings(("matters.files", "matters.submissions", "audit.rows")) == []


def test_what_is_no_scan_saves_nothing_of_the_step(matters, at_desk, case):
    answer = written(matters, at_desk, case, SimpleUploadedFile("批复.docx", b"PK"))
    assert answer.status_code == 422
    assert "只接受PDF、JPG 图片、PNG 图片" in text_of(answer)
    case.refresh_from_db()
    assert "decision" not in case.form
    assert not CaseAttachment.objects.filter(evidence__startswith="scan:").exists()


def test_what_is_written_and_its_scan_are_kept_together_or_not_at_all(matters, case):
    task = matters.task(case, matters.office_clerk)
    scans = {"decision": Upload("批复.pdf", b"GIF89a")}
    with pytest.raises(Refused) as refused:
        fill_in_with_scans(
            actor=matters.office_clerk, task_id=task.pk, values=given.reply("office"), scans=scans, today=TODAY
        )
    assert refused.value.codes == ["M51"]
    case.refresh_from_db()
    assert "decision" not in case.form


def test_only_whose_turn_it_is_adds_the_scan_of_a_document_the_step_writes(matters, case):
    task = matters.task(case, matters.office_clerk)
    scan = Upload("批复.pdf", PDF)
    with pytest.raises(Refused) as refused:
        attach_scan(actor=matters.deputy, task_id=task.pk, field="decision", upload=scan, today=TODAY)
    assert refused.value.codes == ["L1"]
    with pytest.raises(Refused) as refused:
        attach_scan(actor=matters.office_clerk, task_id=task.pk, field="reason", upload=scan, today=TODAY)
    assert refused.value.codes == ["M15"]


def test_the_applicant_does_not_take_the_offices_scan_off(matters, case):
    task = matters.task(case, matters.office_clerk)
    row = attach_scan(
        actor=matters.office_clerk, task_id=task.pk, field="decision", upload=Upload("批复.pdf", PDF), today=TODAY
    )
    given_back = matters.task(case, matters.office_clerk)
    return_task(
        actor=matters.office_clerk, task_id=given_back.pk, to_node="apply", way="step", text="补正", today=TODAY
    )
    with pytest.raises(Refused) as refused:
        remove(actor=matters.clerk, attachment_id=row.pk, today=TODAY)
    assert "不能由申请人移除" in str(refused.value)
