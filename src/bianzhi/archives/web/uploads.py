"""Files sent in pieces: begun, continued where they broke off, and the batch started; JSON for the drop zone."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.archives.models import Batch, IncomingFile
from bianzhi.archives.selectors.arrivals import state_of_batch
from bianzhi.archives.services.ingest import append_chunk, begin_upload, start_batch
from bianzhi.archives.services.receiving import WrongOffset
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.kernel.objections import Refused

MANAGE: Final = "archives.manage"
REFUSED, CONFLICT, UNREADABLE = 422, 409, 400
OFFSET_DIGITS: Final = 15
"""Digits of the largest place in a file that anybody sends."""


@page(MANAGE)
@require_POST
def begin(request: PageRequest) -> JsonResponse:
    """{batch, name, size, key?} → {key, received, size}; the same key again tells where to go on."""
    told = _json(request)
    batch_id, size = told.get("batch"), told.get("size")
    if not isinstance(batch_id, int) or not isinstance(size, int):
        return _answer({"reason": "请求的格式有误：应有批次和文件大小。"}, UNREADABLE)
    batch = get_visible_or_404(Batch, request.user, batch_id)
    try:
        file = begin_upload(
            actor=request.user,
            batch_id=batch.pk,
            name=str(told.get("name", "")),
            size=size,
            upload_key=str(told.get("key") or ""),
        )
    except Refused as refusal:
        return _answer({"reason": str(refusal)}, REFUSED)
    return _answer({"key": file.upload_key, **_progress(file)})


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def piece(request: PageRequest, key: str) -> JsonResponse:
    """GET tells where a file stands; POST sends the bytes from `Upload-Offset` on. 409 tells the right offset."""
    batches = Batch.objects.visible_to(request.user)
    file = get_object_or_404(IncomingFile, upload_key=key, batch__in=batches)
    if request.method == "GET":
        return _answer(_progress(file))
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= OFFSET_DIGITS):
        return _answer({"reason": "请求头 Upload-Offset 应为不超过 15 位的数字。"}, UNREADABLE)
    try:
        file = append_chunk(actor=request.user, upload_key=key, offset=int(offset), data=request.body)
    except WrongOffset as wrong:
        return _answer({"received": wrong.received, "size": file.size, "reason": str(wrong)}, CONFLICT)
    except Refused as refusal:
        return _answer({"reason": str(refusal), **_progress(file)}, REFUSED)
    return _answer(_progress(file))


@page(MANAGE)
@require_POST
def start(request: PageRequest) -> JsonResponse:
    """{batch} → the batch with its files, being worked on."""
    batch_id = _json(request).get("batch")
    if not isinstance(batch_id, int):
        return _answer({"reason": "请求的格式有误：应有批次。"}, UNREADABLE)
    batch = get_visible_or_404(Batch, request.user, batch_id)
    try:
        return _answer(state_of_batch(start_batch(actor=request.user, batch_id=batch.pk)))
    except Refused as refusal:
        return _answer({"reason": str(refusal)}, REFUSED)


def _progress(file: IncomingFile) -> dict[str, Any]:
    return {"received": file.received, "size": file.size, "state": file.state}


def _json(request: PageRequest) -> Mapping[str, Any]:
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _answer(told: Mapping[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
