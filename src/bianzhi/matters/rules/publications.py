"""公示: what may stand in one, and which act may follow which (P14)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

ID_NUMBER: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PHONE: Final = re.compile(r"(?<!\d)1\d{10}(?!\d)")


def lines_of(lines: Iterable[Sequence[str]], head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """What a paper would say as lines of a publication: (name, text), each row of its table in one line."""
    found = [[str(name), str(text)] for name, text in lines if str(text).strip()]
    for number, row in enumerate(rows, start=1):
        cells = [f"{title} {cell}" for title, cell in zip(head, row, strict=False) if str(cell).strip()]
        found.append([f"第 {number} 项", "，".join(cells)])
    return found


def objections_to_content(lines: Iterable[Sequence[str]]) -> list[Objection]:
    """Names, units and posts only: nobody's ID or telephone number is published."""
    texts = [text for line in lines for text in line]
    found = []
    for pattern, what in ((ID_NUMBER, "身份证号"), (PHONE, "手机号码")):
        if any(pattern.search(text) for text in texts):
            message = f"公示内容含{what}（P14）"
            found.append(Objection("P14", message, Severity.BLOCK, {}, "公示只列姓名、单位和职务，请退回修改"))
    return found


def objections_to_raising(state: str, title: str, state_label: str) -> list[Objection]:
    """An objection is taken while the publication goes on."""
    if state in ("open", "suspended"):
        return []
    message = f"“{title}”{state_label}，不再受理异议（P14）"
    return [Objection("P14", message, Severity.BLOCK, {}, "期满后的反映请登记为问题或按举报办理")]
