"""The progress of long work: a page for the person who asked for it, and the fragment it polls."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.jobs import latest
from bianzhi.common.models import Job
from bianzhi.common.web.access import PageRequest, signed_in_page

MANAGE = "jobs.view"


@signed_in_page
@require_safe
def job_page(request: PageRequest, pk: int) -> HttpResponse:
    """The state of one job, for whoever asked for it and for administrators of jobs."""
    job = own_job_or_404(request, pk)
    template = "components/job.html" if request.htmx else "common/job.html"
    return render(request, template, {"job": latest(job)})


def own_job_or_404(request: PageRequest, pk: int) -> Job:
    """A job one has asked for oneself, or any for an administrator of jobs. Raises Http404."""
    job = Job.objects.filter(pk=pk).first()
    if job is None or not (job.requested_by_id == request.user.pk or request.user.can(MANAGE)):
        raise Http404("没有这项任务，或者它不是您提交的。")
    return job
