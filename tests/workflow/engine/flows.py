"""Small flows written out for the tests of the engine, and the people and the domain they run among.

    flow = publish_flow("plain", step("apply", submit=True), step("review", role="office_deputy"))

`chain` strings elements one after the other; `between` puts branches between a split and its join.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.audit import catalogue
from bianzhi.audit.actors import Actor, System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowDefinition, FlowInstance, FlowTask, FlowVersion, VersionStatus
from bianzhi.workflow.services.starting import start

TODAY = date(2026, 3, 2)
"""A Monday."""
SUBJECT = "tests.case"
OFFICE = System("测试")

catalogue.declare({"tests.built": "测试搭建"})


@dataclass
class Domain:
    """The domain of the tests: facts one can set, objections one can raise, what it heard of ends and of waits."""

    facts_of: dict[str, Any] = field(default_factory=dict)
    barred: set[int] = field(default_factory=set)
    against: list[Objection] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    waits: list[tuple[str, date]] = field(default_factory=list)

    def facts(self, instance: FlowInstance) -> Mapping[str, Any]:
        return dict(self.facts_of)

    def recused(self, instance: FlowInstance) -> Collection[int]:
        return self.barred

    def before_decision(self, task: FlowTask, action: str, *, actor: Actor, today: date) -> Sequence[Objection]:
        return self.against

    def on_ended(self, instance: FlowInstance, *, actor: Actor, today: date) -> None:
        self.ended.append((instance.subject_id, instance.status))

    def on_wait_moved(self, instance: FlowInstance, node_id: str, due_on: date, *, actor: Actor) -> None:
        self.waits.append((node_id, due_on))

    def url(self, subject_id: int) -> str:
        return f"/tests/{subject_id}/"

    def visible_ids(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(subject_ids) if user.sees_everything() else set()


@dataclass
class Counter:
    """A command that counts: applied and undone by (instance, node, pass); refuses while told to."""

    label: str = "记一笔"
    applied: list[tuple[int, str, int]] = field(default_factory=list)
    undone: list[tuple[int, str, int]] = field(default_factory=list)
    against: list[Objection] = field(default_factory=list)

    def check(self, context: registries.CommandContext) -> Sequence[Objection]:
        return self.against

    def apply(self, context: registries.CommandContext) -> registries.Effect:
        refuse_if(self.against)
        self.applied.append((context.instance.pk, context.node_id, context.pass_no))
        return registries.Effect("记了一笔", {"number": len(self.applied)})

    @property
    def standing(self) -> int:
        """How many are in force."""
        return len(self.applied) - len(self.undone)


@dataclass
class UndoableCounter(Counter):
    """The same with a reversal."""

    def compensate(self, context: registries.CommandContext, result: Mapping[str, Any]) -> None:
        self.undone.append((context.instance.pk, context.node_id, context.pass_no))


DOMAIN = Domain()
FINAL, UNDOABLE = Counter(), UndoableCounter()


def register_domain() -> None:
    """Answer for the tests' subjects; once in a process."""
    if SUBJECT not in registries._handlers:
        registries.register_handler(SUBJECT, DOMAIN)
        registries.register_command("tests.final", FINAL)
        registries.register_command("tests.undoable", UNDOABLE)
        registries.register_relation("tests.nowhere", "测试：没有的单位", lambda instance: [])
        registries.register_relation("tests.two", "测试：两个单位", lambda instance: [101, 102])


def reset_domain() -> None:
    """The domain as if nothing had happened."""
    for each in (DOMAIN, FINAL, UNDOABLE):
        each.__init__()  # type: ignore[misc]


# --- writing flows -----------------------------------------------------------------------------------------------


