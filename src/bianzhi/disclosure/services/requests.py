"""Requests to take away what needs approval: asked by one person, decided by another, made once, fetched n times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.common.web.releasing import Mark, Wanted
from bianzhi.disclosure import storage
from bianzhi.disclosure.models import ENDED, ExportRequest, RequestState
from bianzhi.disclosure.parameters import ASK_DAYS, FILE_DAYS
from bianzhi.disclosure.rules.limits import most_of
from bianzhi.disclosure.rules.purposes import stated
from bianzhi.disclosure.services.releases import new_number, note_release
from bianzhi.kernel.objections import Objection, Refused

APPROVE: Final = "exports.approve"
MAKE_JOB: Final = "disclosure.make"
MOST_USES: Final = 5
SHORTEST: Final = 4
PROGRESS: Final = (
    *("state", "expires_at", "decided_by", "decided_at", "note", "job", "fetched"),
    *("written", "file_name", "digest", "problem"),
)
"""What changes on the way; what was asked for stays as it was sealed."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What for, in which matter, and how often the file is to be fetched."""

    code: str
    note: str
    uses: int = 1


@unit_of_work
def ask(*, actor: User, path: str, wanted: Wanted, why: Sequence[str], purpose: Purpose) -> ExportRequest:
    """Ask to take away what the gate held back. Raises Refused (D1, D2; D3 for too many uses)."""
    words = stated(purpose.code, purpose.note)
    if not 1 <= purpose.uses <= MOST_USES:
        raise Refused([Objection("D3", f"下载次数应为 1 至 {MOST_USES} 次。")])
    request = ExportRequest.objects.create(
        number=new_number("SQ"),
        requested_by=actor,
        path=path,
        list_key=wanted.key,
        title=wanted.title[:200],
        format=wanted.format,
        columns=list(wanted.columns),
        conditions=list(wanted.conditions),
        classes=",".join(sorted(each.value for each in wanted.classes)),
        rows=wanted.rows,
        most=most_of(wanted.rows),
        why="；".join(why)[:300],
        purpose=words,
        uses=purpose.uses,
        expires_at=timezone.now() + timedelta(days=ASK_DAYS.number),
    )
    _note("disclosure.asked", actor, request)
    return request


@unit_of_work
def approve(*, actor: User, request_id: int, note: str = "") -> ExportRequest:
    """Approve another's request: the file is made in the background and may be fetched until it expires.

    Raises Denied without exports.approve, Refused for the own request (D4), what is decided (D5) or expired (D6).
    """
    request = _to_decide(actor, request_id)
    if request.expires_at <= timezone.now():
        raise Refused([Objection("D6", "该申请已过有效期，不能审批。", next_step="仍需导出的，请重新申请。")])
    request.expires_at = timezone.now() + timedelta(days=FILE_DAYS.number)
    title = f"生成导出文件 {request.title}"[:200]
    request.job = jobs.enqueue(MAKE_JOB, title=title, params={"request": request.pk}, actor=request.requested_by)
    return _decide(request, RequestState.APPROVED, actor, note)


@unit_of_work
def reject(*, actor: User, request_id: int, reason: str) -> ExportRequest:
    """Refuse another's request, with the reason. Raises as `approve`, and Refused (D7) without a reason."""
    request = _to_decide(actor, request_id)
    if len(reason.strip()) < SHORTEST:
        raise Refused([Objection("D7", f"没有写明不同意的理由（至少 {SHORTEST} 个字）。", next_step="请写明理由。")])
    return _decide(request, RequestState.REJECTED, actor, reason)


@unit_of_work
def withdraw(*, actor: User, request_id: int) -> ExportRequest:
    """Take the own request back before it is decided. Raises Refused (D5, D8)."""
    request = _locked(request_id)
    _refuse_others(actor, request)
    _refuse_unless(request, RequestState.PENDING)
    return _end(request, RequestState.WITHDRAWN, actor)


