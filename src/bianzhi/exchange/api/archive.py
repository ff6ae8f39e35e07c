"""What a department's system can do for the archive: hand in files, and ask what became of them."""

from typing import Any

from django.http import Http404
from ninja import File, Form, Router, UploadedFile
from ninja.responses import Status

from bianzhi.archives.models import IncomingFile
from bianzhi.exchange.api.access import ApiRequest
from bianzhi.exchange.api.operations import CONFLICT, REFUSED, asks, compare, content_of
from bianzhi.exchange.api.problems import Problem
from bianzhi.exchange.api.schemas import ArchiveFileIn, ArchiveFileOut
from bianzhi.exchange.rules.scopes import ARCHIVE
from bianzhi.exchange.services.archive_files import hand_to_archive, mark_of
from bianzhi.kernel import clock

router = Router()


@router.post(
    "/archive/files",
    **asks(ARCHIVE, takes_files=True),
    response={201: ArchiveFileOut, 200: ArchiveFileOut, CONFLICT: Problem},
    tags=["档案"],
    summary="报送档案文件",
)
def send_archive_file(request: ApiRequest, form: Form[ArchiveFileIn], file: File[UploadedFile]) -> Status[Any]:
    """上传一份档案文件（PDF、TIFF、JPEG、PNG、OFD、Word、Excel 或它们的 zip），收到即开始识别，由档案员著录归档。

    同一来源的相同内容再次报送，返回原来的文件（200）。
    """
    compare(form.sha256, file)
    taken, was_known = hand_to_archive(
        actor=request.auth,
        source_id=request.auth.source_id,
        today=clock.today(),
        name=file.name or "",
        content=content_of(file),
    )
    return Status(200 if was_known else 201, _told(taken))


@router.get(
    "/archive/files/{int:file_id}",
    **asks(ARCHIVE),
    response={200: ArchiveFileOut, REFUSED: Problem},
    tags=["档案"],
    summary="查看档案文件",
)
def see_archive_file(request: ApiRequest, file_id: int) -> dict[str, Any]:
    """文件处理到了哪一步；归档以后给出档号。"""
    mark = mark_of(request.auth.source_id)
    file = IncomingFile.objects.filter(upload_key__startswith=mark, pk=file_id).first()
    if file is None:
        raise Http404
    return _told(file)


def _told(file: IncomingFile) -> dict[str, Any]:
    names = ("id", "name", "size", "state", "reason")
    codes = file.items.filter(item__code__isnull=False).order_by("item__code").values_list("item__code", flat=True)
    told = {name: getattr(file, name) for name in names}
    return {**told, "state_label": file.get_state_display(), "codes": list(codes)}
