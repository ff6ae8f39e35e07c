"""The file of an approved request: the same page, asked again in the requester's name and within their rights."""

from collections.abc import Mapping
from contextlib import closing
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import FileResponse, Http404

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.disclosure.models import ExportRequest, RequestState
from bianzhi.disclosure.services.requests import MAKE_JOB, expire_due, give_up, keep_file
from bianzhi.disclosure.web.gates import ApprovedGate
from bianzhi.disclosure.web.replaying import NotAnExport, replay
from bianzhi.kernel.objections import Refused

LOST = "申请人已无权导出该名册，或该名册已不存在"
BROKEN = "程序出错，未生成文件，请联系系统管理员后重新申请"


@jobs.job(MAKE_JOB)
def make(context: jobs.JobContext) -> Mapping[str, Any]:
    """Make the file; what stands against it ends the request with the reason. A second run finds it made.

    Where the database refused, the job is run again by itself; where somebody stopped it, it may be resumed: until it
    expires, the request waits for it.
    """
    request = ExportRequest.objects.select_related("requested_by").get(pk=context.params["request"])
    if request.state != RequestState.APPROVED:
        return {"request": request.number}
    context.progress(0, request.most, "正在生成文件")
    gate = ApprovedGate(request)
    try:
        if not request.requested_by.is_active:
            raise PermissionDenied
        answer = replay(request.path, user=request.requested_by, gate=gate)
        if gate.made is None or not isinstance(answer, FileResponse):
            raise NotAnExport
        keep_file(
            actor=request.requested_by,
            request_id=request.pk,
            wanted=gate.made,
            mark=gate.mark,
            rows=gate.rows,
            content=_content(answer),
        )
    except (PermissionDenied, Http404, NotAnExport):
        return _gave_up(request, LOST)
    except Refused as refusal:
        return _gave_up(request, str(refusal))
    except OperationalError:
        raise
    except Exception:
        give_up(actor=request.requested_by, request_id=request.pk, problem=BROKEN)
        raise
    return {"request": request.number, "rows": gate.rows}


def _content(answer: FileResponse) -> bytes:
    """The whole file. It alone is closed: closing the response would end a request, and the worker's connection."""
    if answer.file_to_stream is None:
        raise NotAnExport
    with closing(answer.file_to_stream):
        return b"".join(answer)


def _gave_up(request: ExportRequest, problem: str) -> Mapping[str, Any]:
    give_up(actor=request.requested_by, request_id=request.pk, problem=problem)
    raise jobs.JobFailed(problem)


def end_expired(today: date) -> dict[str, Any]:
    """Daily: what is over is ended, its file removed."""
    return {"expired": expire_due(actor=System("导出申请"))}
