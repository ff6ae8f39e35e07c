"""P04 区内调动: out of one unit and into another in one case and one act, started by either of the two."""

from collections.abc import Mapping
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.belonging import member_of_unit, name_of_person
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.held import HoldSlots, releasing
from bianzhi.matters.definitions.p02 import QUOTA_TYPES
from bianzhi.matters.definitions.reading import missing, required_key
from bianzhi.matters.definitions.reversing import REASON, MovementCommand
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import ApprovalSlot, Movement, Occupancy, Person
from bianzhi.personnel.rules.modes import BETWEEN_UNITS, TRANSFER_SLOTS
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest
from bianzhi.personnel.services.holding import confirm_approval, withdraw_confirmation
from bianzhi.personnel.services.transfers import TransferOrder, transfer

HOLD: Final = "p04.hold"
TRANSFER: Final = "p04.transfer"
FOREIGN_SLOT: Final = "M25"
INWARD, OUTWARD = Only("direction", ("in",)), Only("direction", ("out",))
ANEW, OURS, THEIRS = Only("place", ("anew",)), Only("place", ("ours",)), Only("place", ("theirs",))
POOLED: Final = Only("quota_type", ("D1", "D2"))
KINDS: Final = tuple((code, label) for code, label in codes("internal_mode").choices() if code in BETWEEN_UNITS)
ENTRY_MODES: Final = tuple((code, label) for code, label in codes("entry_mode").choices() if code in TRANSFER_SLOTS)


def receiving_unit(draft: CaseDraft) -> int:
    """The unit the person goes to. Raises Refused (M01) while the other unit is not named."""
    other = required_key(draft, "other_unit")
    return draft.organization_id if draft.text("direction") == "in" else other


def person_moved(draft: CaseDraft) -> Person:
    """The person, on quota at the unit that gives. Raises Refused (M21)."""
    if draft.text("direction") == "in":
        return member_of_unit(draft, "person_there", organization_id=required_key(draft, "other_unit"))
    return member_of_unit(draft, "person")


def _order(act: CaseAct) -> ApprovalOrder | None:
    """The slot that is approved with the case itself; None when one approved before is used."""
    draft = act.draft
    if draft.text("place") != "anew":
        return None
    if not draft.text("quota_type") or not draft.text("entry_mode"):
        raise missing(draft, "quota_type", "entry_mode")
    request = SlotRequest(
        quota_type=draft.text("quota_type"),
        entry_mode=draft.text("entry_mode"),
        internal_body_id=draft.key("body"),
        term_until=draft.day("term_until"),
    )
    return ApprovalOrder(receiving_unit(draft), [request], purpose=f"区内调动：{person_moved(draft).name}")


class Transfer(MovementCommand):
    """Confirm the slot held for the case, if any, and move the person in the same transaction."""

    label = "办理调动"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `confirm_approval` and `transfer` do, and for a slot of a third unit (M25)."""
        draft, person = act.draft, person_moved(act.draft)
        slot, held = _slot(act)
        day = draft.day("effective_on") or act.today
        order = TransferOrder(
            person_id=person.pk,
            slot_id=slot.pk,
            effective_on=max(day, act.today) if held else day,
            document=act.register("document"),
            mode=draft.text("mode"),
            internal_body_id=draft.key("body"),
            evidence=draft.evidence,
            reason=draft.text("reason"),
        )
        outcome = transfer(actor=act.actor, today=act.today, order=order, override=act.override)
        movement = outcome.movement
        words = f"{person.name}自 {movement.effective_on} 起调动，业务编号 {movement.number}"
        result = {"movement": movement.pk, "number": movement.number, "person": person.pk, "approval": held}
        return Carried(words, result, outcome.remarks)

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Reverse the movement; a slot that was approved with the case is held again."""
        super().take_back(act, result)
        if result.get("approval"):
            withdraw_confirmation(actor=act.actor, today=act.today, approval_id=int(result["approval"]), reason=REASON)


def _slot(act: CaseAct) -> tuple[ApprovalSlot, int | None]:
    """The slot the person comes on, and the slip of it when it was held for this case (and is confirmed here)."""
    draft = act.draft
    held = act.earlier.get(HOLD, {}).get("approval")
    if held is not None:
        confirm_approval(actor=act.actor, today=act.today, approval_id=int(held), override=act.override)
        return ApprovalSlot.objects.get(approval_id=held), int(held)
    slot = ApprovalSlot.objects.filter(pk=required_key(draft, _slot_field(draft))).first()
    if slot is None or slot.organization_id != receiving_unit(draft):
        step = "请选择调入单位的核准名额，或选择“随本申请核准用编”"
        raise Refused([Objection(FOREIGN_SLOT, "所选名额不属于调入单位", Severity.BLOCK, {}, step)])
    return slot, None


def _slot_field(draft: CaseDraft) -> str:
    return "slot_ours" if draft.text("place") == "ours" else "slot_theirs"


def _units(draft: CaseDraft) -> tuple[str, str]:
    """Names of the unit that gives and the unit that takes; "" while the other is not named."""
    other = draft.key("other_unit")
    names = names_on([pk for pk in (draft.organization_id, other) if pk is not None], draft.today)
    pair = (names.get(draft.organization_id, ""), names.get(other, "") if other is not None else "")
    return pair if draft.text("direction") != "in" else (pair[1], pair[0])


