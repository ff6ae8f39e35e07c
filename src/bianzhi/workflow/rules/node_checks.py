"""What is wrong with a single node or flow, whatever stands around it."""

from collections.abc import Iterator
from typing import Final

from bianzhi.workflow.rules import conditions
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import (
    STAGES,
    Action,
    Clock,
    Countersign,
    Flaw,
    Mode,
    Node,
    NodeKind,
    Order,
    Process,
    Reject,
    Seat,
    Verdicts,
)

RATIFYING: Final = "核准"
JUDGING: Final = ("审批", RATIFYING)
MAX_DAYS: Final = 750
"""Three years of working days."""
LONGEST_WORD: Final = 8
"""What a button says."""
OUTCOME: Final = "_outcome"


def flaws_in_nodes(process: Process) -> list[Flaw]:
    """Every flaw a node or a condition has by itself."""
    found = [flaw for node in process.nodes.values() for flaw in _node(node)]
    found += [flaw for node in process.nodes.values() for flaw in _conditions(process, node)]
    calls = [node for node in process.nodes.values() if node.kind is NodeKind.CALL]
    found += [Flaw(node.id, Code.CALL, "子流程就是它自己。") for node in calls if node.called == process.id]
    return found


def _node(node: Node) -> Iterator[Flaw]:
    if node.stage and node.stage not in STAGES:
        yield Flaw(node.id, Code.STAGE, f"没有阶段“{node.stage}”，应当是 {'、'.join(STAGES)} 之一。")
    for seat in node.copies:
        yield from _seat(node, seat)
    match node.kind:
        case NodeKind.USER:
            yield from _user(node)
        case NodeKind.SERVICE | NodeKind.SEND:
            if not node.command:
                yield Flaw(node.id, Code.COMMAND, "没有写明指令（bb:command）。")
        case NodeKind.CALL:
            if not node.called:
                yield Flaw(node.id, Code.CALL, "没有写明子流程（calledElement）。")
        case NodeKind.WAIT:
            yield from _clock(node, node.wait, "没有写明等待的工作日数（bb:wait）。")
        case NodeKind.BOUNDARY:
            yield from _clock(node, node.limit, "没有写明到时的工作日数（bb:deadline）。")


def _user(node: Node) -> Iterator[Flaw]:
    yield from _seats(node)
    yield from _countersign(node)
    yield from _verdicts(node)
    yield from _submit(node)
    yield from _skipping(node)
    if node.limit is not None:
        yield from _clock(node, node.limit, "")
    if Action.RETURN in node.actions and not node.ways:
        yield Flaw(node.id, Code.RETURN, "许可退回，却没有写明退回后的走法（bb:return way）。")
    unwritable = [name for name in node.fields_required if name not in node.fields_write]
    if unwritable:
        yield Flaw(node.id, Code.EXTENSION, f"要求填写的字段（{'、'.join(unwritable)}）不在可填的字段里。")


def _seats(node: Node) -> Iterator[Flaw]:
    if not node.seats:
        yield Flaw(node.id, Code.SEATS, "没有指定办理人（bb:assign）。")
    elif node.order is Order.SINGLE and len(node.seats) > 1:
        yield Flaw(node.id, Code.SEATS, f"有 {len(node.seats)} 个办理人，却不是会签（多实例）。")
    if len(set(node.seats)) < len(node.seats):
        yield Flaw(node.id, Code.SEAT, "同一个办理人指定了两次。")
    for seat in node.seats:
        yield from _seat(node, seat)
    if any(seat.initiator for seat in node.seats) and not node.submit and node.stage in JUDGING:
        yield Flaw(node.id, Code.SEPARATE, f"发起人不能办理自己事项的{node.stage}环节（回避）。")


def _seat(node: Node, seat: Seat) -> Iterator[Flaw]:
    ways = {"发起人": seat.initiator, "指定用户": seat.user, "角色": seat.role, "字段": seat.field}
    named = [word for word, given in ways.items() if given]
    if not named:
        missing = "只写了单位关系，没有角色" if seat.relation else "没有写明是谁"
        yield Flaw(node.id, Code.SEAT, f"办理人{missing}。")
    elif len(named) > 1 and named != ["角色", "字段"]:
        yield Flaw(node.id, Code.SEAT, f"同一个办理人不能既是{'又是'.join(named)}。")
    elif seat.relation and (not seat.role or seat.field):
        yield Flaw(node.id, Code.SEAT, f"单位关系“{seat.relation}”只能与角色连用，并且不能再写字段。")


