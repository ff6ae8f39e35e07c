"""What personal data may be looked at or taken away for: one of a list, and in which matter."""

from typing import Final

from bianzhi.kernel.objections import Objection, Refused

PURPOSES: Final = {
    "matter": "办理入编、调动、出编等事项",
    "identity": "核对是否同一人",
    "inspection": "督查、巡察、审计、纪检需要",
    "complaint": "处理信访、异议和投诉",
    "report": "上级机关要求报送",
    "exchange": "部门间数据核对",
    "meeting": "编委会、办公会材料",
    "archive": "档案整理、移交",
    "other": "其他",
}
SHORTEST: Final = 4
LONGEST: Final = 100


def choices() -> list[tuple[str, str]]:
    """(code, label) of every purpose, for a form."""
    return list(PURPOSES.items())


def stated(code: str, note: str) -> str:
    """The purpose in words: 督查、巡察、审计、纪检需要：区委巡察组调阅.

    Raises Refused (D1) for a purpose that is not on the list, (D2) when the matter is not named.
    """
    note = " ".join(note.split())
    if code not in PURPOSES:
        raise Refused([Objection("D1", "没有选择用途。", next_step="请从列表中选择一项用途。")])
    if len(note) < SHORTEST:
        step = "请写明具体事项，例如办件编号、来文文号。"
        raise Refused([Objection("D2", f"没有写明具体事项（至少 {SHORTEST} 个字）。", next_step=step)])
    return f"{PURPOSES[code]}：{note}"[:LONGEST]
