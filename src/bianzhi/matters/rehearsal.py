"""What the commands of a case would say if they ran now: carried out in order, then wholly undone."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from bianzhi.audit.actors import Actor
from bianzhi.audit.rehearsal import rehearsed
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters import catalogue
from bianzhi.matters.acting import ByCase
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.matters.selectors.drafts import earlier_results

if TYPE_CHECKING:
    from bianzhi.matters.commands import CaseCommand


@beyond_scope("rules")
def rehearse(draft: CaseDraft, *, by: Actor, today: date, until: "CaseCommand | None" = None) -> list[Objection]:
    """Objections and remarks of the case's commands that have not run yet, up to `until` (None: all of them).

    Every lock is taken and every rule of the register asked, the database's promises included; nothing is kept.
    """
    try:
        return rehearsed(partial(_remarks, draft, by, today, until))
    except Refused as refused:
        return list(refused.objections)


def _remarks(draft: CaseDraft, by: Actor, today: date, until: "CaseCommand | None") -> list[Objection]:
    """Carries the commands out, one on the result of the other."""
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
    return list(dict.fromkeys(remarks))


def _let_through(remark: Objection) -> Objection:
    """What a command let pass stands in nobody's way any longer: an overridden rule is told as a warning."""
    return replace(remark, severity=Severity.WARN)