def _countersign(node: Node) -> Iterator[Flaw]:
    rule = node.countersign
    if node.order is Order.SINGLE and rule != Countersign():
        yield Flaw(node.id, Code.COUNTERSIGN, "只有一个办理人的环节不能设会签规则。")
    if rule.mode is Mode.RATIO and not 1 <= rule.ratio <= 100:
        yield Flaw(node.id, Code.COUNTERSIGN, f"会签比例 {rule.ratio}% 应当在 1% 到 100% 之间。")


def _verdicts(node: Node) -> Iterator[Flaw]:
    words = (node.verdicts.agree, node.verdicts.disagree)
    if any(len(word) > LONGEST_WORD for word in words):
        yield Flaw(node.id, Code.EXTENSION, f"结论的说法（bb:verdict）最多 {LONGEST_WORD} 个字。")
    if words[0] == words[1]:
        yield Flaw(node.id, Code.EXTENSION, f"两种结论都叫“{words[0]}”（bb:verdict）。")
    if not words[1] and node.stage in JUDGING:
        yield Flaw(node.id, Code.EXTENSION, f"{node.stage}环节要能不同意（bb:verdict disagree）。")


def _submit(node: Node) -> Iterator[Flaw]:
    if not node.submit:
        return
    if node.order is not Order.SINGLE or node.seats != (Seat(initiator=True),):
        yield Flaw(node.id, Code.SUBMIT, "提交环节只由发起人一人办理（bb:assign initiator）。")
    if node.verdicts != Verdicts():
        yield Flaw(node.id, Code.SUBMIT, "提交环节只有提交，不能另写结论（bb:verdict）。")
    if node.skip_same:
        yield Flaw(node.id, Code.SUBMIT, "提交环节不能自动跳过。")
    if node.reject is Reject.COLLECT:
        yield Flaw(node.id, Code.SUBMIT, "提交环节没有不同意，不能收集结论。")


def _skipping(node: Node) -> Iterator[Flaw]:
    if node.stage != RATIFYING:
        return
    if node.skip_same:
        yield Flaw(node.id, Code.SKIP, "核准环节不能因为是同一人就跳过（bb:skip）。")
    if Action.SKIP in node.actions:
        yield Flaw(node.id, Code.SKIP, "核准环节不能许可跳过（bb:actions skip）。")


def _clock(node: Node, clock: Clock | None, missing: str) -> Iterator[Flaw]:
    if clock is None:
        yield Flaw(node.id, Code.CLOCK, missing)
    elif clock.days < 1 and not clock.fact:
        yield Flaw(node.id, Code.CLOCK, "工作日数应当至少是 1，或者写明取自哪个字段（fact）。")
    elif clock.days > MAX_DAYS:
        yield Flaw(node.id, Code.CLOCK, f"{clock.days} 个工作日太长，最多 {MAX_DAYS} 个。")
    elif clock.days and clock.warn > max(clock.days, Clock().warn):
        yield Flaw(node.id, Code.CLOCK, f"时限 {clock.days} 个工作日，却要提前 {clock.warn} 个工作日提醒。")


def _conditions(process: Process, node: Node) -> Iterator[Flaw]:
    for flow in node.outgoing:
        if not flow.condition:
            continue
        try:
            parsed = conditions.parse(flow.condition)
        except conditions.ConditionError as error:
            yield Flaw(flow.id, Code.CONDITION, f"条件“{_shortened(flow.condition)}”写错，{error}。")
            continue
        for name in sorted(conditions.fields_of(parsed)):
            yield from _outcome(process, flow.id, name)


def _outcome(process: Process, flow_id: str, name: str) -> Iterator[Flaw]:
    step = process.nodes.get(name.removesuffix(OUTCOME)) if name.endswith(OUTCOME) else None
    if step is None or step.kind is NodeKind.CALL or (step.kind is NodeKind.USER and step.reject is Reject.COLLECT):
        return
    text = f"条件用了“{step.id}”的结论，而它没有结论：有结论的是调用活动和收集意见的用户任务（bb:reject collect）。"
    yield Flaw(flow_id, Code.OUTCOME, text)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
