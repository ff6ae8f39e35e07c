"""P03 入编: somebody has arrived on an approved slot; the unit files it, the office puts the person on quota."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from bianzhi.common.parameters import ENTRY_FILING_DAYS
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.chain import OFFICES_TOLD, standard_chain
from bianzhi.matters.definitions.p02 import QUOTA_TYPES
from bianzhi.matters.definitions.reading import required_day
from bianzhi.matters.definitions.reversing import MovementCommand
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.rules.staffing import overdue_entry
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Movement, Occupancy
from bianzhi.personnel.rules.modes import ORG_TRANSFER_IN, REINSTATEMENT, evidence_of_entry
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.working_days import working_calendar
from bianzhi.personnel.services.entries import EntryOrder, enlist
from bianzhi.personnel.services.persons import PersonFacts

ENLIST: Final = "p03.enlist"
MODES: Final = tuple((code, label) for code, label in codes("entry_mode").choices() if code != ORG_TRANSFER_IN)
"""成建制划转 (I14) comes with the reorganisation itself (P07)."""
ON_A_SLOT: Final = Only("entry_mode", tuple(code for code, _ in MODES if code != REINSTATEMENT))
REINSTATED: Final = Only("entry_mode", (REINSTATEMENT,))
WORDS_OF_PERSON: Final = (
    "identity",
    "ethnicity",
    "native_place",
    "politics",
    "schooling_full_time",
    "degree_full_time",
    "school_full_time",
)
DAYS_OF_PERSON: Final = ("started_work_on", "certified_born_on")


def _evidence() -> tuple[EvidenceSpec, ...]:
    """The papers of every mode; of several that a mode knows one is enough, which the rule of the register asks."""
    modes: dict[str, list[str]] = defaultdict(list)
    for mode, _ in MODES:
        for paper in evidence_of_entry(mode):
            modes[paper].append(mode)
    alone = {paper for mode, _ in MODES for paper in evidence_of_entry(mode) if len(evidence_of_entry(mode)) == 1}
    return tuple(
        EvidenceSpec(
            code=paper,
            label=paper,
            required=paper in alone and all(len(evidence_of_entry(mode)) == 1 for mode in asked),
            locked=True,
            only=Only("entry_mode", tuple(asked)),
        )
        for paper, asked in modes.items()
    )


def person_of(draft: CaseDraft) -> PersonFacts:
    """The person as the form describes him or her; what was left out stays as the register has it."""
    other: dict[str, Any] = {name: draft.text(name) for name in WORDS_OF_PERSON if draft.text(name)}
    other |= {name: day for name in DAYS_OF_PERSON if (day := draft.day(name)) is not None}
    if draft.flag("identity_certified"):
        other["identity_certified"] = True
    return PersonFacts(
        name=draft.text("name"), id_number=draft.text("id_number"), born_on=draft.day("born_on"), other=other
    )


class Enlist(MovementCommand):
    """Put the person on quota; the slot is used up (R01, R02, R04, R05, R16, R17, R19, R20)."""

    label = "办理入编"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `enlist` does."""
        draft = act.draft
        is_reinstated = draft.text("entry_mode") == REINSTATEMENT
        order = EntryOrder(
            person=person_of(draft),
            effective_on=required_day(draft, "arrived_on"),
            document=act.register("document"),
            slot_id=None if is_reinstated else draft.key("slot"),
            organization_id=draft.organization_id,
            quota_type=draft.text("quota_type") if is_reinstated else "",
            entry_mode=draft.text("entry_mode"),
            internal_body_id=draft.key("body"),
            evidence=draft.evidence,
            source=draft.text("source"),
            reason=draft.text("reason"),
        )
        outcome = enlist(actor=act.actor, today=act.today, order=order, override=act.override)
        movement = outcome.movement
        words = f"{movement.person.name}自 {movement.effective_on} 起入编，业务编号 {movement.number}"
        result = {"movement": movement.pk, "number": movement.number, "person": movement.person_id}
        return Carried(words, result, outcome.remarks)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """P3: the unit files within its working days; everything else the rehearsal of the entry says."""
    arrived_on = draft.day("arrived_on")
    if arrived_on is None:
        return []
    days = ENTRY_FILING_DAYS.number
    deadline = working_calendar(today).add_working_days(arrived_on, days)
    return overdue_entry(draft.text("name") or "该人员", arrived_on, deadline, today, days)


