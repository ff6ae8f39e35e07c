"""What one version of a flow says that another does not: steps added, removed, and what changed in the others."""

from dataclasses import dataclass

from bianzhi.workflow.rules.profile import Node, Process
from bianzhi.workflow.web.words import KINDS, Vocabulary, facets


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the table of differences."""

    label: str
    old: str
    new: str


def differences(before: Process, after: Process, known: Vocabulary) -> list[Change]:
    """Every difference, in the order of the newer version; steps are the same when their ids are."""
    found: list[Change] = []
    for node in after.nodes.values():
        old = before.nodes.get(node.id)
        if old is None:
            found.append(Change(f"新增：{_name(node)}", "", _whole(node, after, known)))
        else:
            found += _within(old, node, before, after, known)
    for node in before.nodes.values():
        if node.id not in after.nodes:
            found.append(Change(f"删去：{_name(node)}", _whole(node, before, known), ""))
    return found


def _within(old: Node, new: Node, before: Process, after: Process, known: Vocabulary) -> list[Change]:
    was, now = dict(facets(old, before, known)), dict(facets(new, after, known))
    found = [Change(f"{_name(new)}：名称", old.name, new.name)] if old.name != new.name else []
    for label in dict.fromkeys([*was, *now]):
        if was.get(label, "") != now.get(label, ""):
            found.append(Change(f"{_name(new)}：{label}", was.get(label, ""), now.get(label, "")))
    return found


def _whole(node: Node, process: Process, known: Vocabulary) -> str:
    return "；".join(f"{label} {words}" for label, words in facets(node, process, known))


def _name(node: Node) -> str:
    return node.name or f"{KINDS[node.kind]}（{node.id}）"
