"""What the engine asks of the domains above it: handlers of subjects, relations to units, commands, reach.

Each app registers in its `AppConfig.ready`; the engine imports none of them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol

from bianzhi.audit.actors import Actor
from bianzhi.kernel.objections import Objection

if TYPE_CHECKING:
    from bianzhi.workflow.models import FlowInstance, FlowTask


class Handler(Protocol):
    """What a domain promises the engine about one kind of subject ("matters.case")."""

    def facts(self, instance: "FlowInstance") -> Mapping[str, Any]:
        """Facts that conditions and clocks read; JSON values. Asked when an instance starts and before it moves on."""

    def recused(self, instance: "FlowInstance") -> Collection[int]:
        """Users who may not decide this case besides its initiator (回避)."""

    def before_decision(self, task: "FlowTask", action: str, *, actor: Actor, today: date) -> Sequence[Objection]:
        """What stands against an action ("agree", "disagree", "submit") at a step; blocks refuse it."""

    def on_ended(self, instance: "FlowInstance", *, actor: Actor, today: date) -> None:
        """The instance has ended (`instance.status` says how); inside the engine's transaction."""

    def on_wait_moved(self, instance: "FlowInstance", node_id: str, due_on: date, *, actor: Actor) -> None:
        """A wait of the instance ends on another day than it did; inside the engine's transaction."""

    def url(self, subject_id: int) -> str:
        """Where the subject is shown."""

    def visible_ids(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        """Those of the subjects the user may see by the domain's own scope."""


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command may know: which case, which step, in whose name, on which day."""

    instance: "FlowInstance"
    node_id: str
    pass_no: int
    actor: Actor
    today: date


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command did: `result` is kept with the execution (JSON), `words` is shown on the case."""

    words: str
    result: Mapping[str, Any] = field(default_factory=dict)


class Command(Protocol):
    """A domain act a service or send task runs: in the transaction of the decision, exactly once a pass."""

    label: str

    def check(self, context: CommandContext) -> Sequence[Objection]:
        """Dry run, shown at 申请 and 审批: whatever `apply` would refuse now; writes nothing."""

    def apply(self, context: CommandContext) -> Effect:
        """Do it, once. Raises Refused with everything that stands against it, which takes the whole decision back."""


class Compensating(Protocol):
    """A command that can be undone, so that a case may be returned over its step."""

    def compensate(self, context: CommandContext, result: Mapping[str, Any]) -> None:
        """Undo what `apply` returned as `result` by a reversing act (R26)."""


Relation = Callable[["FlowInstance"], Sequence[int]]
"""From a case to the organisations meant by a seat's `relation`; empty when there is none."""
Reach = Callable[[Any, date], set[int] | None]

_handlers: Final[dict[str, Handler]] = {}
_commands: Final[dict[str, Command]] = {}
_relations: Final[dict[str, tuple[str, Relation]]] = {}
_reach: Final[list[Reach]] = []


def register_handler(subject_kind: str, handler: Handler) -> None:
    """Answer for one kind of subject; ValueError when somebody does already."""
    if subject_kind in _handlers:
        raise ValueError(f"flow handler registered twice: {subject_kind}")
    _handlers[subject_kind] = handler


def register_command(name: str, command: Command) -> None:
    """Offer a command to service and send tasks; ValueError when the name is taken."""
    if name in _commands:
        raise ValueError(f"flow command registered twice: {name}")
    _commands[name] = command


def register_relation(name: str, label: str, relation: Relation) -> None:
    """Offer a relation to seats ("supervising", 主管部门); ValueError when the name is taken."""
    if name in _relations:
        raise ValueError(f"flow relation registered twice: {name}")
    _relations[name] = (label, relation)


def register_reach(reach: Reach) -> None:
    """Tell which organisations a user's roles reach (the app that knows the tree does this once)."""
    _reach[:] = [reach]


def handler_of(subject_kind: str) -> Handler:
    """The handler of a kind of subject; KeyError when no app answers for it."""
    return _handlers[subject_kind]


def subject_kinds() -> list[str]:
    """The kinds of subjects some app answers for."""
    return sorted(_handlers)


def command(name: str) -> Command:
    """The command of that name; KeyError when no app offers it."""
    return _commands[name]


def commands() -> dict[str, str]:
    """Name → label of every command, for the validator and the editor."""
    return {name: each.label for name, each in sorted(_commands.items())}


def relation(name: str) -> Relation:
    """The relation of that name; KeyError when no app offers it."""
    return _relations[name][1]


def relations() -> dict[str, str]:
    """Name → label of every relation, for the validator and the editor."""
    return {name: label for name, (label, _) in sorted(_relations.items())}


def reached_by(user: Any, day: date) -> set[int] | None:
    """Organisations the user's roles reach on a day; None means all."""
    if _reach:
        return _reach[0](user, day)
    return None if user.sees_everything() else {pk for pk, _ in user.scope_roots()}