def _name(draft: CaseDraft) -> str:
    return name_of_person(draft, "person_there" if draft.text("direction") == "in" else "person")


def _title(draft: CaseDraft) -> str:
    source, target = _units(draft)
    name = _name(draft)
    return f"{name}由{source}调入{target}" if name and source and target else ""


def _notice(act: CaseAct) -> PaperContent:
    """调动通知单: both units, the personnel office and finance act by it."""
    movement = Movement.objects.select_related("person", "document", "slot").get(pk=act.earlier[TRANSFER]["movement"])
    source, target = (
        Occupancy.objects.get(pk=pk or 0) for pk in (movement.from_occupancy_id, movement.to_occupancy_id)
    )
    names = names_on([source.organization_id, target.organization_id], movement.effective_on)
    lines = [
        ("姓名", movement.person.name),
        ("调动形式", codes("internal_mode").label(movement.mode)),
        ("调出单位", f"{names[source.organization_id]}（{quota_label(source.quota_type)}）"),
        ("调入单位", f"{names[target.organization_id]}（{quota_label(target.quota_type)}）"),
        ("调动时间", str(movement.effective_on)),
        ("核准名额", movement.slot.number if movement.slot else ""),
        ("依据文件", str(movement.document)),
        ("业务编号", movement.number),
    ]
    closing = (
        "两单位的出编、入编同时办结，无须另行办理。请凭本通知单办理工资、社保关系转移。"
        "抄送：组织部、人力社保局、财政局。"
    )
    return PaperContent(lines, closing=closing)


def _publication(draft: CaseDraft) -> PaperContent:
    source, target = _units(draft)
    return PaperContent([("拟调动人员", _name(draft)), ("调出单位", source), ("调入单位", target)])


P04 = declare(
    Matter(
        code="P04",
        title="区内调动",
        summary="人员在区内单位之间调动：一件办理，两单位的出编、入编同时生效，不留空档。",
        group="人员与编制使用",
        icon="transfer",
        clock_days=5,
        sampling_percent=10,
        fields=(
            FieldSpec(
                "direction",
                Kind.CHOICE,
                "由谁提出",
                required=True,
                locked=True,
                options=(("in", "调入单位（调入本单位）"), ("out", "调出单位（本单位调出）")),
                section="调动",
            ),
            FieldSpec("other_unit", Kind.ORGANIZATION, "对方单位", required=True, locked=True),
            FieldSpec("person", Kind.PERSON, "调出人员", required=True, locked=True, choices_of="own", only=OUTWARD),
            FieldSpec(
                "person_there", Kind.PERSON, "拟调入人员", required=True, locked=True, choices_of="any", only=INWARD
            ),
            FieldSpec(
                "mode",
                Kind.CODE,
                "调动形式",
                required=True,
                locked=True,
                choices_of="internal_mode",
                options=KINDS,
            ),
            FieldSpec(
                "effective_on",
                Kind.DAY,
                "拟调动日期",
                locked=True,
                help="不填、或随本申请核编而早于核准日的，以核准日为准",
            ),
            FieldSpec(
                "place",
                Kind.CHOICE,
                "使用的编制",
                required=True,
                locked=True,
                options=(
                    ("anew", "随本申请核准用编"),
                    ("ours", "本单位已核准的名额"),
                    ("theirs", "对方单位已核准的名额"),
                ),
                section="编制",
            ),
            FieldSpec("slot_ours", Kind.SLOT, "本单位名额", required=True, locked=True, only=OURS),
            FieldSpec(
                "slot_theirs",
                Kind.SLOT,
                "对方单位名额",
                required=True,
                locked=True,
                choices_of="other_unit",
                only=THEIRS,
            ),
            FieldSpec(
                "quota_type",
                Kind.QUOTA_TYPE,
                "调入后编制类型",
                required=True,
                locked=True,
                options=QUOTA_TYPES,
                only=ANEW,
            ),
            FieldSpec(
                "entry_mode",
                Kind.ENTRY_MODE,
                "进入形式",
                required=True,
                locked=True,
                options=ENTRY_MODES,
                only=ANEW,
            ),
            FieldSpec("term_until", Kind.DAY, "周转（人才）编制使用期限", locked=True, only=POOLED),
            FieldSpec("body", Kind.BODY, "调入科室", locked=True, only=INWARD),
            FieldSpec("reason", Kind.TEXTAREA, "调动理由", required=True, locked=True, max_length=300, section="依据"),
            FieldSpec("document", Kind.DOCUMENT, "调动依据文件", required=True, locked=True, help="商调函、会议纪要等"),
        ),
        evidence=(
            EvidenceSpec("干部调动审批表", "干部（人员）调动审批表", locked=True),
            EvidenceSpec("商调函", "商调函", required=False, locked=True),
        ),
        flow=lambda: standard_chain(
            "P04",
            "区内调动",
            hold=HOLD,
            counterpart=True,
            joint=("liaison_organization", "liaison_hr"),
            effect=TRANSFER,
            paper="p04.notice",
            copies=("liaison_finance",),
        ),
        commands={HOLD: HoldSlots(_order), TRANSFER: Transfer(), "p04.notice": IssuePaper("notice")},
        papers=(PaperKind("notice", "调动通知单", "编调", _notice),),
        title_of=_title,
        counterpart_of=lambda draft: draft.key("other_unit"),
        publication=_publication,
        release=releasing(HOLD, TRANSFER),
    )
)
