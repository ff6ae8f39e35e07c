"""One act on many findings: each by itself, with what came of it; a refused one does not stop the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.models import Finding
from bianzhi.exchange.rules.handling import UNSUPPORTED
from bianzhi.exchange.services.findings import assign_finding, propose_finding, settle_finding, take_back_finding
from bianzhi.kernel.objections import Objection, Refused, Severity

MOST: Final = 500
"""Findings of one batch: what one transaction and one reader of its result can bear."""


@dataclass(frozen=True, slots=True)
class BatchAct:
    """What is done to each: "assign", "propose" (`verdict`), "settle" (`agree`) or "take_back", with its words."""

    act: str
    reason: str = ""
    assignee_id: int = 0
    due_on: date | None = None
    verdict: str = ""
    agree: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row: `message` is why it was refused, "" when it was done."""

    pk: int
    ok: bool
    message: str = ""


@unit_of_work
def handle_batch(*, actor: Actor, finding_ids: Sequence[int], act: BatchAct, today: date) -> list[Outcome]:
    """Do the same to many findings, in the order given; each row that is refused says why and stays as it was.

    Raises Denied as the single act does, Refused (X05) for none, too many, or an act there is not.
    """
    wanted = list(dict.fromkeys(finding_ids))
    if not wanted or len(wanted) > MOST:
        message = f"所选差异 {len(wanted)} 条，每批 1 至 {MOST} 条"
        raise Refused([Objection(UNSUPPORTED, message, Severity.BLOCK, {"所选": len(wanted)}, "请分批办理")])
    do = _single(actor, act, today)
    return [_outcome(do, pk) for pk in wanted]


def _outcome(do: Callable[[int], Finding], pk: int) -> Outcome:
    try:
        do(pk)
    except Refused as refused:
        return Outcome(pk, ok=False, message=str(refused))
    except Finding.DoesNotExist:
        return Outcome(pk, ok=False, message="没有这条差异。")
    return Outcome(pk, ok=True)


def _single(by: Actor, act: BatchAct, today: date) -> Callable[[int], Finding]:
    """The act as a function of one finding. Raises Refused (X05)."""
    acts: dict[str, Callable[[int], Finding]] = {
        "assign": lambda pk: assign_finding(
            actor=by, finding_id=pk, assignee_id=act.assignee_id, due_on=act.due_on or today, today=today
        ),
        "propose": lambda pk: propose_finding(actor=by, finding_id=pk, verdict=act.verdict, reason=act.reason),
        "settle": lambda pk: settle_finding(actor=by, finding_id=pk, agree=act.agree, today=today, reason=act.reason),
        "take_back": lambda pk: take_back_finding(actor=by, finding_id=pk, reason=act.reason),
    }
    if act.act not in acts:
        raise Refused([Objection(UNSUPPORTED, "未选择办理方式", Severity.BLOCK, {}, "请选择一项办理")])
    return acts[act.act]
