"""A file somebody hands us, opened as XML without trusting it: no DTD, no entities, no network, limited in size."""

from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import BB, BPMN, Flaw

MAX_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Opened:
    """The root element, or the one reason why there is none."""

    root: Any
    flaw: Flaw | None = None


def open_definitions(xml: bytes | str) -> Opened:
    """The `definitions` element of a BPMN file; never raises on what the file holds."""
    data = xml.encode("utf-8", "surrogatepass") if isinstance(xml, str) else xml
    if len(data) > MAX_BYTES:
        return _refused(Code.UNREADABLE, f"文件太大：超过 {MAX_BYTES} 字节。")
    parser = etree.XMLParser(
        encoding="utf-8" if isinstance(xml, str) else None,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return _unreadable(error, data)
    if root.getroottree().docinfo.internalDTD is not None:
        return _refused(Code.DOCTYPE, "文件含 DOCTYPE 声明；流程定义不需要它，请删去。", 1)
    if root.tag != f"{{{BPMN}}}definitions":
        text = f"根元素是“{local_name(root)[:40]}”，不是 BPMN 2.0 的 definitions。"
        return _refused(Code.NOT_BPMN, text, root.sourceline)
    return Opened(root)


def _unreadable(error: Exception, data: bytes) -> Opened:
    line, column = getattr(error, "position", (0, 0))
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return _refused(Code.DOCTYPE, "文件含 DOCTYPE 声明或实体；流程定义不需要它们，请删去。", line)
    if "depth" in str(error):
        return _refused(Code.UNREADABLE, "元素嵌套太深。", line)
    where = f"（第 {line} 行第 {column} 列）" if line else ""
    return _refused(Code.UNREADABLE, f"XML 格式有误{where}。", line)


def _refused(code: Code, message: str, line: int = 0) -> Opened:
    return Opened(None, Flaw("", code, message, line))


def local_name(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def bpmn_name(element: Any) -> str:
    """The local name of a BPMN element, "" for one of any other namespace."""
    return local_name(element) if etree.QName(element).namespace == BPMN else ""


def bb_name(element: Any) -> str:
    """The local name of an extension element of ours, "" for anybody else's."""
    return local_name(element) if etree.QName(element).namespace == BB else ""
