"""What departments are told after registration, and which of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.objections import Objection
from bianzhi.reconciliation.sources import FINANCE, HR, ORGANIZATION

ENLISTED: Final = "ENLISTED"
DELISTED: Final = "DELISTED"
TRANSFERRED: Final = "TRANSFERRED"
CHANGED: Final = "CHANGED"
REVERSED: Final = "REVERSED"
DIFFERENCES: Final = "DIFFERENCES"

KINDS: Final[dict[str, str]] = {
    ENLISTED: "入编登记",
    DELISTED: "出编登记",
    TRANSFERRED: "调动登记",
    CHANGED: "信息变更",
    REVERSED: "冲正",
    DIFFERENCES: "差异清单",
}
"""Kind of dispatch → how an official reads it."""

TOLD: Final = (ORGANIZATION, HR, FINANCE)
"""Who acts on registration: appointments, salaries, pay. The establishment office's own source is the register."""

TELLING_FIELDS: Final = ("name", "id_number", "sex", "born_on", "identity")
"""Changes of a person that others must follow, or they would no longer find the person; nothing else is told."""

ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
REASON_LENGTH: Final = 300


def signed_text(source_code: str, kind: str, key: str, payload: Mapping[str, Any], files: Mapping[str, str]) -> bytes:
    """What a signature covers: the canonical JSON of the whole dispatch, as its receiver can write it again."""
    whole = {"files": dict(files), "key": key, "kind": kind, "payload": dict(payload), "source": source_code}
    return canonical_json(whole).encode()


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is on quota: what of it concerns other departments."""

    unit: int
    quota_type: str


def kind_of_move(before: Place | None, after: Place | None) -> str:
    """The kind of dispatch a movement makes; "" when nothing changed that concerns others (an internal body)."""
    if before is None and after is None:
        return ""
    if before is None:
        return ENLISTED
    if after is None:
        return DELISTED
    return TRANSFERRED if before != after else ""


def objections_to_answer(outcome: str, reason: str, *, answered: str) -> list[Objection]:
    """What is wrong with an acknowledgement; `answered` is the outcome given before, "" for none.

    What was sent back may be accepted later, once it has been put right; what was accepted stays accepted.
    """
    if outcome not in (ACCEPTED, REJECTED):
        return [
            Objection("K21", f"没有“{outcome}”这种回执", next_step="回执只能是 accepted（接受）或 rejected（退回）")
        ]
    if outcome == REJECTED and not reason.strip():
        return [Objection("K22", "退回没有写明原因", next_step="请说明哪一项不符，便于编办更正")]
    if len(reason) > REASON_LENGTH:
        message = f"说明有 {len(reason)} 字，超过 {REASON_LENGTH} 字"
        return [Objection("K22", message, figures={"length": len(reason)}, next_step="请缩短说明")]
    if answered == ACCEPTED and outcome == REJECTED:
        return [Objection("K23", "这份回送已经回执为接受，不能再退回", next_step="发现有误请联系编办")]
    return []
