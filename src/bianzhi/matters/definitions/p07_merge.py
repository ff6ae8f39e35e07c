"""P07-3 机构合并: units end, one that exists or a new one takes over their people, quota and 科室."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import ByDecision
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.reorganizations import merge_units
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.selectors.units_concerned import facts_about, named

INTO: Final = (("existing", "并入现有单位"), ("new", "合并为新单位"))
IS_NEW: Final = Only("into", ("new",))
EXISTS: Final = Only("into", ("existing",))
LIAISONS: Final = ("liaison_organization", "liaison_hr", "liaison_finance")
"""Who signs a merger: cadres, people and pay, money."""


class Merge(ByDecision):
    """End the units and carry everything over."""

    label = "登记机构合并"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R05, R07, R10, D3, a name in use."""
        return merge_units(order)


def _sources(draft: CaseDraft) -> list[int]:
    return said.ids(draft.form, "sources", "unit")


def _title(draft: CaseDraft) -> str:
    sources = named(_sources(draft), draft.today)
    target = named([draft.key("target")], draft.today) or draft.text("new_name")
    if not sources or not target:
        return ""
    return f"{sources}{'合并设立' if draft.text('into') == 'new' else '并入'}{target}"


def _facts(draft: CaseDraft) -> dict[str, Any]:
    units = [*_sources(draft), draft.key("target")]
    ranks, kinds = [draft.text("new_rank")], [draft.text("new_org_type")]
    return facts_about("merge", units, draft.today, ranks=ranks, org_types=kinds)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    found = [
        *said.objections_to_doubles(draft.form, "sources", "unit", "被合并单位"),
        *said.objections_to_doubles(draft.form, "bodies", "body", "科室"),
        *said.objections_to_doubles(draft.form, "posts", "post_level", "领导职数"),
    ]
    if draft.key("target") in _sources(draft):
        message = "承接单位不能同时是被合并的单位。"
        found.append(Objection("D2", message, next_step="请从被合并单位中去掉它，或另选承接单位。"))
    if draft.text("into") == "new" and len(_sources(draft)) < 2:
        message = "合并为新单位的，被合并单位不少于两个。"
        found.append(Objection("D2", message, next_step="请补充被合并单位；只是改名的，请办理机构更名。"))
    return found


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("被合并单位", named(_sources(draft), draft.today)),
        ("承接单位", named([draft.key("target")], draft.today) or draft.text("new_name")),
        ("领导职数", p07.posts_in_words(draft.form)),
    ]


NEW_UNIT: Final = (
    FieldSpec("new_name", Kind.TEXT, "新单位全称", required=True, locked=True, only=IS_NEW),
    FieldSpec("new_short_name", Kind.TEXT, "新单位简称", locked=True, only=IS_NEW, max_length=100),
    FieldSpec("new_org_type", Kind.CODE, "机构类别", locked=True, only=IS_NEW, choices_of="organization_type"),
    FieldSpec(
        "new_institution_class", Kind.CODE, "事业单位类别", locked=True, only=IS_NEW, choices_of="institution_class"
    ),
    FieldSpec("new_nature", Kind.CODE, "机构性质", locked=True, only=IS_NEW, choices_of="organization_nature"),
    FieldSpec("new_rank", Kind.CODE, "机构规格", locked=True, only=IS_NEW, choices_of="organization_rank"),
    FieldSpec("new_funding_form", Kind.CODE, "经费来源", locked=True, only=IS_NEW, choices_of="funding_form"),
    FieldSpec("new_parent", Kind.ORGANIZATION, "隶属单位", locked=True, only=IS_NEW, choices_of="node"),
    FieldSpec("new_supervising_department", Kind.ORGANIZATION, "主管部门", locked=True, only=IS_NEW),
)
"""What is left blank is as it was at the first of the units that end."""

P07_3 = declare_decided(
    code="P07-3",
    key="p07.merge",
    title="机构合并",
    summary="几个单位合并：原单位撤销，编制、人员转入承接单位，会签组织、人社、财政。",
    icon="arrows-join",
    command=Merge(),
    fields=(
        FieldSpec(
            "sources",
            Kind.TABLE,
            "被合并单位",
            required=True,
            locked=True,
            section="合并",
            columns=(FieldSpec("unit", Kind.ORGANIZATION, "单位", required=True),),
            help="合并后撤销的单位",
        ),
        FieldSpec("into", Kind.CHOICE, "合并方式", required=True, locked=True, options=INTO),
        FieldSpec("target", Kind.ORGANIZATION, "承接单位", required=True, locked=True, only=EXISTS),
        *NEW_UNIT,
        FieldSpec(
            "duties", Kind.TEXTAREA, "合并后的主要职责", locked=True, section="职责、科室和职数", max_length=8000
        ),
        FieldSpec(
            "bodies",
            Kind.TABLE,
            "科室对应",
            locked=True,
            help="被合并单位的科室转入承接单位的哪个科室；承接单位没有的一并设立，不填的到单位后再安排",
            columns=(
                FieldSpec("body", Kind.BODY, "原科室", required=True, choices_of="sources"),
                FieldSpec("to_name", Kind.TEXT, "转入科室", required=True, max_length=120),
            ),
        ),
        FieldSpec(
            "posts",
            Kind.TABLE,
            "承接单位合并后的领导职数",
            locked=True,
            columns=p07.POST_COLUMNS,
            help="不变的不填；被合并单位的职数随单位撤销",
        ),
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=_sources,
    counterpart_of=lambda draft: draft.key("target"),
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
    joint=LIAISONS,
)
