"""Proofs over the office's rows, run by `./bianzhi check`."""

from collections.abc import Iterator

from bianzhi.common.integrity import Finding
from bianzhi.intake.taking import as_kept
from bianzhi.office.files import NOTICE_FILES
from bianzhi.office.models import NoticeFile


def files_as_kept() -> Iterator[Finding]:
    """Every file of a notice is in the folder as it was registered."""
    yield from as_kept(NoticeFile.objects.order_by("pk").iterator(chunk_size=500), NOTICE_FILES, "通知附件")
