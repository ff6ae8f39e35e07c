"""P06 领导职数使用: a vacancy at a level is confirmed before the appointment; after the 任职通知 it is registered."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.audit.rehearsal import rehearsed
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.services import register_document
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, CaseCommand, ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.belonging import name_of_person
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.reading import required_key
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.rules.staffing import objections_to_promised_posts
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Appointment
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint, end_appointment
from bianzhi.workflow.models import CommandExecution
from bianzhi.workflow.models.instances import LIVE

CONFIRM: Final = "p06.confirm"
APPOINT: Final = "p06.appoint"
COUNTED: Final = Only("is_principal", ("true",))
LEVELS: Final = tuple(codes("post_level").choices())
NO_PREDECESSOR: Final = "M26"


def predecessor_of(draft: CaseDraft) -> Appointment | None:
    """The post the outgoing holder gives up. Raises Refused (M26) when that person holds none of this level here."""
    key = draft.key("predecessor")
    if key is None:
        return None
    held = Appointment.objects.open_ended().filter(
        person_id=key, organization_id=draft.organization_id, post_level=draft.text("post_level"), is_principal=True
    )
    found = held.first()
    if found is None:
        message = f"{name_of_person(draft, 'predecessor')}在本单位没有此类领导职务，不能作为接替对象"
        raise Refused([Objection(NO_PREDECESSOR, message, Severity.BLOCK, {}, "请选择现任该类职务的人员")])
    return found


def _order(act: CaseAct, document: ApprovalDocument, day: date) -> AppointmentOrder:
    draft = act.draft
    return AppointmentOrder(
        person_id=required_key(draft, "person"),
        organization_id=draft.organization_id,
        position=draft.text("position"),
        effective_on=day,
        document=document,
        post_level=draft.text("post_level"),
        rank_code=draft.text("rank_code"),
        internal_body_id=draft.key("body"),
        is_principal=draft.flag("is_principal"),
        basis_document=act.register("basis_document") if draft.document("basis_document") else None,
        reason=draft.text("reason"),
    )


def _carry_out(act: CaseAct, document: ApprovalDocument, day: date) -> tuple[Appointment, Sequence[Objection]]:
    """The predecessor leaves and the new holder comes, by one paper and on one day."""
    leaving = predecessor_of(act.draft)
    if leaving is not None:
        end_appointment(
            actor=act.actor, today=act.today, appointment_id=leaving.pk, effective_on=day, document=document
        )
    return appoint(actor=act.actor, today=act.today, order=_order(act, document, day), override=act.override)


class ConfirmPost(ReversibleCommand):
    """核准使用职数: there is a post of the level, and not promised to another case (R09); nothing is registered yet."""

    label = "核准使用领导职数"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused (R09) as `appoint` would, by trying it and taking it back."""
        draft = act.draft
        level = draft.text("post_level")
        if draft.flag("is_principal"):
            use = headroom(draft.organization_id, level, act.today)
            leaving = 1 if draft.key("predecessor") is not None else 0
            promised = promised_posts(draft)
            overridden = act.override.codes if act.override else frozenset()
            found = objections_to_promised_posts(codes("post_level").label(level), use, promised, leaving)
            refuse_if(found, overrides=overridden)
        remarks = _tried(act)
        words = f"同意使用{codes('post_level').label(level)}职数 1 名"
        return Carried(words, {"organization": draft.organization_id, "post_level": level}, remarks)

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Nothing was registered: with its execution undone the post is promised to nobody any longer."""


def _tried(act: CaseAct) -> Sequence[Objection]:
    """What registering the appointment today would remark; undone at once."""
    return rehearsed(lambda: _carry_out(act, _stand_in(act), act.today)[1])


def _stand_in(act: CaseAct) -> ApprovalDocument:
    """A 任职通知 that exists only while the appointment is tried."""
    return register_document(
        actor=act.actor,
        doc_no=f"拟任{act.draft.case.pk}",
        title="任职通知（拟）",
        issuer="（拟）",
        issuer_level=IssuerLevel.OFFICE,
        kind=DocumentKind.NOTICE,
        issued_on=act.today,
    )


def promised_posts(draft: CaseDraft) -> int:
    """Posts of the level confirmed to other cases of the unit whose appointment is still to come."""
    confirmed = CommandExecution.objects.filter(
        command=CONFIRM,
        compensated_at__isnull=True,
        instance__status__in=LIVE,
        result__organization=draft.organization_id,
        result__post_level=draft.text("post_level"),
    ).exclude(instance_id=draft.case.instance_id)
    registered = CommandExecution.objects.filter(command=APPOINT, compensated_at__isnull=True)
    return confirmed.exclude(instance_id__in=registered.values("instance_id")).count()


class RegisterAppointment(CaseCommand):
    """任职登记: by the 任职通知 of the organisation department, on its day."""

    label = "登记任职"
    is_rehearsed = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused (R09) as `appoint` does, and M01 while the 任职通知 is not filled in."""
        document = act.register("notice")
        day = act.draft.day("appointed_on") or document.issued_on
        appointment, remarks = _carry_out(act, document, day)
        words = f"{appointment.person.name}自 {day} 起任{appointment.position}"
        return Carried(words, {"appointment": appointment.pk}, remarks)


