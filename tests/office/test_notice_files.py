"""Files of notices: put on while drafting, opened by whom the notice is for, every opening on record."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Refused
from bianzhi.office.files import NOTICE_FILES
from bianzhi.office.models import Audience, Notice, NoticeFile
from bianzhi.office.parameters import MOST_FILES
from bianzhi.office.services.notice_files import change_files, open_notice_file
from bianzhi.office.services.notices import NoticeFacts, change_notice, draft_notice, publish_notice, withdraw_notice
from tests.cast import TODAY
from tests.office.conftest import client_of
from tests.office.test_pages import draft_data, text_of, url
from tests.small_papers import small_pdf, small_png

pytestmark = pytest.mark.django_db
PDF = Upload("申报表.pdf", small_pdf("form"))
PNG = Upload("样表.png", small_png("sample"))


def facts(staff: Any) -> NoticeFacts:
    return NoticeFacts("申报通知", "见附件。", Audience.UNITS, (staff.cast.bureau.pk,), includes_subtree=False)


def files_of(notice: Notice) -> QuerySet[NoticeFile]:
    return NoticeFile.objects.filter(notice=notice)


def published(staff: Any) -> NoticeFile:
    notice = draft_notice(actor=staff.clerk, facts=facts(staff), files=[PDF])
    publish_notice(actor=staff.clerk, notice_id=notice.pk, today=TODAY)
    return files_of(notice).get()


def test_several_files_go_from_the_form_to_the_readers(staff):
    clerk, reader = client_of(staff.clerk), client_of(staff.bureau_clerk)
    files = [SimpleUploadedFile(each.name, each.data) for each in (PDF, PNG)]
    clerk.post(url("notice_new"), draft_data(attached=files))
    notice = Notice.objects.get()
    assert sorted(files_of(notice).values_list("name", flat=True)) == sorted(["样表.png", "申报表.pdf"])
    assert "申报表.pdf" in text_of(clerk.get(url("notice_edit", notice.pk)))
    file = files_of(notice).get(name="申报表.pdf")
    assert reader.get(url("notice_file", file.pk)).status_code == 404, "a draft is not out"
    clerk.post(url("notice_publish", notice.pk))
    assert url("notice_file", file.pk) in text_of(reader.get(url("notice", notice.pk)))
    answer = reader.get(url("notice_file", file.pk))
    assert answer.content == PDF.data
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert reader.get(f"{url('notice_file', file.pk)}?download")["Content-Disposition"].startswith("attachment")
    opened = AuditEntry.objects.filter(action="office.notice_file_opened", actor_id=staff.bureau_clerk.pk)
    assert opened.count() == 2
    assert findings(("office.files", "audit.rows")) == []


def test_only_whom_the_notice_is_for_opens_its_files(staff):
    file = published(staff)
    assert client_of(staff.bureau_head).get(url("notice_file", file.pk)).status_code == 200
    assert client_of(staff.audit_clerk).get(url("notice_file", file.pk)).status_code == 404
    assert not AuditEntry.objects.filter(actor_id=staff.audit_clerk.pk, action="office.notice_file_opened").exists()
    withdraw_notice(actor=staff.clerk, notice_id=file.notice_id, reason="有误")
    assert client_of(staff.bureau_head).get(url("notice_file", file.pk)).status_code == 404
    assert client_of(staff.clerk).get(url("notice_file", file.pk)).status_code == 200


def test_a_file_that_is_not_what_it_says_saves_nothing_and_keeps_what_was_typed(staff):
    wrong = SimpleUploadedFile("申报表.pdf", b"GIF89a")
    answer = client_of(staff.clerk).post(url("notice_new"), draft_data(attached=[wrong]))
    assert answer.status_code == 422
    assert "内容不是PDF" in text_of(answer)
    assert "第二段" in text_of(answer)
    assert not Notice.objects.exists()
    with pytest.raises(Refused) as refused:
        draft_notice(actor=staff.clerk, facts=facts(staff), files=[Upload("绝密名单.pdf", PDF.data)])
    assert refused.value.codes == ["R27"]


def test_files_are_taken_off_and_put_on_while_it_is_a_draft(staff):
    notice = draft_notice(actor=staff.clerk, facts=facts(staff), files=[PDF, PDF])
    file = files_of(notice).get()
    client_of(staff.clerk).post(url("notice_edit", notice.pk), draft_data(without=str(file.pk)))
    assert list(files_of(notice).filter(removed_at__isnull=True)) == []
    change_notice(actor=staff.clerk, notice_id=notice.pk, facts=facts(staff), files=[PNG])
    with pytest.raises(Refused) as refused:
        change_notice(actor=staff.clerk, notice_id=notice.pk, facts=facts(staff), without=[file.pk])
    assert refused.value.codes == ["N07"]


def test_a_file_of_another_notice_is_not_taken_off(staff):
    first = draft_notice(actor=staff.clerk, facts=facts(staff), files=[PDF])
    second = draft_notice(actor=staff.clerk, facts=facts(staff))
    with pytest.raises(Refused) as refused:
        change_files(actor=staff.clerk, notice=second, add=[], remove=[files_of(first).get().pk])
    assert refused.value.codes == ["N07"]


def test_there_are_only_so_many(staff):
    many = [Upload(f"{number}.pdf", small_pdf(str(number))) for number in range(MOST_FILES.number + 1)]
    with pytest.raises(Refused) as refused:
        draft_notice(actor=staff.clerk, facts=facts(staff), files=many)
    assert refused.value.codes == ["N07"]
    assert not Notice.objects.exists()


def test_what_is_out_keeps_its_files_whatever_writes(staff):
    file = published(staff)
    with pytest.raises(Refused):
        change_notice(actor=staff.clerk, notice_id=file.notice_id, facts=facts(staff), files=[PNG])
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeFile.objects.filter(pk=file.pk).update(removed_at=file.uploaded_at)
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeFile.objects.create(notice=file.notice, name="x.pdf", content_type="", size=1, sha256="0", sm3="0")


def test_what_somebody_may_not_open_leaves_no_trace(staff):
    file = published(staff)
    with pytest.raises(NoticeFile.DoesNotExist):
        open_notice_file(actor=staff.audit_clerk, file_id=file.pk)
    assert open_notice_file(actor=staff.bureau_clerk, file_id=file.pk)[1] == PDF.data
    assert AuditEntry.objects.filter(action="office.notice_file_opened").count() == 1


def test_a_file_exchanged_in_the_folder_is_found(staff):
    notice = draft_notice(actor=staff.clerk, facts=facts(staff), files=[Upload("甲.pdf", small_pdf("other"))])
    NOTICE_FILES.path_of(files_of(notice).get().sha256).write_bytes(b"%PDF-1.7 forged")
    (finding,) = findings(("office.files",))
    assert "不符" in str(finding)
