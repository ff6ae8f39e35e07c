"""Files of notices: put on and taken off a draft, opened by whom the notice is for."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intake.taking import take
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.files import NOTICE_FILES
from bianzhi.office.models import Notice, NoticeFile
from bianzhi.office.parameters import LARGEST_FILE, MOST_FILES


@unit_of_work
def change_files(
    *, actor: User, notice: Notice, add: Sequence[Upload], remove: Sequence[int] = ()
) -> list[SealedModel]:
    """Part of saving a draft: take files off it and put others on; returns the rows written.

    The same file is put on once. Raises Refused for a file that is not taken (M51, R27), too many of them (N07), or one
    to be removed that is not on this notice.
    """
    wrote: list[SealedModel] = [*_taken_off(notice, remove)]
    for upload in add:
        columns = take(upload, actor=actor, into=NOTICE_FILES, largest_megabytes=LARGEST_FILE.number)
        if not NoticeFile.objects.filter(notice=notice, sha256=columns["sha256"], removed_at__isnull=True).exists():
            wrote.append(NoticeFile.objects.create(notice=notice, uploaded_by_id=actor.pk, **columns))
    most = MOST_FILES.number
    if NoticeFile.objects.filter(notice=notice, removed_at__isnull=True).count() > most:
        raise Refused([Objection("N07", f"每份通知最多 {most} 个附件。", next_step="请合并或移除后再保存。")])
    return wrote


def _taken_off(notice: Notice, pks: Sequence[int]) -> list[NoticeFile]:
    rows = list(NoticeFile.objects.select_for_update().filter(notice=notice, pk__in=pks, removed_at__isnull=True))
    if len(rows) < len(set(pks)):
        raise Refused([Objection("N07", "要移除的附件已不在这份通知上。", next_step="请刷新页面后再修改。")])
    for row in rows:
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
    return rows


def listed(notice: Notice) -> list[dict[str, Any]]:
    """The files of a notice as the record keeps them."""
    rows = NoticeFile.objects.filter(notice=notice, removed_at__isnull=True)
    return [{"id": row.pk, "name": row.name, "size": row.size, "sha256": row.sha256} for row in rows]


@unit_of_work
def open_notice_file(*, actor: User, file_id: int) -> tuple[NoticeFile, bytes]:
    """The file and its content for somebody the notice is for; every opening is on record.

    Raises NoticeFile.DoesNotExist for one out of the actor's sight, FileNotFoundError when it is gone from the folder.
    """
    row = NoticeFile.objects.visible_to(actor).select_related("notice").get(pk=file_id)
    data = NOTICE_FILES.read(row.sha256)
    facts = {"file": row.pk, "name": row.name, "sha256": row.sha256}
    record("office.notice_file_opened", actor=actor, subject=row.notice, facts=facts)
    return row, data