def _title(draft: CaseDraft) -> str:
    name, position = name_of_person(draft, "person"), draft.text("position")
    return f"{name}拟任{position}" if name and position else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return {"is_high_rank": draft.document("basis_document") is not None}


def _reply(act: CaseAct) -> PaperContent:
    """领导职数使用核准单: the answer the organisation department appoints by."""
    draft = act.draft
    use = headroom(draft.organization_id, draft.text("post_level"), act.today)
    rank = draft.text("rank_code")
    lines = [
        ("单位", names_on([draft.organization_id], act.today)[draft.organization_id]),
        ("拟任人员", name_of_person(draft, "person")),
        ("拟任职务", draft.text("position")),
        ("职数类别", codes("post_level").label(draft.text("post_level"))),
        ("核定、实配", f"核定 {use.approved} 名，实配 {use.occupied} 名"),
        ("职务层次", codes("position_rank").label(rank) if rank else ""),
        ("接替", name_of_person(draft, "predecessor")),
    ]
    closing = "请按干部管理权限办理任职手续，并在任职通知印发后填报文号、日期，据以登记。抄送：组织部。"
    return PaperContent([line for line in lines if line[1]], closing=closing)


P06 = declare(
    Matter(
        code="P06",
        title="领导职数使用核准",
        summary="配备领导干部前核对职数：编办核准使用职数，任职通知印发后登记任职。",
        group="人员与编制使用",
        icon="award",
        clock_days=3,
        sampling_percent=10,
        fields=(
            FieldSpec("person", Kind.PERSON, "拟任人员", required=True, locked=True, choices_of="any", section="拟任"),
            FieldSpec("position", Kind.TEXT, "拟任职务", required=True, locked=True, max_length=100),
            FieldSpec("post_level", Kind.POST_LEVEL, "职数类别", required=True, locked=True, options=LEVELS),
            FieldSpec("body", Kind.BODY, "任职科室", locked=True, help="内设机构职务填写"),
            FieldSpec("rank_code", Kind.CODE, "职务层次", locked=True, choices_of="position_rank"),
            FieldSpec(
                "is_principal",
                Kind.YES_NO,
                "主要职务（占用职数）",
                required=True,
                locked=True,
                help="兼职不占职数的选否",
            ),
            FieldSpec("predecessor", Kind.PERSON, "接替（拟免职）人员", locked=True, choices_of="any", only=COUNTED),
            FieldSpec("reason", Kind.TEXTAREA, "配备理由", required=True, locked=True, max_length=300, section="依据"),
            FieldSpec(
                "basis_document",
                Kind.DOCUMENT,
                "高配（超职数）依据文件",
                locked=True,
                help="职务层次高于职位的必须填写",
            ),
            FieldSpec("notice", Kind.DOCUMENT, "任职通知", locked=True, section="任职登记"),
            FieldSpec("appointed_on", Kind.DAY, "任职日期", locked=True, help="不填以任职通知成文日期为准"),
        ),
        evidence=(EvidenceSpec("resume", "拟任人员基本情况", required=False),),
        flow=lambda: standard_chain(
            "P06",
            "领导职数使用核准",
            joint=("liaison_organization",),
            effect=CONFIRM,
            paper="p06.reply",
            completion=APPOINT,
            writes={"complete": ("notice", "appointed_on")},
            optional=("appointed_on",),
        ),
        commands={CONFIRM: ConfirmPost(), "p06.reply": IssuePaper("reply"), APPOINT: RegisterAppointment()},
        papers=(PaperKind("reply", "领导职数使用核准单", "编职核", _reply),),
        title_of=_title,
        facts_of=_facts,
    )
)
