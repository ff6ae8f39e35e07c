"""One BPMN flow node read as a `profile.Node`; its parts that would change what it does are named."""

from collections.abc import Iterator
from typing import Any, Final

from bianzhi.workflow.rules.elements import (
    EVENT_DEFINITIONS,
    EVENT_NAMES,
    EVENTS,
    OWN_PARTS,
    REFUSED_IN_INSTANCES,
    REFUSED_IN_NODE,
)
from bianzhi.workflow.rules.extensions import Extensions
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.opening import bb_name, bpmn_name, local_name
from bianzhi.workflow.rules.profile import Flaw, Node, NodeKind, Order

YES: Final = ("true", "1")
NO: Final = ("false", "0")
ALLOWED: Final[dict[NodeKind, tuple[list[str], ...]]] = {
    NodeKind.START: ([],),
    NodeKind.END: ([], ["terminateEventDefinition"]),
    NodeKind.WAIT: (["timerEventDefinition"],),
    NodeKind.BOUNDARY: (["timerEventDefinition"],),
}
"""Which event definitions an event may have, all together."""


def read_node(element: Any, kind: NodeKind, flaws: list[Flaw]) -> Node | None:
    """The node of an element; None when it is an event of a kind the profile does not run."""
    reader = _NodeReader(element, kind, flaws)
    if kind in EVENTS and not reader.event_is_supported():
        return None
    return reader.node()


class _NodeReader:
    """Reads one element; flaws name it by its id."""

    def __init__(self, element: Any, kind: NodeKind, flaws: list[Flaw]) -> None:
        self._element = element
        self._kind = kind
        self._id: str = element.get("id")
        self._flaws = flaws

    def node(self) -> Node:
        get = self._element.get
        extended = Extensions(self._id, self._kind, self._flaws).read(self._extensions())
        order = self._read_parts()
        if "countersign" in extended and order is Order.SINGLE:
            self._flaw(Code.EXTENSION, "bb:countersign 只能放在多实例的用户任务上。")
        self._check_quantities()
        return Node(
            id=self._id,
            kind=NodeKind.TERMINATE if "terminateEventDefinition" in self._definitions() else self._kind,
            name=(get("name") or "").strip(),
            order=order,
            called=(get("calledElement") or "").strip() if self._kind is NodeKind.CALL else "",
            attached_to=(get("attachedToRef") or "").strip() if self._kind is NodeKind.BOUNDARY else "",
            interrupting=get("cancelActivity", "true") not in NO if self._kind is NodeKind.BOUNDARY else True,
            **extended,
        )

    def event_is_supported(self) -> bool:
        """Whether the event is of a kind that runs; otherwise it is named."""
        definitions = self._definitions()
        if definitions in ALLOWED[self._kind]:
            return True
        words = "、".join(EVENT_DEFINITIONS[name] for name in definitions) or "没有定时的"
        hint = "" if definitions else "要写 timerEventDefinition 和工作日数。"
        self._flaw(Code.EVENT, f"不支持{words}{EVENT_NAMES[self._kind]}。{hint}")
        return False

    def _flaw(self, code: Code, message: str, line: int = 0) -> None:
        self._flaws.append(Flaw(self._id, code, message, line or self._element.sourceline))

    def _definitions(self) -> list[str]:
        if self._kind not in EVENTS:
            return []
        return [name for name in map(bpmn_name, self._element) if name in EVENT_DEFINITIONS]

    def _extensions(self) -> Iterator[tuple[str, dict[str, str], int]]:
        """Our extension elements; those of other tools mean nothing here and are left to them."""
        for part in self._element:
            if bpmn_name(part) == "extensionElements":
                for child in part:
                    if bb_name(child):
                        yield bb_name(child), dict(child.attrib), child.sourceline

    def _read_parts(self) -> Order:
        """Name the parts that can't be run; returns what the multi-instance marker says of the order."""
        order = Order.SINGLE
        for part in self._element:
            name = bpmn_name(part)
            if name == "multiInstanceLoopCharacteristics":
                order = self._instances(part)
            elif name == "timerEventDefinition" and self._kind in EVENTS:
                self._check_timer(part)
            elif name in REFUSED_IN_NODE:
                code, words, instead = REFUSED_IN_NODE[name]
                self._flaw(code, f"不支持{words}。{instead}", part.sourceline)
            elif name not in OWN_PARTS and name not in EVENT_DEFINITIONS:
                self._flaw(Code.ELEMENT, f"不认识的部分 {local_name(part)}。", part.sourceline)
        return order

    def _instances(self, marker: Any) -> Order:
        if self._kind is not NodeKind.USER:
            self._flaw(Code.REPETITION, "只有用户任务可以多实例（会签）。", marker.sourceline)
            return Order.SINGLE
        parts = [REFUSED_IN_INSTANCES[name] for name in map(bpmn_name, marker) if name in REFUSED_IN_INSTANCES]
        if parts:
            text = f"多实例不支持{'、'.join(parts)}：会签的人用 bb:assign 逐个指定，通过的条件用 bb:countersign。"
            self._flaw(Code.REPETITION, text, marker.sourceline)
        return Order.SEQUENTIAL if marker.get("isSequential") in YES else Order.PARALLEL

    def _check_timer(self, definition: Any) -> None:
        for part in definition:
            if bpmn_name(part) in ("timeDate", "timeDuration", "timeCycle"):
                where = "bb:deadline" if self._kind is NodeKind.BOUNDARY else "bb:wait"
                text = f"不支持 {bpmn_name(part)}：时间按工作日计算，用 {where} 指定。"
                self._flaw(Code.EVENT, text, part.sourceline)

    def _check_quantities(self) -> None:
        if self._element.get("isForCompensation") in YES:
            self._flaw(Code.REPETITION, "不支持补偿活动；指令的撤销由指令自己负责。")
        for attribute in ("startQuantity", "completionQuantity"):
            if self._element.get(attribute, "1") != "1":
                self._flaw(Code.REPETITION, f"不支持 {attribute}。")
