"""The buttons of a task and of a whole case: a table says what each does, one view answers every press."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.web.acting import Sent, answer
from bianzhi.workflow.web.inbox import HANDLE
from bianzhi.workflow.web.reach import case_or_404, task_or_404

Subject = TypeVar("Subject", FlowTask, FlowInstance)


@dataclass(frozen=True, slots=True)
class Button(Generic[Subject]):
    """What a button does with its task or case: says in a sentence what was done, raises Refused.

    `is_keyed`: the engine itself answers a form sent twice by its first answer. `takes_paper`: a scan may come with it.
    """

    perform: Callable[[Subject, Sent], str]
    permission: str = HANDLE
    is_keyed: bool = False
    takes_paper: bool = False


def view_of_task(button: Button[FlowTask]) -> Callable[..., Any]:
    """The view of a button that stands at a task."""

    def press(request: PageRequest, pk: int) -> HttpResponse:
        task = task_or_404(request, pk)
        perform = partial(button.perform, task)
        how = {"is_keyed": button.is_keyed, "takes_paper": button.takes_paper}
        return answer(request, task.instance, perform, task, **how)

    return page(button.permission)(require_POST(press))


def view_of_case(button: Button[FlowInstance]) -> Callable[..., Any]:
    """The view of a button that stands at a whole case."""

    def press(request: PageRequest, pk: int) -> HttpResponse:
        instance = case_or_404(request, pk)
        return answer(request, instance, partial(button.perform, instance), is_keyed=button.is_keyed)

    return page(button.permission)(require_POST(press))
