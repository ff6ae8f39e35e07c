"""Which running cases could go over to another version of their flow, and which not and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.workflow.models import FlowInstance, FlowToken, FlowVersion
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.rules.profile import Process
from bianzhi.workflow.rules.scopes import Scope, scopes
from bianzhi.workflow.selectors.definitions import process_of

LIVE_TOKENS = ("active", "forked", "arrived", "waiting")


@dataclass(frozen=True, slots=True)
class Passage:
    """One running case: where it stands, and why it cannot go over ("" when it can)."""

    instance: FlowInstance
    at: tuple[str, ...]
    why_not: str = ""


def identity(old: FlowVersion, new: FlowVersion) -> dict[str, str]:
    """The mapping to begin with: steps of the same id and kind stand for each other; others map to ""."""
    before, after = process_of(old), process_of(new)
    return {
        node_id: node_id if node_id in after.nodes and after.nodes[node_id].kind is node.kind else ""
        for node_id, node in before.nodes.items()
    }


@beyond_scope("migrating")
def preview(old: FlowVersion, new: FlowVersion, mapping: Mapping[str, str]) -> list[Passage]:
    """Every running case of a version with what a migration by this mapping would do to it."""
    before, after = process_of(old), process_of(new)
    running = FlowInstance.objects.filter(version=old, status__in=LIVE).order_by("pk")
    return [passage(instance, before, after, mapping) for instance in running]


def passage(instance: FlowInstance, before: Process, after: Process, mapping: Mapping[str, str]) -> Passage:
    """Whether one case can go over. A step it stands on must have its counterpart, of the same kind and in the same
    parallel blocks; open tasks keep their people.
    """
    tokens = list(FlowToken.objects.filter(instance=instance, state__in=LIVE_TOKENS).order_by("pk"))
    places = {token.node_id for token in tokens} | {token.resume_node for token in tokens if token.resume_node}
    names = tuple(before.nodes[place].name or place for place in sorted(places) if place in before.nodes)
    was, will_be = scopes(before), scopes(after)
    for place in sorted(places):
        target = mapping.get(place, "")
        name = before.nodes[place].name or place
        if target not in after.nodes:
            return Passage(instance, names, f"所在环节“{name}”在新版本中没有对应的环节")
        if after.nodes[target].kind is not before.nodes[place].kind:
            return Passage(instance, names, f"“{name}”与新版本中对应的环节种类不同")
        if not _same_blocks(was.get(place, ()), will_be.get(target, ()), before, after, mapping):
            return Passage(instance, names, f"“{name}”与新版本中对应的环节不在同一并行分支内")
    return Passage(instance, names)


def _same_blocks(old: Scope, new: Scope, before: Process, after: Process, mapping: Mapping[str, str]) -> bool:
    """Whether the blocks around two steps are opened by splits that stand for each other."""
    split_of_old = {flow.id: node.id for node in before.nodes.values() for flow in node.outgoing}
    split_of_new = {flow.id: node.id for node in after.nodes.values() for flow in node.outgoing}
    return [mapping.get(split_of_old[flow]) for flow in old] == [split_of_new[flow] for flow in new]
