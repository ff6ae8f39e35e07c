"""What a step of a flow says, in words officials use: for the version page, the differences, and the drawing table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.accounts.roles import ROLES
from bianzhi.workflow import registries
from bianzhi.workflow.rules.profile import (
    STAGES,
    Action,
    Clock,
    Flow,
    Mode,
    Node,
    NodeKind,
    Order,
    Process,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)
from bianzhi.workflow.selectors.definitions import published

KINDS: Final = {
    NodeKind.START: "开始",
    NodeKind.END: "结束",
    NodeKind.TERMINATE: "终止",
    NodeKind.USER: "人工办理",
    NodeKind.SERVICE: "系统办理",
    NodeKind.SEND: "发文、通知",
    NodeKind.EXCLUSIVE: "择一分支",
    NodeKind.PARALLEL: "并行分支",
    NodeKind.INCLUSIVE: "条件并行",
    NodeKind.WAIT: "等待",
    NodeKind.BOUNDARY: "到时处置",
    NodeKind.CALL: "调用流程",
}
ORDERS: Final = {Order.SINGLE: "一人办理", Order.PARALLEL: "同时会签", Order.SEQUENTIAL: "依次会签"}
MODES: Final = {Mode.ALL: "全部同意", Mode.ANY: "一人同意", Mode.RATIO: "达到比例"}
REJECTS: Final = {Reject.STOP: "终止办理", Reject.RETURN: "退回申请人", Reject.COLLECT: "记下意见，由后面的分支决定"}
ACTIONS: Final = {
    Action.RETURN: "退回",
    Action.TRANSFER: "转办",
    Action.ADD: "加签",
    Action.REMOVE: "减签",
    Action.COPY: "抄送",
    Action.SKIP: "跳过",
}
RETURNS: Final = {ReturnTo.ANY: "任何已办环节", ReturnTo.PREVIOUS: "上一环节", ReturnTo.INITIATOR: "申请人"}
WAYS: Final = {Way.STEP: "重新逐级办理", Way.DIRECT: "改后直接送回"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names this installation gives to roles, relations, commands and flows."""

    roles: dict[str, str]
    relations: dict[str, str]
    commands: dict[str, str]
    flows: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """For the drawing table: pairs of code and words."""
        return {
            "stages": list(STAGES),
            "roles": list(self.roles.items()),
            "relations": list(self.relations.items()),
            "commands": list(self.commands.items()),
            "flows": list(self.flows.items()),
        }


def vocabulary() -> Vocabulary:
    """The names of today; one query."""
    return Vocabulary(
        roles={role.code: role.label for role in ROLES.values()},
        relations={"": "不限单位（全区）", "own": "申请单位", **registries.relations()},
        commands=registries.commands(),
        flows=dict(published().order_by("key").values_list("key", "title")),
    )


def seat_words(seat: Seat, known: Vocabulary) -> str:
    """Who is asked."""
    if seat.initiator:
        return "申请人"
    if seat.user:
        return f"账号 {seat.user}"
    if seat.field and not seat.role:
        return f"字段 {seat.field} 里的人"
    role = known.roles.get(seat.role, seat.role)
    if seat.field:
        return f"字段 {seat.field} 所指单位的{role}"
    unit = known.relations.get(seat.relation, seat.relation)
    return f"{unit}的{role}" if seat.relation else role


def verdict_words(node: Node) -> str:
    """How the step is decided, where not by 同意 or 不同意."""
    if node.submit or node.verdicts == Verdicts():
        return ""
    return "、".join(filter(None, (node.verdicts.agree, node.verdicts.disagree)))


def clock_words(clock: Clock | None) -> str:
    """How long."""
    if clock is None:
        return ""
    days = f"{clock.days} 个工作日" if clock.days else ""
    if not clock.fact:
        return days
    return f"按字段 {clock.fact}（未填时 {days}）" if days else f"按字段 {clock.fact}"


def facets(node: Node, process: Process, known: Vocabulary) -> list[tuple[str, str]]:
    """Everything a node says, as label and words; what is as usual is left out."""
    found = [("种类", KINDS[node.kind]), ("阶段", node.stage), *_of_people(node, known), *_of_machines(node, known)]
    found += [("去向", "；".join(_way_out(flow, process) for flow in node.outgoing))]
    return [(label, words) for label, words in found if words]


def _of_people(node: Node, known: Vocabulary) -> Iterable[tuple[str, str]]:
    if node.kind is not NodeKind.USER:
        return
    yield "办理人", "、".join(seat_words(seat, known) for seat in node.seats)
    if node.order is not Order.SINGLE:
        ratio = f" {node.countersign.ratio}%" if node.countersign.mode is Mode.RATIO else ""
        yield "会签", f"{ORDERS[node.order]}，{MODES[node.countersign.mode]}{ratio}"
    yield "申请人填写", "是" if node.submit else ""
    yield "结论", verdict_words(node)
    yield "不同意时", "" if node.submit or node.is_report else REJECTS[node.reject]
    yield "可用操作", "、".join(words for action, words in ACTIONS.items() if action in node.actions)
    if Action.RETURN in node.actions and not node.submit:
        ways = "、".join(words for way, words in WAYS.items() if way in node.ways)
        yield "退回", f"{RETURNS[node.return_to]}，{ways}"
    yield "时限", clock_words(node.limit)
    yield "职责分离", node.separate
    yield "同一人自动跳过", "是" if node.skip_same else ""
    yield "可改字段", "、".join(node.fields_write)
    yield "必填字段", "、".join(node.fields_required)
    yield "抄送", "、".join(seat_words(seat, known) for seat in node.copies)


def _of_machines(node: Node, known: Vocabulary) -> Iterable[tuple[str, str]]:
    yield "指令", known.commands.get(node.command, node.command)
    yield "调用", known.flows.get(node.called, node.called)
    yield "等待", clock_words(node.wait)
    if node.kind is NodeKind.BOUNDARY:
        yield "到时", clock_words(node.limit)
        yield "到时后", "不再等原环节" if node.interrupting else "原环节继续办理"


def _way_out(flow: Flow, process: Process) -> str:
    target = process.nodes.get(flow.target)
    name = (target.name or KINDS[target.kind]) if target else flow.target
    condition = f"（{flow.condition}）" if flow.condition else "（默认）" if flow.is_default else ""
    return f"{name}{condition}"
