"""Where the things named on the pages of supervision are."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance

AREA = "业务与档案"


def unit_url(row: Any) -> str:
    """The 督查整改 tab of the row's unit."""
    return f"{reverse('organizations:detail', args=[row.organization_id])}?tab=supervision"


def number_link(url: Callable[[Any], str]) -> Callable[[Any], SafeString]:
    """A number that leads to its row's page and is not broken over two lines."""
    return lambda row: format_html('<a class="nowrap" href="{}">{}</a>', url(row), row.number)


def plan_url(plan: Any) -> str:
    """The page of a plan."""
    return reverse("supervision:plan", args=[plan.pk])


def inspection_url(inspection: Any) -> str:
    """The page of a check."""
    return reverse("supervision:inspection", args=[inspection.pk])


def problem_url(problem: Any) -> str:
    """The page of a problem."""
    return reverse("supervision:problem", args=[problem.pk])


def order_url(order: Any) -> str:
    """The page of a rectification."""
    return reverse("supervision:order", args=[order.pk])


def card_url(card: Any) -> str:
    """The page of a card."""
    return reverse("supervision:card", args=[card.pk])


def case_url(instance: FlowInstance | None, user: Any) -> str:
    """The page of a case, if the user may see it; "" otherwise."""
    if instance is None:
        return ""
    try:
        handler = registries.handler_of(instance.subject_kind)
    except KeyError:
        return ""
    if instance.subject_id not in handler.visible_ids(user, [instance.subject_id]):
        return ""
    return handler.url(instance.subject_id)
