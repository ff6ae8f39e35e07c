"""The declaration the 机构编制 matters (P07–P10) have in common: who applies with what, who decides, what is issued."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters.catalogue import declare
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.decided import (
    APPRAISAL,
    GROUP,
    OFFICE_FIELDS,
    REASONS,
    REQUEST,
    WRITES,
    ByDecision,
    reply_content,
)
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec
from bianzhi.matters.selectors.units_concerned import FACTS, named
from bianzhi.organizations.scopes import visible_organization_ids

BEYOND_REACH: Final = "M22"
PAPER_WORD: Final = "编批"
Lines = Callable[[CaseDraft], Sequence[tuple[str, str]]]


def declare_decided(
    *,
    code: str,
    key: str,
    title: str,
    summary: str,
    icon: str,
    command: ByDecision,
    fields: Sequence[FieldSpec],
    title_of: Callable[[CaseDraft], str],
    facts_of: Callable[[CaseDraft], Mapping[str, Any]],
    lines: Lines,
    approvers: tuple[ApproverRule, ...],
    precheck: Callable[[CaseDraft, date], list[Objection]],
    more_facts: tuple[str, ...] = (),
    own_units: Callable[[CaseDraft], Sequence[int | None]] = lambda draft: (),
    counterpart_of: Callable[[CaseDraft], int | None] = lambda draft: None,
    before_of: Callable[[CaseDraft], Mapping[str, Any]] | None = None,
    permission: str = "matters.apply",
    evidence: tuple[EvidenceSpec, ...] = (REQUEST, APPRAISAL),
    clock_days: int = 20,
    publication_days: int = 0,
    sampling_percent: int = 0,
    joint: Sequence[str] = (),
    joint_title: str = "会签",
    joint_units: Sequence[str] = (),
    joint_reject: str = "return",
) -> Matter:
    """Declare one matter; `key` names its commands ("p07.merge"), `lines` say what the reply and the 公示 state.

    `own_units` are the units an applicant must have in the own reach: nobody applies to abolish somebody else's unit.
    `joint` are the liaisons who sign, `joint_units` fields that name units whose head does; their 不同意 sends the case
    back to the applicant, unless `joint_reject` says that it is only heard ("collect").
    """
    effect, paper = key, f"{key}_reply"

    def check(draft: CaseDraft, today: date) -> list[Objection]:
        return [*_beyond_reach(draft, own_units(draft), today), *precheck(draft, today)]

    def reply(act: CaseAct) -> PaperContent:
        return reply_content(act, effect, lines(act.draft))

    return declare(
        Matter(
            code=code,
            title=title,
            summary=summary,
            group=GROUP,
            icon=icon,
            clock_days=clock_days,
            publication_days=publication_days,
            sampling_percent=sampling_percent,
            fields=(*fields, *REASONS, *OFFICE_FIELDS),
            evidence=evidence,
            approvers=approvers,
            flow=lambda: standard_chain(
                code,
                title,
                effect=effect,
                paper=paper,
                consultation="needs_consultation",
                joint=joint,
                joint_units=joint_units,
                joint_title=joint_title,
                joint_reject=joint_reject,
                above=True,
                government='level == "government" or needs_government',
                writes=WRITES,
                optional=("effective_on",),
            ),
            commands={effect: command, paper: IssuePaper("reply")},
            papers=(PaperKind("reply", f"{title}办理结果通知单", PAPER_WORD, reply),),
            title_of=title_of,
            facts_of=facts_of,
            facts=(*FACTS, *more_facts),
            precheck=check,
            counterpart_of=counterpart_of,
            before_of=before_of,
            permission=permission,
            publication=lambda draft: PaperContent([line for line in lines(draft) if line[1]]),
        )
    )


def _beyond_reach(draft: CaseDraft, units: Sequence[int | None], today: date) -> list[Objection]:
    reach = visible_organization_ids(draft.case.applicant, today)
    beyond = [pk for pk in units if pk and reach is not None and pk not in reach]
    if not beyond:
        return []
    message = f"{named(beyond, today)}不在申请人的管理范围内，不能代为申请。"
    step = "请由该单位或其主管部门申请；涉及几个主管部门的，请由编办提出。"
    return [Objection(BEYOND_REACH, message, Severity.BLOCK, {"单位数": len(beyond)}, step)]
