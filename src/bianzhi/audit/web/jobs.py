"""Stopping a background job and asking for it again, on record."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from bianzhi.audit import jobs_by_hand
from bianzhi.common.web.access import PageRequest, signed_in_page
from bianzhi.common.web.jobs import own_job_or_404
from bianzhi.common.web.redirects import redirect_with_notice


@signed_in_page
@require_POST
def job_cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop a job one has asked for oneself, or any as an administrator of jobs."""
    job = own_job_or_404(request, pk)
    if jobs_by_hand.cancel_job(actor=request.user, job=job):
        return _back(request, pk, "已要求取消，任务会在当前步骤后停止。", done=True)
    return _back(request, pk, "这项任务已经结束，无需取消。", done=False)


@signed_in_page
@require_POST
def job_resume(request: PageRequest, pk: int) -> HttpResponse:
    """Put a failed or cancelled job into the queue again."""
    job = own_job_or_404(request, pk)
    if jobs_by_hand.resume_job(actor=request.user, job=job):
        return _back(request, pk, "已重新提交。", done=True)
    return _back(request, pk, "这项任务没有失败或取消，无需重新提交。", done=False)


def _back(request: PageRequest, pk: int, notice: str, *, done: bool) -> HttpResponse:
    return redirect_with_notice(
        request, reverse("common:job", args=[pk]), notice, level="success" if done else "warning"
    )
