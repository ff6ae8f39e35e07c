"""P02 编制使用核准: the office lets a unit bring people onto its quota, so many, by which mode, on which quota."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.matters.catalogue import declare
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.chain import OFFICES_TOLD, standard_chain
from bianzhi.matters.definitions.held import ConfirmSlots, HoldSlots, releasing
from bianzhi.matters.definitions.reading import by_measure, counted, in_words, optional_day
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.staffing import objections_to_placement, outside_the_plan
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import PlanItem, StaffingApproval
from bianzhi.personnel.rules.modes import WITHOUT_SLOT
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.plans import open_items
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest

HOLD: Final = "p02.hold"
CONFIRM: Final = "p02.confirm"
QUOTA_TYPES: Final = tuple((each.code, each.label) for each in quota_types().values() if each.counts_as_quota)
MODES: Final = tuple((code, label) for code, label in codes("entry_mode").choices() if code not in WITHOUT_SLOT)
FOREIGN_ITEM: Final = "M24"

COLUMNS: Final = (
    FieldSpec("quota_type", Kind.QUOTA_TYPE, "编制类型", required=True, locked=True, options=QUOTA_TYPES),
    FieldSpec("entry_mode", Kind.ENTRY_MODE, "进入形式", required=True, locked=True, options=MODES),
    FieldSpec("count", Kind.INTEGER, "人数", required=True, locked=True, minimum=1, maximum=999),
    FieldSpec("body", Kind.BODY, "使用科室", locked=True),
    FieldSpec("replaces", Kind.PERSON, "接替人员", locked=True, choices_of="own", help="满编单位“出一进一”时填写"),
    FieldSpec("term_until", Kind.DAY, "使用期限", locked=True, help="周转、人才编制必填"),
)


def requests_of(rows: Sequence[Mapping[str, Any]]) -> list[SlotRequest]:
    """The rows of the table as slots to be set aside; rows without a type or a number are passed over."""
    return [
        SlotRequest(
            quota_type=str(row["quota_type"]),
            entry_mode=str(row.get("entry_mode", "")),
            count=int(row["count"]),
            internal_body_id=row.get("body"),
            replaces_id=row.get("replaces"),
            term_until=optional_day(row, "term_until"),
        )
        for row in rows
        if row.get("quota_type") and isinstance(row.get("count"), int)
    ]


def _order(act: CaseAct) -> ApprovalOrder:
    draft = act.draft
    return ApprovalOrder(
        organization_id=draft.organization_id,
        requests=requests_of(draft.rows("items")),
        plan_item=_plan_item(draft),
        purpose=draft.text("reason")[:300],
        valid_until=draft.day("valid_until"),
    )


def _plan_item(draft: CaseDraft) -> PlanItem | None:
    """The item of the unit's own plan. Raises Refused (M24) for somebody else's."""
    key = draft.key("plan_item")
    if key is None:
        return None
    item = PlanItem.objects.filter(pk=key, organization_id=draft.organization_id, plan__withdrawn_at=None).first()
    if item is None:
        step = "请从本单位的用编计划项中选择"
        raise Refused([Objection(FOREIGN_ITEM, "所选计划项不属于本单位，或计划已撤销", Severity.BLOCK, {}, step)])
    return item


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """R28, and whether the unit has a plan it does not cite; the rehearsal of 预占 and 核准 says everything else."""
    modes = [str(row.get("entry_mode", "")) for row in draft.rows("items")]
    planned = [] if draft.key("plan_item") else open_items(draft.organization_id, today)
    return [
        *objections_to_placement(modes, draft.text("placement_no")),
        *outside_the_plan([(str(each.item), each.left) for each in planned]),
    ]


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return {"headcount": counted(draft.rows("items")), "in_plan": draft.key("plan_item") is not None}


def _title(draft: CaseDraft) -> str:
    amounts = in_words(by_measure(draft.rows("items")))
    return f"使用{amounts}" if amounts else ""


def _notice(act: CaseAct) -> PaperContent:
    """用编核准通知单: what was approved, slot by slot; the unit takes it to the organisation and personnel offices."""
    approval = StaffingApproval.objects.select_related("plan_item__plan", "document").get(
        pk=act.earlier[CONFIRM]["approval"]
    )
    slots = list(approval.slots.select_related("replaces").order_by("number"))
    bodies = body_names({slot.internal_body_id for slot in slots if slot.internal_body_id}, act.today)
    lines = [
        ("用编单位", names_on([approval.organization_id], act.today)[approval.organization_id]),
        ("核准单号", approval.number),
        ("核准名额", f"{len(slots)} 名"),
        ("有效期", f"{approval.confirmed_on} 至 {approval.valid_until}"),
        ("计划项", f"{approval.plan_item.plan}：{approval.plan_item}" if approval.plan_item else "计划外"),
        ("依据文件", str(approval.document) if approval.document else ""),
        ("用途", approval.purpose),
    ]
    rows = [
        (
            slot.number,
            quota_label(slot.quota_type),
            codes("entry_mode").label(slot.entry_mode),
            bodies.get(slot.internal_body_id or 0, ""),
            f"{slot.replaces.name}出编后生效" if slot.replaces else "",
            str(slot.term_until or ""),
        )
        for slot in slots
    ]
    return PaperContent(
        [line for line in lines if line[1]],
        head=("名额号", "编制类型", "进入形式", "使用科室", "出一进一", "使用期限"),
        rows=rows,
        closing=(
            "请在有效期内凭本通知单到组织、人力社保部门办理进人手续，人员到岗后 10 个工作日内办理入编；"
            "逾期未用的名额自行失效。抄送：组织部、人力社保局、财政局。"
        ),
    )


P02 = declare(
    Matter(
        code="P02",
        title="编制使用核准",
        summary="单位补充人员前申请使用空编：先核编、后进人。受理即预占名额，核准后发《用编核准通知单》。",
        group="人员与编制使用",
        icon="certificate",
        clock_days=5,
        sampling_percent=10,
        fields=(
            FieldSpec("items", Kind.TABLE, "申请用编", required=True, locked=True, section="用编内容", columns=COLUMNS),
            FieldSpec(
                "plan_item",
                Kind.PLAN_ITEM,
                "年度用编计划项",
                locked=True,
                section="依据",
                help="计划内用编请选择；结余不足的须主任放行",
            ),
            FieldSpec(
                "placement_no",
                Kind.TEXT,
                "安置计划征求意见文号",
                locked=True,
                max_length=120,
                help="军转、退役士兵、定向培养等政策性安置：主管部门下达计划前征求编办意见的函",
            ),
            FieldSpec("document", Kind.DOCUMENT, "依据文件", locked=True),
            FieldSpec("valid_until", Kind.DAY, "有效期至", locked=True, help="不填为核准之日起 12 个月"),
            FieldSpec("reason", Kind.TEXTAREA, "用编理由", required=True, locked=True, max_length=300, section="理由"),
        ),
        evidence=(
            EvidenceSpec("request", "用编请示（申请表）", help="单位（主管部门）盖章"),
            EvidenceSpec("posts", "岗位说明", required=False),
        ),
        approvers=(ApproverRule("office", "年度用编计划内的单项用编由编办核准"),),
        flow=lambda: standard_chain(
            "P02", "编制使用核准", hold=HOLD, effect=CONFIRM, paper="p02.notice", copies=OFFICES_TOLD
        ),
        commands={HOLD: HoldSlots(_order), CONFIRM: ConfirmSlots(HOLD), "p02.notice": IssuePaper("notice")},
        papers=(PaperKind("notice", "用编核准通知单", "编用核", _notice),),
        title_of=_title,
        precheck=_precheck,
        facts_of=_facts,
        release=releasing(HOLD, CONFIRM),
    )
)
