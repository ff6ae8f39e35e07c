"""Cases that were called end with what called them: nobody is left to hear of their outcome."""

from collections.abc import Sequence

from django.db.models import QuerySet

from bianzhi.workflow.models import FlowInstance, FlowToken, InstanceStatus
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.services.act import CaseAct


def end_called(act: CaseAct, tokens: Sequence[FlowToken] | QuerySet[FlowToken], text: str) -> None:
    """End the cases that tokens of a case wait for, with those these wait for."""
    for called in FlowInstance.objects.filter(parent_token__in=tokens, status__in=LIVE).order_by("pk"):
        inner = act.inner(called)
        end_called(inner, called.tokens.all(), text)
        inner.end(InstanceStatus.TERMINATED, text)
        inner.save_instance()
