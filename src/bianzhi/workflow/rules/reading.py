"""BPMN 2.0 XML read as a `profile.Process`; whatever the profile does not run is named, nothing is passed over."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bianzhi.workflow.rules.assembling import assemble
from bianzhi.workflow.rules.elements import (
    DECLARATIONS,
    NODES,
    PICTURE,
    REFUSED_IN_COLLABORATION,
    REFUSED_IN_DEFINITIONS,
    REFUSED_IN_PROCESS,
    REFUSED_NODES,
    SUB_PROCESSES,
)
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.node_reading import NO, YES, read_node
from bianzhi.workflow.rules.opening import bpmn_name, local_name, open_definitions
from bianzhi.workflow.rules.profile import Flaw, Flow, Node, NodeKind, Process

MAX_NODES: Final = 600
MAX_FLOWS: Final = 2000
MAX_LENGTH: Final = 80
"""Ids and names are kept with tasks and opinions, whose columns are so wide."""
MAX_NESTING: Final = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. `process` is None when there is nothing to look at.

    Nodes the profile cannot run are in `flaws`; they stand in the process as service tasks without a command, so that
    its shape can be judged all the same, and their ids in `opaque`. `lines` gives the source line of every element that
    has an id.
    """

    process: Process | None
    flaws: list[Flaw]
    lines: dict[str, int] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()


def read(xml: bytes | str) -> Reading:
    """Read a BPMN file. Never raises on what the file holds: hostile or broken XML gives a flaw and no process."""
    opened = open_definitions(xml)
    if opened.flaw is not None:
        return Reading(None, [opened.flaw])
    flaws: list[Flaw] = []
    lines = _identify(opened.root, flaws)
    chosen, others = _choose(opened.root, flaws)
    _read_surroundings(opened.root, chosen, flaws)
    for other in others:
        _Contents(other, flaws).process()
    process, opaque = None, frozenset[str]()
    if chosen is not None:
        contents = _Contents(chosen, flaws)
        process, opaque = contents.process(), frozenset(contents.opaque)
    return Reading(process, [_with_line(flaw, lines) for flaw in flaws], lines, opaque)


def _with_line(flaw: Flaw, lines: dict[str, int]) -> Flaw:
    return flaw if flaw.line else replace(flaw, line=lines.get(flaw.element, 0))


def name_of(element: Any) -> str:
    """How a flaw names an element: its id, or its tag when it has none."""
    return str(element.get("id") or f"<{local_name(element)}>")


def _identify(root: Any, flaws: list[Flaw]) -> dict[str, int]:
    """The line of every BPMN element with an id; ids that are there twice or too long are flaws."""
    lines: dict[str, int] = {}
    for element in root.iter():
        key = element.get("id")
        if not key or not bpmn_name(element):
            continue
        if key in lines:
            flaws.append(Flaw(key, Code.IDENTITY, f"id 重复，第 {lines[key]} 行已有。", element.sourceline))
        elif len(key) > MAX_LENGTH:
            flaws.append(Flaw(key, Code.IDENTITY, f"id 太长（最多 {MAX_LENGTH} 个字符）。", element.sourceline))
        lines.setdefault(key, element.sourceline)
    return lines


def _choose(root: Any, flaws: list[Flaw]) -> tuple[Any, list[Any]]:
    """The process to run, and others whose contents are looked through because it is unclear which is meant."""
    processes = [child for child in root if bpmn_name(child) == "process"]
    executable = [process for process in processes if process.get("isExecutable") in YES]
    if not processes:
        flaws.append(Flaw("", Code.NOT_BPMN, "文件里没有流程（process）。", root.sourceline))
        return None, []
    if len(executable) == 1:
        return executable[0], []
    if len(processes) == 1:
        if processes[0].get("isExecutable") in NO:
            text = "流程标明不可执行（isExecutable=false），只是说明图。"
            flaws.append(Flaw(name_of(processes[0]), Code.EXECUTABLE, text, processes[0].sourceline))
        return processes[0], []
    rivals = executable or processes
    what = "标明可执行的流程" if executable else "流程，没有一个标明可执行"
    text = f"文件里有 {len(rivals)} 个{what}：{'、'.join(map(name_of, rivals))}；一个文件只能有一个。"
    flaws += [Flaw(name_of(process), Code.EXECUTABLE, text, process.sourceline) for process in rivals]
    return rivals[0], rivals[1:]


def _read_surroundings(root: Any, chosen: Any, flaws: list[Flaw]) -> None:
    """What stands beside the process: declarations are inert, other participants and unknown elements are flaws."""
    for child in root:
        name = bpmn_name(child)
        if name == "collaboration":
            _read_collaboration(child, chosen, flaws)
        elif name in REFUSED_IN_DEFINITIONS:
            code, words = REFUSED_IN_DEFINITIONS[name]
            flaws.append(Flaw(name_of(child), code, f"不支持{words}。", child.sourceline))
        elif name and name != "process" and name not in DECLARATIONS:
            flaws.append(Flaw(name_of(child), Code.ELEMENT, f"不认识的元素 {name}。", child.sourceline))


def _read_collaboration(collaboration: Any, chosen: Any, flaws: list[Flaw]) -> None:
    for child in collaboration:
        name = bpmn_name(child)
        if name == "participant":
            _read_participant(child, chosen, flaws)
        elif name in REFUSED_IN_COLLABORATION:
            text = f"不支持{REFUSED_IN_COLLABORATION[name]}。"
            flaws.append(Flaw(name_of(child), Code.COLLABORATION, text, child.sourceline))
        elif name and name not in PICTURE:
            flaws.append(Flaw(name_of(child), Code.COLLABORATION, f"不认识的元素 {name}。", child.sourceline))


