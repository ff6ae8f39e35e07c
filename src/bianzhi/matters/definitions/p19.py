"""P19 编外用工: control numbers, and who is employed within them, countersigned by finance and personnel (R22)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.services import allot, reverse_entry
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.by_paper import OnPaper, office_fields
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.decided import order_of
from bianzhi.matters.definitions.reading import Row, missing, optional_day
from bianzhi.matters.definitions.reversing import REASON
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Engagement, Person
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.services.engagements import (
    EngagementOrder,
    end_engagement,
    engage,
    reopen_engagement,
    reverse_engagement,
)
from bianzhi.personnel.services.persons import PersonFacts, register_person

DO: Final = "p19.do"
KIND: Final = "E2"
CONTROL, ENGAGE, END = Only("act", ("control",)), Only("act", ("engage",)), Only("act", ("end",))
NOT_EMPLOYED: Final = "M27"

PEOPLE: Final = (
    FieldSpec("name", Kind.TEXT, "姓名", required=True, locked=True, max_length=60),
    FieldSpec("id_number", Kind.TEXT, "身份证号", required=True, locked=True, max_length=18),
    FieldSpec("form", Kind.CODE, "用工形式", required=True, locked=True, choices_of="non_quota_kind"),
    FieldSpec("position", Kind.TEXT, "岗位", required=True, locked=True, max_length=100),
    FieldSpec("since", Kind.DAY, "用工起始日", required=True, locked=True),
)
LEAVERS: Final = (
    FieldSpec("person", Kind.PERSON, "人员", required=True, locked=True, choices_of="any"),
    FieldSpec("last_day", Kind.DAY, "解除日期", required=True, locked=True, help="自此日起不再用工"),
    FieldSpec("why", Kind.TEXT, "解除原因", required=True, locked=True, max_length=120),
)


class ArrangeNonQuota(OnPaper):
    """Raise the control number, employ people within it, or end their employment."""

    label = "办理编外用工"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused: R06 (the district's total), R22 (beyond the control number), R04, R16, M27."""
        return {"control": self._raise, "engage": self._engage, "end": self._end}[act.draft.text("act") or "engage"](
            act
        )

    def _raise(self, act: CaseAct) -> Carried:
        count = act.draft.number("count")
        if count < 1:
            raise missing(act.draft, "count")
        entry = allot(
            actor=act.actor,
            basis=order_of(act).basis,
            organization_id=act.draft.organization_id,
            amounts={KIND: count},
        )
        return Carried(f"核增编外用工控制数 {count} 名", {"entry": entry.pk})

    def _engage(self, act: CaseAct) -> Carried:
        rows = act.draft.rows("people")
        if not rows:
            raise missing(act.draft, "people")
        order = order_of(act)
        engaged = [
            engage(
                actor=act.actor,
                order=EngagementOrder(
                    person_id=_person(act, row).pk,
                    organization_id=act.draft.organization_id,
                    kind=KIND,
                    effective_on=optional_day(row, "since") or order.day,
                    document=order.document,
                    form=str(row.get("form", "")),
                    position=str(row.get("position", "")),
                    funding_source=act.draft.text("funding"),
                ),
            )
            for row in rows
        ]
        return Carried(f"登记编外用工 {len(engaged)} 名", {"engaged": [each.pk for each in engaged]})

    def _end(self, act: CaseAct) -> Carried:
        rows = act.draft.rows("leavers")
        if not rows:
            raise missing(act.draft, "leavers")
        ended = [
            end_engagement(
                actor=act.actor,
                engagement_id=_employment(act.draft, row).pk,
                effective_on=optional_day(row, "last_day") or act.today,
                reason=str(row.get("why", "")),
            )
            for row in rows
        ]
        return Carried(f"解除编外用工 {len(ended)} 名", {"ended": [each.pk for each in ended]})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Reverse what was done: the ledger entry, the employments, or their ends."""
        if "entry" in result:
            entry = LedgerEntry.objects.select_related("document").get(pk=int(result["entry"]))
            reverse_entry(actor=act.actor, entry=entry, document=entry.document, reason=REASON)
        for pk in result.get("engaged", ()):
            reverse_engagement(actor=act.actor, engagement_id=int(pk), reason=REASON)
        for pk in result.get("ended", ()):
            reopen_engagement(actor=act.actor, engagement_id=int(pk), reason=REASON)


def _person(act: CaseAct, row: Row) -> Person:
    """The person of that ID number, registered if need be. Raises Refused (R16) for an unsound number."""
    facts = PersonFacts(name=str(row.get("name", "")), id_number=str(row.get("id_number", "")))
    with beyond_scope("identity"):
        known = Person.objects.with_id_number(facts.id_number).first()
    return known or register_person(actor=act.actor, facts=facts)


def _employment(draft: CaseDraft, row: Row) -> Engagement:
    """The open employment of a person at the case's unit. Raises Refused (M27)."""
    person_id = int(row.get("person") or 0)
    found = (
        Engagement.objects.open_ended()
        .filter(person_id=person_id, organization_id=draft.organization_id, kind=KIND)
        .first()
    )
    if found is None:
        person = Person.objects.filter(pk=person_id).first()
        message = f"{person.name if person else '所选人员'}不是本单位的编外用工人员"
        raise Refused([Objection(NOT_EMPLOYED, message, Severity.BLOCK, {}, "请核对人员")])
    return found


