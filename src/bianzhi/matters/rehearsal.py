"""What the commands of a case would say if they ran now: carried out in order, then wholly undone."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters import catalogue
from bianzhi.matters.acting import ByCase
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.matters.selectors.drafts import earlier_results

if TYPE_CHECKING:
    from bianzhi.matters.commands import CaseCommand


class _Undone(Exception):
    """Takes what a rehearsal would remark out of the transaction that is rolled back."""

    def __init__(self, remarks: list[Objection]) -> None:
        super().__init__()
        self.remarks = remarks


@beyond_scope("rules")
def rehearse(draft: CaseDraft, *, by: Actor, today: date, until: "CaseCommand | None" = None) -> list[Objection]:
    """Objections and remarks of the case's commands that have not run yet, up to `until` (None: all of them).

    Every lock is taken and every rule of the register asked, the database's promises included; nothing is kept.
    """
    try:
        _carry_out_and_undo(draft, by, today, until)
    except _Undone as undone:
        return undone.remarks
    except Refused as refused:
        return list(refused.objections)
    raise AssertionError("a rehearsal always ends by an exception")


@unit_of_work
def _carry_out_and_undo(draft: CaseDraft, by: Actor, today: date, until: "CaseCommand | None") -> None:
    case = draft.case
    results = dict(earlier_results(case))
    remarks: list[Objection] = []
    for name, command in catalogue.matter(case.matter).commands.items():
        if command.is_rehearsed and name not in results:
            act = CaseAct(ByCase(by, case.number or "草稿"), today, draft, dict(results))
            carried = command.carry_out(act)
            results[name] = carried.result
            remarks += [_let_through(remark) for remark in carried.remarks]
        if command is until:
            break
    raise _Undone(list(dict.fromkeys(remarks)))


def _let_through(remark: Objection) -> Objection:
    """What a command let pass stands in nobody's way any longer: an overridden rule is told as a warning."""
    return replace(remark, severity=Severity.WARN)