def _read_participant(participant: Any, chosen: Any, flaws: list[Flaw]) -> None:
    meant = (participant.get("processRef") or "").rpartition(":")[2]
    if chosen is None or meant != chosen.get("id"):
        called = participant.get("name") or name_of(participant)
        text = f"另一个参与者“{called}”：一个文件只办一个流程，与外部的往来用环节表示。"
        flaws.append(Flaw(name_of(participant), Code.COLLABORATION, text, participant.sourceline))
    if any(bpmn_name(child) == "participantMultiplicity" for child in participant):
        flaws.append(Flaw(name_of(participant), Code.COLLABORATION, "不支持多重参与者。", participant.sourceline))


class _Contents:
    """The flow elements of one process or, only to name what is wrong in it, of a sub-process."""

    def __init__(self, element: Any, flaws: list[Flaw], depth: int = 0) -> None:
        self._element = element
        self._flaws = flaws
        self._depth = depth
        self._nodes: dict[str, Node] = {}
        self.opaque: set[str] = set()
        self._defaults: dict[str, str] = {}
        self._arrows: list[Any] = []

    def process(self) -> Process | None:
        """The process these elements make; None when there are far too many to draw, let alone to understand."""
        for child in self._element:
            self._read_child(child)
        for count, most, what in (
            (len(self._nodes), MAX_NODES, "个环节"),
            (len(self._arrows), MAX_FLOWS, "条连线"),
        ):
            if count > most:
                self._flaw(self._element, Code.UNREADABLE, f"流程太大：有 {count} {what}，最多 {most} {what[0]}。")
                return None
        flows = list(self._flows())
        self._check_defaults(flows)
        title = (self._element.get("name") or "").strip()
        return assemble(name_of(self._element), title, self._nodes.values(), flows)

    def _flaw(self, element: Any, code: Code, message: str) -> None:
        self._flaws.append(Flaw(name_of(element), code, message, element.sourceline))

    def _read_child(self, child: Any) -> None:
        name = bpmn_name(child)
        if name in NODES:
            self._read_node(child, name)
        elif name == "sequenceFlow":
            self._arrows.append(child)
        elif name in REFUSED_IN_PROCESS:
            self._refuse(child, name)
        elif name not in PICTURE and not (self._depth and name in ("incoming", "outgoing")):
            self._flaw(child, Code.ELEMENT, f"不认识的元素 {local_name(child)}。")

    def _read_node(self, child: Any, name: str) -> None:
        if not child.get("id"):
            self._flaw(child, Code.IDENTITY, f"{name} 没有 id。")
            return
        if len(child.get("name") or "") > MAX_LENGTH:
            self._flaw(child, Code.IDENTITY, f"名称太长（最多 {MAX_LENGTH} 个字符）。")
        if child.get("default"):
            self._defaults[child.get("id")] = child.get("default")
        node = read_node(child, NODES[name], self._flaws)
        if node is None:
            self._stand_in(child)
        else:
            self._nodes.setdefault(node.id, node)

    def _stand_in(self, child: Any) -> None:
        """Put a service task in the place of a node that cannot be run."""
        key = child.get("id")
        if key and key not in self._nodes:
            self._nodes[key] = Node(key, NodeKind.SERVICE, (child.get("name") or "").strip())
            self.opaque.add(key)

    def _refuse(self, child: Any, name: str) -> None:
        code, words, instead = REFUSED_IN_PROCESS[name]
        self._flaw(child, code, f"不支持{words}。{instead}")
        if name in REFUSED_NODES:
            self._stand_in(child)
        if name in SUB_PROCESSES and self._depth < MAX_NESTING:
            _Contents(child, self._flaws, self._depth + 1).process()

    def _flows(self) -> Iterator[Flow]:
        known = set(self._nodes)
        for arrow in self._arrows:
            if not arrow.get("id"):
                self._flaw(arrow, Code.IDENTITY, "连线没有 id。")
                continue
            ends = {"sourceRef": arrow.get("sourceRef") or "", "targetRef": arrow.get("targetRef") or ""}
            for attribute, end in ends.items():
                if end not in known:
                    self._flaw(arrow, Code.REFERENCE, f"{attribute} 指向的“{end}”不存在。")
            if known.issuperset(ends.values()):
                yield self._flow(arrow, ends["sourceRef"], ends["targetRef"])

    def _flow(self, arrow: Any, source: str, target: str) -> Flow:
        return Flow(
            id=arrow.get("id"),
            source=source,
            target=target,
            condition=self._condition(arrow),
            name=(arrow.get("name") or "").strip(),
            is_default=self._defaults.get(source) == arrow.get("id"),
        )

    def _condition(self, arrow: Any) -> str:
        for part in arrow:
            if bpmn_name(part) == "conditionExpression":
                text = "".join(part.itertext()).strip()
                if not text:
                    self._flaw(arrow, Code.CONDITION, "条件是空的。")
                return text
        return ""

    def _check_defaults(self, flows: list[Flow]) -> None:
        leaving = {(flow.source, flow.id) for flow in flows}
        for key, default in self._defaults.items():
            if key in self._nodes and (key, default) not in leaving:
                self._flaws.append(Flaw(key, Code.DEFAULT, f"默认出线“{default}”不是它的出线。"))
