"""The command that issues a matter's paper: 核准单, 通知单, 回执."""

from collections.abc import Mapping
from typing import Any

from bianzhi.matters import catalogue
from bianzhi.matters.commands import Carried, ReversibleCommand
from bianzhi.matters.declarations import CaseAct
from bianzhi.matters.services.papers import issue_paper, revoke_paper


class IssuePaper(ReversibleCommand):
    """Issue one kind of paper of the case's matter; a case returned over this step has it revoked."""

    label = "签发文书"
    is_rehearsed = False
    is_effect = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def carry_out(self, act: CaseAct) -> Carried:
        """The paper, numbered; its content is what the case has done by now."""
        case = act.draft.case
        kind = catalogue.matter(case.matter).paper(self.kind)
        paper = issue_paper(
            actor=act.actor,
            case_id=case.pk,
            kind=kind.code,
            title=kind.title,
            word=kind.word,
            content=kind.content(act).to_json(),
            today=act.today,
        )
        return Carried(f"已签发《{paper.title}》{paper.number}", {"paper": paper.pk, "number": paper.number})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Revoke the paper: whoever has its code checked is told so."""
        revoke_paper(actor=act.actor, paper_id=int(result["paper"]), reason="办件退回，文书作废")
