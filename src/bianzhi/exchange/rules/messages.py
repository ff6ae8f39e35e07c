"""The messages by which departments tell a decision: who may send which, and what makes two of them one."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.objections import Objection
from bianzhi.reconciliation.sources import DEPARTMENTS, FINANCE, HR, ORGANIZATION

HIRE_DECIDED: Final = "HIRE_DECIDED"
EXIT_DECIDED: Final = "EXIT_DECIDED"
SALARY_SET: Final = "SALARY_SET"

KINDS: Final[dict[str, str]] = {
    HIRE_DECIDED: "录用（调入）决定",
    EXIT_DECIDED: "退休、辞职等离开决定",
    SALARY_SET: "工资核定",
}
SENDERS: Final = {
    HIRE_DECIDED: (ORGANIZATION, HR),
    EXIT_DECIDED: (ORGANIZATION, HR),
    SALARY_SET: (HR, FINANCE),
}
"""Who decides what (domain.md §3.6): people by 组织部 and 人社局, salaries by 人社局 and 财政局."""


def digest_of_message(kind: str, message_id: str, seq: int, payload: Mapping[str, Any]) -> str:
    """SHA-256 of the message's canonical JSON (keys sorted, no spaces, UTF-8), as its sender computes it."""
    whole = {"kind": kind, "message_id": message_id, "payload": dict(payload), "seq": seq}
    return hashlib.sha256(canonical_json(whole).encode()).hexdigest()


def objections_to_message(kind: str, department: str, *, computed: str, told: str) -> list[Objection]:
    """What stands against a message that was never seen before."""
    if computed != told:
        message = f"摘要不符：消息写的是 {told[:12]}…，按内容算出 {computed[:12]}…"
        step = "请对 kind、message_id、payload、seq 四项的规范 JSON（键排序、无空格、UTF-8）计算 SHA-256"
        return [Objection("K11", message, next_step=step)]
    if department not in SENDERS[kind]:
        names = dict(DEPARTMENTS)
        allowed = "、".join(names[code] for code in SENDERS[kind])
        message = f"{KINDS[kind]}由{allowed}发送，这个密钥属于{names[department]}"
        return [Objection("K12", message, next_step="请由作出决定的部门发送")]
    return []


def is_another(message_id: str) -> Objection:
    """The same number was used for something else."""
    return Objection(
        "K13",
        f"消息编号“{message_id}”已用于另一内容",
        next_step="更正请使用新的编号；重发请保持内容不变",
    )


def remark_on_order(seq: int, highest: int | None) -> str:
    """What the sender is told of a number that comes after a higher one: it counts all the same."""
    if highest is None or seq > highest:
        return ""
    return f"序号 {seq} 不大于此前收到的最大序号 {highest}，可能乱序或重用；消息按编号登记，不影响办理"