def _title(draft: CaseDraft) -> str:
    match draft.text("act"):
        case "control":
            return f"核增编外用工控制数 {draft.number('count')} 名" if draft.number("count") else ""
        case "engage":
            return f"招用编外人员 {len(draft.rows('people'))} 名" if draft.rows("people") else ""
        case "end":
            return f"解除编外用工 {len(draft.rows('leavers'))} 名" if draft.rows("leavers") else ""
    return ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return {"raises_control": draft.text("act") == "control"}


def _listed(draft: CaseDraft) -> list[Sequence[str]]:
    forms = codes("non_quota_kind")
    return [
        (
            str(row.get("name", "")),
            forms.label(str(row.get("form", ""))),
            str(row.get("position", "")),
            str(row["since"]),
        )
        for row in draft.rows("people")
        if draft.text("act") == "engage" and row.get("since")
    ]


def _slip(act: CaseAct) -> PaperContent:
    """编外用工核准单: control number, who is employed, who pays."""
    draft = act.draft
    use = headroom(draft.organization_id, KIND, act.today)
    decision = draft.document("decision")
    lines = [
        ("用工单位", names_on([draft.organization_id], act.today)[draft.organization_id]),
        ("事项", _title(draft)),
        ("控制数", f"{use.approved} 名，实有 {use.occupied} 名"),
        ("经费来源", draft.text("funding")),
        ("批准文件", f"{decision.doc_no}《{decision.title}》" if decision else ""),
    ]
    rows = _listed(draft)
    head = ("姓名", "用工形式", "岗位", "起始日") if rows else ()
    closing = "编外人员不占用编制，用工不得超过控制数。抄送：财政局、人力社保局。"
    return PaperContent([line for line in lines if line[1]], head=head, rows=rows, closing=closing)


def no_double_rows(draft: CaseDraft, today: date) -> list[Objection]:
    """R04: one person is named once."""
    numbers = [str(row.get("id_number", "")).upper() for row in draft.rows("people") if row.get("id_number")]
    doubled = len(numbers) - len(set(numbers))
    if not doubled:
        return []
    message = f"用工人员中有 {doubled} 人重复填写（R04）"
    return [Objection("R04", message, Severity.BLOCK, {"重复": doubled}, "请删除重复的行")]


P19 = declare(
    Matter(
        code="P19",
        title="编外用工",
        summary="编外用工控制数、招用和解除：编办会同财政、人力社保核准，不得超控制数用工。",
        group="人员与编制使用",
        icon="briefcase",
        clock_days=10,
        sampling_percent=10,
        fields=(
            FieldSpec(
                "act",
                Kind.CHOICE,
                "办理内容",
                required=True,
                locked=True,
                options=(("control", "核增控制数"), ("engage", "招用人员"), ("end", "解除用工")),
                section="编外用工",
            ),
            FieldSpec(
                "count", Kind.INTEGER, "核增数", required=True, locked=True, minimum=1, maximum=999, only=CONTROL
            ),
            FieldSpec("people", Kind.TABLE, "招用人员", required=True, locked=True, columns=PEOPLE, only=ENGAGE),
            FieldSpec("leavers", Kind.TABLE, "解除人员", required=True, locked=True, columns=LEAVERS, only=END),
            FieldSpec("funding", Kind.TEXT, "经费来源", locked=True, max_length=60, help="财政拨款、单位自筹等"),
            FieldSpec("reason", Kind.TEXTAREA, "理由", required=True, locked=True, max_length=500, section="理由"),
            *office_fields("decision"),
        ),
        evidence=(
            EvidenceSpec("request", "编外用工岗位申请"),
            EvidenceSpec("contract", "合同（派遣协议）", required=False, only=ENGAGE),
        ),
        flow=lambda: standard_chain(
            "P19",
            "编外用工",
            joint=("liaison_finance", "liaison_hr"),
            effect=DO,
            paper="p19.slip",
            writes={"reply": ("decision",)},
        ),
        commands={DO: ArrangeNonQuota(), "p19.slip": IssuePaper("slip")},
        papers=(PaperKind("slip", "编外用工核准单", "编外", _slip),),
        title_of=_title,
        facts_of=_facts,
        precheck=no_double_rows,
    )
)
