"""A process written as BPMN 2.0 XML: the canonical text of a definition, with its extensions and a picture.

`reading.read(write(process)).process == process` for every process the reader can read. The picture (BPMN DI) is made
by `rules.layout`, so that a flow edited as a list opens in a diagram editor.
"""

from typing import Any, Final

from lxml import etree

from bianzhi.workflow.rules.elements import NODES
from bianzhi.workflow.rules.extension_writing import extensions_of
from bianzhi.workflow.rules.layout import Layout, lay_out
from bianzhi.workflow.rules.profile import BB, BPMN, Flow, Node, NodeKind, Order, Process

BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES: Final = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI, "bb": BB}
TAGS: Final = {kind: tag for tag, kind in NODES.items()} | {NodeKind.TERMINATE: "endEvent"}
TIMED: Final = (NodeKind.WAIT, NodeKind.BOUNDARY)


def write(process: Process) -> str:
    """The XML of a process. Raises ValueError for text that XML cannot hold (control characters)."""
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=PREFIXES)
    root.set("id", f"Definitions_{process.id}")
    root.set("targetNamespace", BB)
    body = etree.SubElement(root, f"{{{BPMN}}}process", id=process.id, name=process.name, isExecutable="true")
    for node in process.nodes.values():
        _write_node(body, node)
    for node in process.nodes.values():
        for flow in node.outgoing:
            _write_flow(body, flow)
    _write_picture(root, process, lay_out(process))
    etree.indent(root, "  ")
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text.decode() + "\n"


def _add(parent: Any, tag: str, text: str = "", /, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)
    if text:
        element.text = text
    return element


def _write_node(body: Any, node: Node) -> None:
    element = _add(body, TAGS[node.kind], id=node.id, **_attributes(node))
    extensions = extensions_of(node)
    if extensions:
        holder = _add(element, "extensionElements")
        for name, attributes in extensions:
            etree.SubElement(holder, f"{{{BB}}}{name}", attributes)
    for flow in node.incoming:
        _add(element, "incoming", flow.id)
    for flow in node.outgoing:
        _add(element, "outgoing", flow.id)
    if node.order is not Order.SINGLE:
        _add(element, "multiInstanceLoopCharacteristics", isSequential=_flag(node.order is Order.SEQUENTIAL))
    if node.kind in TIMED:
        _add(element, "timerEventDefinition", id=f"{node.id}_timer")
    if node.kind is NodeKind.TERMINATE:
        _add(element, "terminateEventDefinition", id=f"{node.id}_terminate")


def _attributes(node: Node) -> dict[str, str]:
    found = {"name": node.name} if node.name else {}
    default = next((flow.id for flow in node.outgoing if flow.is_default), "")
    if default:
        found["default"] = default
    if node.kind is NodeKind.CALL:
        found["calledElement"] = node.called
    if node.kind is NodeKind.BOUNDARY:
        found |= {"attachedToRef": node.attached_to, "cancelActivity": _flag(node.interrupting)}
    return found


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _write_flow(body: Any, flow: Flow) -> None:
    named = {"name": flow.name} if flow.name else {}
    element = _add(body, "sequenceFlow", id=flow.id, **named, sourceRef=flow.source, targetRef=flow.target)
    if flow.condition:
        condition = _add(element, "conditionExpression", flow.condition)
        condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")


def _write_picture(root: Any, process: Process, layout: Layout) -> None:
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id=f"Diagram_{process.id}")
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id=f"Plane_{process.id}", bpmnElement=process.id)
    for key, box in layout.boxes.items():
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{key}_di", bpmnElement=key)
        if process.node(key).kind is NodeKind.EXCLUSIVE:
            shape.set("isMarkerVisible", "true")
        sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        etree.SubElement(shape, f"{{{DC}}}Bounds", {name: str(size) for name, size in sizes.items()})
    for key, corners in layout.arrows.items():
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{key}_di", bpmnElement=key)
        for x, y in corners:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
