"""待办事项: everything the user's units must do soon."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.selectors.tasks import Task, tasks
from bianzhi.reports.selectors.units import Units
from bianzhi.reports.web.scope import scope_of


def task_url(task: Task, links: Links) -> str:
    """Where the task is done: at the approval or at the person."""
    if task.approval_id is not None:
        return links.approval(task.approval_id)
    return links.person(task.person_id) if task.person_id is not None else links.unit(task.organization_id)


@page("personnel.view")
@require_safe
def task_list(request: PageRequest) -> HttpResponse:
    """All tasks, the most pressing first. They are those of today, whatever day other pages show."""
    links = Links(request.today, request.today)
    found = tasks(scope_of(request), request.today, Units.on(request.today))
    return render(request, "reports/tasks.html", {"tasks": [(task, task_url(task, links)) for task in found]})
