"""Whose case it is: pages about a case are open to its people, to whoever sees its subject, and to the director."""

from django.db.models import Q
from django.http import Http404

from bianzhi.common.web.access import PageRequest
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.selectors.standing import reaches, still_theirs, tasks_of

INTERVENE = "matters.intervene"
NONE = "没有这个办件，或者它不在您的管理范围内。"


def case_or_404(request: PageRequest, pk: int) -> FlowInstance:
    """A case the user has to do with; Http404 otherwise, so that scope does not leak."""
    instance = FlowInstance.objects.select_related("version__definition", "initiator").filter(pk=pk).first()
    if instance is None or not may_see(request, instance):
        raise Http404(NONE)
    return instance


def task_or_404(request: PageRequest, pk: int) -> FlowTask:
    """A task of such a case."""
    rows = FlowTask.objects.select_related("instance__version__definition", "instance__initiator", "token", "assignee")
    task = rows.filter(pk=pk).first()
    if task is None or not may_see(request, task.instance):
        raise Http404(NONE)
    return task


def may_see(request: PageRequest, instance: FlowInstance) -> bool:
    """Whether the user sees its subject, may intervene, or has or had a part in it and still holds that post."""
    user = request.user
    if user.can(INTERVENE):
        return True
    handler = registries.handler_of(instance.subject_kind)
    if instance.subject_id in handler.visible_ids(user, [instance.subject_id]):
        return True
    if user.pk == instance.initiator_id and reaches(user, instance.unit_id, request.today):
        return True
    decided = (Q(done_by_id=user.pk) | Q(done_for_id=user.pk)) & still_theirs(user, request.today)
    return instance.tasks.filter(decided | tasks_of(user, request.today)).exists()