def _notice(act: CaseAct) -> PaperContent:
    """入编通知单: what the personnel office determines the salary by and finance pays."""
    movement = Movement.objects.select_related("person", "document", "slot").get(pk=act.earlier[ENLIST]["movement"])
    occupancy = Occupancy.objects.get(pk=movement.to_occupancy_id or 0)
    lines = [
        ("单位", names_on([occupancy.organization_id], movement.effective_on)[occupancy.organization_id]),
        ("姓名", movement.person.name),
        ("编制类型", quota_label(occupancy.quota_type)),
        ("进入形式", codes("entry_mode").label(movement.mode)),
        ("入编时间", str(movement.effective_on)),
        ("核准名额", movement.slot.number if movement.slot else "恢复在编，不用名额"),
        ("依据文件", str(movement.document)),
        ("业务编号", movement.number),
    ]
    return PaperContent(lines, closing="请凭本通知单到人力社保部门核定工资，到财政部门办理经费供给。")


def _publication(draft: CaseDraft) -> PaperContent:
    unit = names_on([draft.organization_id], draft.today).get(draft.organization_id, "")
    mode = draft.text("entry_mode")
    lines = [
        ("拟入编人员", draft.text("name")),
        ("单位", unit),
        ("进入形式", codes("entry_mode").label(mode) if mode else ""),
        ("到岗日期", draft.text("arrived_on")),
    ]
    return PaperContent(lines, closing="对公示内容有异议的，请在公示期内实名向机构编制部门反映。")


def _title(draft: CaseDraft) -> str:
    mode, name = draft.text("entry_mode"), draft.text("name")
    return f"{name}入编" + (f"（{codes('entry_mode').label(mode)}）" if mode else "") if name else ""


def _coded(name: str, label: str, code_set: str, **more: Any) -> FieldSpec:
    return FieldSpec(name, Kind.CODE, label, locked=True, choices_of=code_set, **more)


P03 = declare(
    Matter(
        code="P03",
        title="入编",
        summary="人员持用编核准通知单完成录用、聘用、调入手续并到岗后，10 个工作日内办理入编。",
        group="人员与编制使用",
        icon="user-plus",
        clock_days=3,
        publication_days=5,
        sampling_percent=20,
        fields=(
            FieldSpec(
                "entry_mode", Kind.ENTRY_MODE, "进入形式", required=True, locked=True, options=MODES, section="名额"
            ),
            FieldSpec("slot", Kind.SLOT, "核准名额", required=True, locked=True, only=ON_A_SLOT),
            FieldSpec(
                "quota_type",
                Kind.QUOTA_TYPE,
                "编制类型",
                required=True,
                locked=True,
                options=QUOTA_TYPES,
                only=REINSTATED,
            ),
            FieldSpec("name", Kind.TEXT, "姓名", required=True, locked=True, max_length=60, section="人员"),
            FieldSpec("id_number", Kind.TEXT, "身份证号", required=True, locked=True, max_length=18),
            FieldSpec("born_on", Kind.DAY, "出生日期", locked=True, help="与身份证号一致的不填"),
            FieldSpec("identity_certified", Kind.YES_NO, "已作档案认定", locked=True, help="“三龄两历一身份”"),
            FieldSpec("certified_born_on", Kind.DAY, "档案认定出生日期", locked=True),
            _coded("identity", "人员身份", "person_identity", required=True),
            FieldSpec("started_work_on", Kind.DAY, "参加工作时间", required=True, locked=True),
            _coded("ethnicity", "民族", "ethnicity"),
            FieldSpec("native_place", Kind.TEXT, "籍贯", locked=True, max_length=60),
            _coded("politics", "政治面貌", "politics"),
            _coded("schooling_full_time", "全日制学历", "schooling"),
            _coded("degree_full_time", "全日制学位", "degree"),
            FieldSpec("school_full_time", Kind.TEXT, "院校及专业", locked=True, max_length=120),
            FieldSpec("arrived_on", Kind.DAY, "到岗日期", required=True, locked=True, section="入编"),
            FieldSpec("body", Kind.BODY, "所在科室", locked=True),
            FieldSpec("source", Kind.TEXT, "来源", locked=True, max_length=120, help="原单位，或应届毕业生"),
            FieldSpec("reason", Kind.TEXTAREA, "说明", locked=True, max_length=300, help="恢复在编、超期办理须说明"),
            FieldSpec("document", Kind.DOCUMENT, "录用（聘用、调动、任职）文件", required=True, locked=True),
        ),
        evidence=_evidence(),
        flow=lambda: standard_chain("P03", "入编", effect=ENLIST, paper="p03.notice", copies=OFFICES_TOLD),
        commands={ENLIST: Enlist(), "p03.notice": IssuePaper("notice")},
        papers=(PaperKind("notice", "入编通知单", "编入", _notice),),
        title_of=_title,
        lockable=False,
        precheck=_precheck,
        publication=_publication,
    )
)
