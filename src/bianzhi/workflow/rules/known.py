"""The names a definition may refer to on one installation, and the names it refers to in vain."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import Flaw, Node, Process

BUILT_IN_RELATIONS: Final = ("", "own")


@dataclass(frozen=True, slots=True)
class Known:
    """Codes of roles, names of relations and commands, keys of flows; `own` needs no registering.

    `users` are the names of accounts that can be asked. Flows and users are rows of a database: None leaves them
    unchecked where there is none.
    """

    roles: Collection[str]
    relations: Collection[str]
    commands: Collection[str]
    flows: Collection[str] | None = None
    users: Collection[str] | None = None


def unknown_names(process: Process, known: Known) -> list[Flaw]:
    """A flaw for every role, relation, command and called flow that this installation does not have."""
    return [flaw for node in process.nodes.values() for flaw in _unknown_in(node, known)]


def _unknown_in(node: Node, known: Known) -> Iterator[Flaw]:
    for seat in (*node.seats, *node.copies):
        if seat.role and seat.role not in known.roles:
            yield Flaw(node.id, Code.ROLE, f"没有角色“{seat.role}”。")
        if seat.relation not in BUILT_IN_RELATIONS and seat.relation not in known.relations:
            yield Flaw(node.id, Code.RELATION, f"没有单位关系“{seat.relation}”。")
        if seat.user and known.users is not None and seat.user not in known.users:
            yield Flaw(node.id, Code.SEAT, f"没有账号“{seat.user}”，或者已停用。")
    if node.command and node.command not in known.commands:
        yield Flaw(node.id, Code.COMMAND, f"没有指令“{node.command}”。")
    if known.flows is not None and node.called and node.called not in known.flows:
        yield Flaw(node.id, Code.CALL, f"没有已发布的流程“{node.called}”。")