@unit_of_work
def keep_file(*, actor: User, request_id: int, wanted: Wanted, mark: Mark, rows: int, content: bytes) -> ExportRequest:
    """Keep the file of an approved request, and put on record that it was made.

    Raises Refused (D9) when more rows came than were approved: nothing is kept.
    """
    request = _locked(request_id)
    _refuse_unless(request, RequestState.APPROVED)
    if rows > request.most:
        raise Refused([Objection("D9", f"实际 {rows} 条，超过批准的 {request.most} 条，未生成文件。")])
    request.digest, request.written = storage.FILES.keep(content), rows
    request.file_name, request.state = f"{wanted.filename}_{request.number}.{wanted.format}"[:200], RequestState.READY
    request.save(update_fields=PROGRESS)
    note_release(actor=actor, wanted=wanted, mark=mark, rows=rows, request=request)
    _note("disclosure.made", actor, request)
    return request


@unit_of_work
def give_up(*, actor: User, request_id: int, problem: str) -> ExportRequest:
    """Note that the file of an approved request could not be made, and why."""
    request = _locked(request_id)
    _refuse_unless(request, RequestState.APPROVED)
    request.problem = problem[:300]
    return _end(request, RequestState.FAILED, actor)


@unit_of_work
def fetch(*, actor: User, request_id: int) -> ExportRequest:
    """Count one download of the own file, before it is sent. Raises Refused (D8; D10: none left; D6: too late)."""
    request = _locked(request_id)
    _refuse_others(actor, request)
    if request.state != RequestState.READY or request.fetched >= request.uses:
        state = request.get_state_display()
        raise Refused([Objection("D10", f"该申请{state}，不能下载。", next_step="仍需导出的，请重新申请。")])
    if request.expires_at <= timezone.now():
        raise Refused([Objection("D6", "文件已过有效期。", next_step="仍需导出的，请重新申请。")])
    request.fetched += 1
    if request.fetched == request.uses:
        request.state = RequestState.USED
    request.save(update_fields=PROGRESS)
    _note("disclosure.fetched_exported", actor, request)
    return request


@unit_of_work
def expire_due(*, actor: Actor) -> int:
    """End requests and files whose time is over, and remove the files nobody may fetch any more.

    An approved request whose file was never made, as its job was stopped or broke off, ends as the others.
    """
    due = list(
        ExportRequest.objects.select_for_update()
        .exclude(state__in=ENDED)
        .filter(expires_at__lte=timezone.now())
        .order_by("pk")
    )
    for request in due:
        _end(request, RequestState.EXPIRED, actor)
    kept = ExportRequest.objects.filter(digest__in=list(storage.FILES.digests()))
    for digest in kept.filter(state__in=ENDED).values_list("digest", flat=True):
        storage.forget(digest)
    return len(due)


def _to_decide(actor: User, request_id: int) -> ExportRequest:
    require(actor, APPROVE)
    request = _locked(request_id)
    if request.requested_by_id == actor.pk:
        raise Refused([Objection("D4", "不能审批本人的导出申请。", next_step="请由另一人审批；不再需要的，请撤回。")])
    _refuse_unless(request, RequestState.PENDING)
    return request


def _locked(request_id: int) -> ExportRequest:
    found: ExportRequest = ExportRequest.objects.select_for_update().get(pk=request_id)
    return found


def _refuse_unless(request: ExportRequest, state: RequestState) -> None:
    if request.state != state:
        raise Refused([Objection("D5", f"该申请{request.get_state_display()}，不能再办理。")])


def _refuse_others(actor: User, request: ExportRequest) -> None:
    if request.requested_by_id != actor.pk:
        raise Refused([Objection("D8", "只能办理本人的导出申请。")])


def _decide(request: ExportRequest, state: RequestState, actor: User, note: str) -> ExportRequest:
    request.decided_by, request.decided_at, request.note = actor, timezone.now(), note.strip()[:200]
    return _end(request, state, actor)


def _end(request: ExportRequest, state: RequestState, actor: Actor) -> ExportRequest:
    request.state = state
    request.save(update_fields=PROGRESS)
    _note(f"disclosure.{state.value}", actor, request)
    return request


def _note(action: str, actor: Actor, request: ExportRequest) -> None:
    facts: dict[str, Any] = {
        "number": request.number,
        "title": request.title,
        "rows": request.rows,
        "written": request.written,
        "in_clear": request.clear_words(),
        "purpose": request.purpose,
        "note": request.note,
        "fetched": f"{request.fetched}/{request.uses}",
        "problem": request.problem,
    }
    record(action, actor=actor, subject=request, facts=facts, wrote=[request])
    outbox.put("disclosure.moved", key=request.pk, payload={"request": request.pk, "state": request.state})
