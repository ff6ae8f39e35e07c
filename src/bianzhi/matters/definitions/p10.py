"""P10 三定规定: what a unit does, how it is built, with how many people; laid down or revised as a whole.

The draft goes round the departments of organisation, personnel, finance and justice together; all are heard before the
office goes on, and what they say is on the case for 编委.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.balances import approved
from bianzhi.matters.commands import ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import REQUEST, ByDecision, order_of
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.definitions.p07_merge import LIAISONS
from bianzhi.matters.effects import undoing_bodies
from bianzhi.matters.effects.bodies import lay_down
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.post_tables import objections_to_body_chiefs
from bianzhi.matters.selectors.units_concerned import facts_about, named
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.organizations.selectors.units import as_of, bodies

APPROVERS: Final = (
    ApproverRule("government", "党政群机关的三定规定：区委编委审议，报区委（区政府）审定印发", when="is_organ"),
    ApproverRule("commission", "事业单位的机构职能编制规定：由区委编委审批"),
)
KINDS: Final = (("new", "制定"), ("revised", "修订"))
DRAFT: Final = EvidenceSpec("draft", "三定规定草案")
EXPLAINED: Final = EvidenceSpec("explanation", "起草说明")


class LayDown(ByDecision, ReversibleCommand):
    """Bring the register to what the provision says."""

    label = "分解登记三定规定"

    def effect(self, order: Order) -> Done:
        """Raises Refused: L1 for a body that is not empty, R02, R05, R06, R09, R11."""
        return lay_down(order)

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Raises Refused as `undoing_bodies.take_back` does: a body that was closed is not brought back."""
        undoing_bodies.take_back(order_of(act), result)


def _title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    return f"{dict(KINDS).get(draft.text('kind'), '')}{unit}三定规定" if unit else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return {**facts_about("three_fix", [draft.key("unit")], draft.today), "needs_consultation": False}


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    return [
        *said.objections_to_doubles(draft.form, "bodies", "name", "内设机构"),
        *said.objections_to_doubles(draft.form, "bodies", "body", "内设机构"),
        *said.objections_to_doubles(draft.form, "quota", "quota_type", "编制类型"),
        *said.objections_to_doubles(draft.form, "posts", "post_level", "领导职数"),
        *p07.remarks_on_posts(_type_of(draft), said.amounts(draft.form, "quota"), said.posts(draft.form)),
        *objections_to_body_chiefs(len(draft.rows("bodies")), said.posts(draft.form)),
        *_announced_closures(draft, today),
    ]


def _type_of(draft: CaseDraft) -> str:
    version = as_of(draft.key("unit") or 0, draft.today)
    return version.org_type if version is not None else ""


def _announced_closures(draft: CaseDraft, today: date) -> list[Objection]:
    """A remark that names the 科室 which end because the provision does not list them."""
    unit = draft.key("unit")
    if unit is None or not draft.rows("bodies"):
        return []
    kept = set(said.ids(draft.form, "bodies", "body"))
    named_so = {organisation_name_key(str(row.get("name"))) for row in draft.rows("bodies")}
    ending = [
        version.name
        for version in bodies(unit, today)
        if version.kind == BodyKind.INTERNAL
        and version.body_id not in kept
        and organisation_name_key(version.name) not in named_so
    ]
    if not ending:
        return []
    message = f"规定没有列出现有的{'、'.join(ending)}，施行时将撤销。"
    step = "如须保留，请在“内设机构”中补上。"
    return [Objection("D4", message, Severity.WARN, {"撤销": len(ending)}, step)]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("单位", named([draft.key("unit")], draft.today)),
        ("主要职责", draft.text("duties")),
        ("内设机构", "、".join(str(row.get("name")) for row in draft.rows("bodies"))),
        ("编制", p07.quota_in_words(draft.form)),
        ("领导职数", p07.posts_in_words(draft.form)),
    ]


def register_now(draft: CaseDraft) -> Mapping[str, Any]:
    """What the register says today of everything a provision lays down."""
    unit = draft.key("unit")
    version = as_of(unit, draft.today) if unit is not None else None
    if unit is None or version is None:
        return {}
    held = {measure: number for (_, measure), number in approved([unit], draft.today).items() if number}
    listed = measures.in_order(set(held))
    return {
        "duties": version.duties,
        "bodies": [
            {"body": each.body_id, "name": each.name, "rank": each.rank, "duties": each.duties}
            for each in bodies(unit, draft.today)
            if each.kind == BodyKind.INTERNAL
        ],
        "quota": [{"quota_type": each, "amount": held[each]} for each in listed if not measures.is_post(each)],
        "posts": [{"post_level": each, "number": held[each]} for each in listed if measures.is_post(each)],
    }


P10 = declare_decided(
    code="P10",
    key="p10.lay_down",
    title="三定规定",
    summary="制定、修订三定规定：职责、内设机构、编制、领导职数，征求组织、人社、财政、司法意见。",
    icon="clipboard-text",
    command=LayDown(),
    fields=(
        FieldSpec("unit", Kind.ORGANIZATION, "单位", required=True, locked=True, choices_of="own", section="三定规定"),
        FieldSpec("kind", Kind.CHOICE, "事项", required=True, locked=True, options=KINDS),
        FieldSpec(
            "justice",
            Kind.ORGANIZATION,
            "合法性审核单位",
            required=True,
            locked=True,
            help="一般为区司法局，由其负责人提出意见",
        ),
        FieldSpec("duties", Kind.TEXTAREA, "主要职责", required=True, locked=True, max_length=8000),
        FieldSpec(
            "bodies",
            Kind.TABLE,
            "内设机构",
            required=True,
            locked=True,
            section="内设机构",
            help="列出施行后的全部内设机构；没有列出的现有内设机构，施行时撤销",
            columns=(
                FieldSpec("body", Kind.BODY, "由哪个现有科室延续", choices_of="unit"),
                *p07.BODY_COLUMNS,
            ),
        ),
        FieldSpec(
            "quota",
            Kind.TABLE,
            "编制（施行后）",
            required=True,
            locked=True,
            section="编制和领导职数",
            columns=p07.QUOTA_COLUMNS,
        ),
        FieldSpec("posts", Kind.TABLE, "领导职数（施行后）", required=True, locked=True, columns=p07.POST_COLUMNS),
        p07.OVERSTAFFING,
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("unit")],
    before_of=register_now,
    evidence=(REQUEST, DRAFT, EXPLAINED),
    sampling_percent=100,
    joint=LIAISONS,
    joint_title="征求意见",
    joint_units=("justice",),
    joint_reject="collect",
)
