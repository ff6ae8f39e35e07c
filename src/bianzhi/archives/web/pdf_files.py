"""Files of an item on their way out: by right only, written down each time; parts of a PDF for the viewer."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from bianzhi.archives import derivatives
from bianzhi.archives.models import Item, ItemFile
from bianzhi.archives.pdf_marks import marked
from bianzhi.archives.selectors.files import newest_files
from bianzhi.archives.selectors.rights import DOWNLOAD, rights_of
from bianzhi.archives.services.openings import note_opening
from bianzhi.archives.storage import originals
from bianzhi.archives.web.contents import item_with_contents
from bianzhi.common.web.access import MissingPermission, PageRequest, page
from bianzhi.common.web.kept_files import POLICY
from bianzhi.disclosure.services.releases import mark_for, new_number
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal

VIEW: Final = "archives.view"
_RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
CHUNK: Final = 1 << 16


def has_pdf(item: Item) -> bool:
    """Whether there is a PDF to show; nothing is made for the answer."""
    files = newest_files(item)
    return bool(files) and all(derivatives.format_of(file).code in derivatives.DRAWN for file in files)


def _pdf_of(item: Item) -> Path:
    try:
        path = derivatives.searchable_pdf(item)
    except derivatives.NoPageImage as error:
        raise Http404("该件的 PDF 暂时无法生成，请联系档案员核验原件。") from error
    if path is None:
        raise Http404("该件没有 PDF。")
    return path


@page(VIEW)
@require_safe
def pdf(request: PageRequest, pk: int) -> HttpResponseBase:
    """The PDF of an item, whole or in the part asked for; the bytes themselves go only to who may keep them."""
    item = _item_to_take(request, pk)
    path = _pdf_of(item)
    note_opening(actor=request.user, item=item, kind="view")
    return _part_of(request, _open(path))


@page(VIEW)
@require_POST
def searchable(request: PageRequest, pk: int) -> HttpResponseBase:
    """The searchable PDF, to keep: a copy with the watermark of who takes it."""
    item = _item_to_take(request, pk)
    path = _pdf_of(item)
    note_opening(actor=request.user, item=item, kind="download")
    mark = mark_for(request.user, new_number("DA"))
    return _file(marked(_open(path), mark), f"{item.code or item.title or item.pk}.pdf")


@page(VIEW)
@require_POST
def original(request: PageRequest, pk: int, file: int) -> HttpResponseBase:
    """An original as it came, to keep."""
    item = _item_to_take(request, pk)
    found = get_object_or_404(ItemFile.objects.select_related("original"), pk=file, item=item)
    note_opening(actor=request.user, item=item, kind="download")
    try:
        stream = originals().open(found.original.sha256)
    except OSError as error:
        raise Http404("原件暂时无法读取，请联系档案员核验。") from error
    return _file(stream, found.name)


@page(VIEW)
@require_POST
def printed(request: PageRequest, pk: int) -> HttpResponse:
    """All pages of an item as sheets for the printer, each with who printed it and when."""
    item = item_with_contents(request, pk)
    if not rights_of(request.user, item).may_print:
        raise MissingPermission(DOWNLOAD)
    note_opening(actor=request.user, item=item, kind="print")
    return render(request, "archives/printed.html", {"item": item, "pages": item.pages.order_by("number")})


def _item_to_take(request: PageRequest, pk: int) -> Item:
    item = item_with_contents(request, pk)
    if not rights_of(request.user, item).may_download:
        raise MissingPermission(DOWNLOAD)
    return item


def _file(stream: object, name: str) -> FileResponse:
    answer = FileResponse(stream, content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _open(path: Path) -> BinaryIO:
    try:
        return derivatives.open_made(path)
    except BrokenSeal as error:
        path.unlink(missing_ok=True)
        raise Http404("该件的 PDF 已损坏并已清除，请重新打开，系统会从原件重新生成。") from error


def _part_of(request: PageRequest, stream: BinaryIO) -> HttpResponseBase:
    """The file, or the one range asked for (RFC 9110); a range beyond the end is answered 416."""
    size = stream.seek(0, os.SEEK_END)
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = 0, size - 1
    if asked is not None:
        first = int(asked.group(1))
        last = min(int(asked.group(2) or size - 1), size - 1)
        if first > last:
            stream.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = StreamingHttpResponse(
        _Part(stream, first, last - first + 1), status=206 if asked else 200, content_type="application/pdf"
    )
    answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    if asked is not None:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


class _Part:
    """Some bytes of a file, which is closed with the answer: a reader may go away before the first of them."""

    def __init__(self, stream: BinaryIO, first: int, count: int) -> None:
        self._stream, self._first, self._count = stream, first, count

    def __iter__(self) -> Iterator[bytes]:
        left = self._count
        self._stream.seek(self._first)
        while left > 0 and (chunk := self._stream.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._stream.close()