def extension(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>" if parts else ""


def step(
    node_id: str,
    *,
    role: str = "",
    relation: str = "",
    users: Sequence[str] = (),
    roles: Sequence[str] = (),
    submit: bool = False,
    mode: str = "",
    ratio: int = 0,
    sequential: bool = False,
    reject: str = "",
    stage: str = "",
    separate: str = "",
    actions: str = "return transfer add remove copy",
    to: str = "any",
    days: int = 0,
    extra: str = "",
) -> str:
    """A user task; several users or roles make it a 会签."""
    parts = [f'<bb:stage name="{stage}"/>' if stage else ""]
    if submit:
        parts += ['<bb:assign initiator="true"/>', "<bb:submit/>"]
    parts += [f'<bb:assign user="{name}"/>' for name in users]
    parts += [f'<bb:assign role="{name}"/>' for name in roles]
    if role:
        parts.append(f'<bb:assign role="{role}" relation="{relation}"/>')
    if mode:
        parts.append(f'<bb:countersign mode="{mode}" ratio="{ratio or 100}"/>')
    if reject:
        parts.append(f'<bb:reject policy="{reject}"/>')
    if separate:
        parts.append(f'<bb:separate group="{separate}"/>')
    if days:
        parts.append(f'<bb:deadline days="{days}" warn="2"/>')
    parts += [f'<bb:actions allow="{actions}"/>', f'<bb:return to="{to}" way="step direct"/>', extra]
    loop = ""
    if mode:
        loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"/>'
    return f'<bpmn:userTask id="{node_id}" name="{node_id}">{extension(*parts)}{loop}</bpmn:userTask>'


def service(node_id: str, command: str = "tests.final") -> str:
    body = extension(f'<bb:command name="{command}"/>')
    return f'<bpmn:serviceTask id="{node_id}" name="{node_id}">{body}</bpmn:serviceTask>'


def wait(node_id: str, days: int) -> str:
    body = extension(f'<bb:wait days="{days}"/>')
    timer = f'<bpmn:timerEventDefinition id="{node_id}_timer"/>'
    return f'<bpmn:intermediateCatchEvent id="{node_id}" name="{node_id}">{body}{timer}</bpmn:intermediateCatchEvent>'


def boundary(attached: str, days: int, *, interrupting: bool) -> str:
    """A timer at a step, by which the director is asked; put beside the flow as `also`."""
    return (
        f'<bpmn:boundaryEvent id="{attached}_timer" attachedToRef="{attached}" '
        f'cancelActivity="{str(interrupting).lower()}">'
        f'<bpmn:extensionElements><bb:deadline days="{days}"/></bpmn:extensionElements>'
        f'<bpmn:outgoing>late</bpmn:outgoing><bpmn:timerEventDefinition id="{attached}_def"/></bpmn:boundaryEvent>'
        f'<bpmn:sequenceFlow id="late" sourceRef="{attached}_timer" targetRef="escalate"/>'
        '<bpmn:sequenceFlow id="gone" sourceRef="escalate" targetRef="lateend"/><bpmn:endEvent id="lateend"/>'
        + step("escalate", role="office_director")
    )


def call(node_id: str, flow: str) -> str:
    return f'<bpmn:callActivity id="{node_id}" name="{node_id}" calledElement="{flow}"/>'


@dataclass
class Block:
    """Branches between a split and its join; each branch is (condition, elements); "" is the default branch."""

    node_id: str
    kind: str
    branches: list[tuple[str, list[Any]]]


def parallel(node_id: str, *branches: Sequence[Any]) -> Block:
    return Block(node_id, "parallel", [("-", list(branch)) for branch in branches])


def inclusive(node_id: str, *branches: tuple[str, Sequence[Any]]) -> Block:
    return Block(node_id, "inclusive", [(condition, list(branch)) for condition, branch in branches])


def exclusive(node_id: str, *branches: tuple[str, Sequence[Any]]) -> Block:
    return Block(node_id, "exclusive", [(condition, list(branch)) for condition, branch in branches])


class Writer:
    """Strings elements together into a process."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.count = 0

    def flow(self, source: str, target: str, condition: str = "") -> str:
        self.count += 1
        flow_id = f"f{self.count}"
        body = f"<bpmn:conditionExpression>{_escape(condition)}</bpmn:conditionExpression>" if condition else ""
        self.parts.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{body}</bpmn:sequenceFlow>'
        )
        return flow_id

    def chain(self, source: str, elements: Sequence[Any], condition: str = "") -> tuple[str, str]:
        """Write the elements after `source`; returns the last id and the id of the first flow."""
        first = ""
        for element in elements:
            if isinstance(element, Block):
                flow_id = self.flow(source, f"{element.node_id}_split", condition)
                source = self.block(element)
            else:
                self.parts.append(element)
                target = element.split('id="', 1)[1].split('"', 1)[0]
                flow_id = self.flow(source, target, condition)
                source = target
            first, condition = first or flow_id, ""
        return source, first

    def block(self, block: Block) -> str:
        split, join = f"{block.node_id}_split", f"{block.node_id}_join"
        default = ""
        for condition, branch in block.branches:
            wanted = "" if condition in ("-", "") else condition
            if branch:
                last, first = self.chain(split, branch, wanted)
                self.flow(last, join)
            else:
                first = self.flow(split, join, wanted)
            default = first if condition == "" else default
        attribute = f' default="{default}"' if default else ""
        self.parts.append(f'<bpmn:{block.kind}Gateway id="{split}" name="{split}"{attribute}/>')
        self.parts.append(f'<bpmn:{block.kind}Gateway id="{join}" name="{join}"/>')
        return join


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def flow_xml(key: str, *elements: Any, also: str = "") -> str:
    """The BPMN text of a flow of these elements between a start and an end; `also` is put beside them as it is."""
    writer = Writer()
    writer.parts.append('<bpmn:startEvent id="start"/>')
    last, _ = writer.chain("start", elements)
    writer.parts.append('<bpmn:endEvent id="end"/>')
    writer.flow(last, "end")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:bb="http://bianzhi.org/schema/flow/1" targetNamespace="http://bianzhi.org/tests">'
        f'<bpmn:process id="{key}" name="{key}" isExecutable="true">{"".join(writer.parts)}{also}</bpmn:process>'
        "</bpmn:definitions>"
    )


@unit_of_work
def put_flow(*, actor: Actor, key: str, xml: str) -> FlowVersion:
    """A published version as the services would leave it, without asking the validator."""
    definition, _ = FlowDefinition.objects.get_or_create(key=key, defaults={"title": key, "subject_kind": SUBJECT})
    number = definition.versions.count() + 1
    version = FlowVersion.objects.create(
        definition=definition, number=number, bpmn_xml=xml, digest=sm3_hex(xml), status=VersionStatus.PUBLISHED
    )
    record("tests.built", actor=actor, subject=version, facts={}, wrote=[definition, version])
    return version


def publish_flow(key: str, *elements: Any, also: str = "") -> FlowVersion:
    """A flow of these elements, ready for cases."""
    return put_flow(actor=OFFICE, key=key, xml=flow_xml(key, *elements, also=also))


def begin_case(initiator: User, key: str, *, unit_id: int | None = 101, subject_id: int = 1) -> FlowInstance:
    """A case on the newest version of a flow."""
    return start(
        actor=initiator,
        key=key,
        subject_kind=SUBJECT,
        subject_id=subject_id,
        title=f"{key} {subject_id}",
        initiator_id=initiator.pk,
        unit_id=unit_id,
        today=TODAY,
    )
