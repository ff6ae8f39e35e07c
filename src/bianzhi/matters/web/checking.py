"""What the rules say of an application while it is being filled in, as the panel beside the form shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bianzhi.common.web.access import PageRequest
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters import checking
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.models import Case
from bianzhi.matters.rules.cleaning import MISSING, UNREADABLE
from bianzhi.matters.rules.evidence import CODE as NO_PAPER
from bianzhi.matters.rules.evidence import asked_for
from bianzhi.matters.selectors.drafts import being_written
from bianzhi.matters.selectors.facts import deciding_rule
from bianzhi.personnel.web.room import Room, room_of

NAMED: Final = 4
"""So many missing entries are named; more are only counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """The check panel. `is_whole`: everything asked for was filled in, so that the rules of the register were asked."""

    room: Sequence[Room]
    unfilled: int
    unfilled_words: str
    unreadable: Sequence[str]
    missing: str
    asks_papers: bool
    decider: str
    objections: Sequence[Objection]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing from the form itself."""
        return not self.unfilled and not self.unreadable

    @property
    def blocking(self) -> list[Objection]:
        """What would refuse the application."""
        return [each for each in self.objections if each.severity is not Severity.WARN]


def check(request: PageRequest, case: Case) -> Check:
    """Everything there is to say of a case as it is kept; writes nothing."""
    found = checking.objections_to_sending(case, by=request.user, today=request.today)
    by_code: dict[str, list[Objection]] = {}
    for each in found:
        by_code.setdefault(each.code, []).append(each)
    blanks = [each for each in by_code.pop(MISSING, []) if "未填" in each.figures]
    unfilled = sum(int(each.figures["未填"]) for each in blanks)
    papers = by_code.pop(NO_PAPER, [])
    unreadable = [each.message for each in by_code.pop(UNREADABLE, [])]
    draft = being_written(case, request.today)
    return Check(
        room=room_of(case.organization_id, request.today),
        unfilled=unfilled,
        unfilled_words="；".join(each.message.removeprefix("未填写：") for each in blanks) if unfilled <= NAMED else "",
        unreadable=unreadable,
        missing="；".join(each.message.removeprefix("缺少证明材料：") for each in papers),
        asks_papers=any(spec.required for spec in asked_for(draft.evidence_specs, case.form)),
        decider=_decider(draft, is_filled=not unfilled and not unreadable),
        objections=[each for own in by_code.values() for each in own],
    )


def _decider(draft: CaseDraft, *, is_filled: bool) -> str:
    """Who decides, once it is certain: where that depends on what is filled in, an unfinished form does not tell."""
    rule = deciding_rule(draft)
    is_certain = is_filled or not draft.case.version.approvers or not draft.case.version.approvers[0]["when"]
    return rule.words if is_certain else ""
