"""Reads of flow definitions: the current version of a flow, a version as the engine runs it, what it may refer to."""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from django.db.models import QuerySet

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.rules.known import Known
from bianzhi.workflow.rules.profile import NodeKind, Process
from bianzhi.workflow.rules.reading import read
from bianzhi.workflow.rules.steps import StepList, from_process

KEPT: Final = 200
"""How many parsed versions a process keeps at hand; a district runs some forty."""

_parsed: Final[OrderedDict[str, Process]] = OrderedDict()


class Unreadable(ValueError):
    """A version whose XML no longer reads as a process: it was changed behind the services' back."""


def process_of(version: FlowVersion) -> Process:
    """The version as the engine sees it, parsed once for each digest. Raises Unreadable."""
    known = _parsed.get(version.digest)
    if known is not None:
        return known
    process = read(version.bpmn_xml).process
    if process is None:
        raise Unreadable(f"流程版本 {version.pk} 的定义无法读取")
    _parsed[version.digest] = process
    while len(_parsed) > KEPT:
        _parsed.popitem(last=False)
    return process


def list_of(version: FlowVersion) -> StepList | None:
    """The version as a plain list; None when the list could not say all of it, what is wrong with it included."""
    reading = read(version.bpmn_xml)
    return from_process(reading.process) if reading.process is not None and not reading.flaws else None


def calls_of(version: FlowVersion) -> dict[str, str]:
    """Call activities of a version: node id → key of the flow called."""
    nodes = process_of(version).nodes.values()
    return {node.id: node.called for node in nodes if node.kind is NodeKind.CALL}


def current(key: str) -> FlowVersion | None:
    """The version new cases of a flow take: the published one with the highest number."""
    published = FlowVersion.objects.filter(definition__key=key, status=VersionStatus.PUBLISHED)
    return published.select_related("definition").order_by("-number").first()


def draft_of(definition: FlowDefinition) -> FlowVersion | None:
    """The version being edited, if there is one."""
    return definition.versions.filter(status=VersionStatus.DRAFT).first()


def published() -> QuerySet[FlowDefinition]:
    """The flows that new cases can take."""
    return FlowDefinition.objects.filter(versions__status=VersionStatus.PUBLISHED).distinct()


def known_without_database() -> Known:
    """The names that come with the program: roles, relations and commands; flows and accounts are left unchecked."""
    return Known(
        roles=frozenset(ROLES),
        relations=frozenset(registries.relations()),
        commands=frozenset(registries.commands()),
    )


def known() -> Known:
    """What a definition may refer to on this installation."""
    return replace(
        known_without_database(),
        flows=frozenset(published().values_list("key", flat=True)),
        users=frozenset(User.objects.filter(is_active=True).values_list("username", flat=True)),
    )
