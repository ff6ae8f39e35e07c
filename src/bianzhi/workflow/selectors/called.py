"""Cases that called others (call activities): what is above a case and what is below it."""

from collections.abc import Iterator

from bianzhi.workflow.models import FlowInstance


def callers(instance: FlowInstance) -> Iterator[FlowInstance]:
    """The case that called this one, the one that called that, up to the root."""
    token = instance.parent_token
    while token is not None:
        yield token.instance
        token = token.instance.parent_token


def called_below(instance: FlowInstance) -> list[FlowInstance]:
    """Every case this one has called, and those these called, also those that have ended."""
    found: list[FlowInstance] = []
    level = list(FlowInstance.objects.filter(parent_token__instance=instance))
    while level:
        found += level
        level = list(FlowInstance.objects.filter(parent_token__instance__in=level))
    return found
