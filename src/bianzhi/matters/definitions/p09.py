"""P09 内设机构与领导职数调整: bodies set up, renamed, closed, 定编到科室, and the posts of a unit."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.ledger.selectors.balances import approved
from bianzhi.matters.commands import ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import REQUEST, ByDecision, order_of
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.effects import undoing_bodies
from bianzhi.matters.effects.bodies import adjust_bodies_and_posts
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.post_tables import LEADERS
from bianzhi.matters.selectors.units_concerned import facts_about, named
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.selectors.units import as_of

ACTS: Final = (("establish", "设立"), ("change", "更名（规格、职责调整）"), ("close", "撤销"))
APPROVERS: Final = (
    ApproverRule("office", "内设机构只更名的：由区委编办审批", when="only_renames"),
    ApproverRule(
        "commission",
        "科级单位的领导职数：与上级沟通预审后由区委编委审批",
        when="needs_consultation",
    ),
    ApproverRule("commission", "内设机构和其他领导职数：由区委编委审批"),
)


class Adjust(ByDecision, ReversibleCommand):
    """Register the bodies and the posts."""

    label = "登记内设机构和领导职数"

    def effect(self, order: Order) -> Done:
        """Raises Refused: L1 for a body that is not empty, R02, R09, R11."""
        return adjust_bodies_and_posts(order)

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Raises Refused as `undoing_bodies.take_back` does: a body that was closed is not brought back."""
        undoing_bodies.take_back(order_of(act), result)


def _title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    parts = [
        words
        for words, tables in (("内设机构", ("bodies", "body_quota")), ("领导职数", ("posts",)))
        if any(draft.rows(table) for table in tables)
    ]
    return f"{unit}{'和'.join(parts) or '内设机构'}调整" if unit else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    """Posts of a 科级 unit itself are cleared with the upper office first (domain.md §1.3)."""
    rows = draft.rows("bodies")
    touched = bool(draft.rows("posts") or draft.rows("body_quota"))
    renames = all(row.get("act") == "change" and row.get("name") and not row.get("rank") for row in rows)
    changes_leaders = bool(LEADERS & set(said.posts(draft.form)))
    found = facts_about("bodies", [draft.key("unit")], draft.today)
    return {
        **found,
        "only_renames": bool(rows) and renames and not touched,
        "changes_leaders": changes_leaders,
        "needs_consultation": changes_leaders and found["needs_upper_decision"],
    }


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    found = [
        *said.objections_to_doubles(draft.form, "bodies", "body", "内设机构"),
        *said.objections_to_doubles(draft.form, "posts", "post_level", "领导职数"),
    ]
    if not any(draft.rows(table) for table in ("bodies", "body_quota", "posts")):
        message = "没有填写内设机构、定编或领导职数的变化。"
        found.append(Objection("D2", message, next_step="请至少填写一项。"))
    for number, row in enumerate(draft.rows("bodies"), start=1):
        found += _row_objections(number, row)
    return [*found, *_remarks_on_leaders(draft, today)]


def _remarks_on_leaders(draft: CaseDraft, today: date) -> list[Objection]:
    """The leaders there will be, by the table, for the quota the unit has."""
    unit = draft.key("unit")
    version = as_of(unit, today) if unit is not None else None
    if version is None or not LEADERS & set(said.posts(draft.form)):
        return []
    held = {measure: number for (_, measure), number in approved([version.organization_id], today).items()}
    return p07.remarks_on_posts(version.org_type, held, {**held, **said.posts(draft.form)})


def _row_objections(number: int, row: said.Row) -> list[Objection]:
    """A body is set up by a name, changed or closed by choosing it."""
    act = row.get("act")
    if act == "establish" and not row.get("name"):
        missing = "名称"
    elif act in ("change", "close") and not row.get("body"):
        missing = "现有内设机构"
    elif act == "change" and not any(row.get(name) for name in ("name", "rank", "duties")):
        missing = "调整后的名称、规格或职责"
    else:
        return []
    return [Objection("D2", f"“内设机构”第 {number} 行没有填写{missing}。", next_step="请补全。")]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    chosen = InternalBodyVersion.objects.as_of(draft.today).filter(body__in=said.ids(draft.form, "bodies", "body"))
    current = {version.body_id: version.name for version in chosen}

    def listed(act: str) -> str:
        rows = [row for row in draft.rows("bodies") if row.get("act") == act]
        return "、".join(current.get(row.get("body") or 0) or str(row.get("name") or "") for row in rows)

    return [
        ("单位", named([draft.key("unit")], draft.today)),
        ("设立内设机构", listed("establish")),
        ("调整内设机构", listed("change")),
        ("撤销内设机构", listed("close")),
        ("核定领导职数", p07.posts_in_words(draft.form)),
    ]


def posts_now(draft: CaseDraft) -> Mapping[str, Any]:
    """What the ledger says today of the posts a form sets."""
    unit = draft.key("unit")
    if unit is None:
        return {}
    held = approved([unit], draft.today)
    levels = [level for level in codes("post_level") if held.get((unit, level.code))]
    return {"posts": [{"post_level": level.code, "number": held[unit, level.code]} for level in levels]}


P09 = declare_decided(
    code="P09",
    key="p09.adjust",
    title="内设机构与领导职数调整",
    summary="内设机构设立、更名、撤销，定编到科室，核定领导职数。",
    icon="sitemap",
    command=Adjust(),
    fields=(
        FieldSpec("unit", Kind.ORGANIZATION, "单位", required=True, locked=True, choices_of="own", section="内设机构"),
        FieldSpec(
            "bodies",
            Kind.TABLE,
            "内设机构",
            locked=True,
            help="调整、撤销的选现有内设机构；撤销前须先把人员调整到其他科室",
            columns=(
                FieldSpec("act", Kind.CHOICE, "事项", required=True, options=ACTS),
                FieldSpec("body", Kind.BODY, "现有内设机构", choices_of="unit"),
                FieldSpec("name", Kind.TEXT, "名称（调整后）", max_length=120),
                *p07.BODY_COLUMNS[1:],
            ),
        ),
        FieldSpec(
            "body_quota",
            Kind.TABLE,
            "定编到科室（调整后）",
            locked=True,
            columns=(FieldSpec("body_name", Kind.TEXT, "科室名称", required=True), *p07.QUOTA_COLUMNS),
        ),
        FieldSpec(
            "posts",
            Kind.TABLE,
            "领导职数（调整后）",
            locked=True,
            section="领导职数",
            columns=p07.POST_COLUMNS,
            help="不变的不填",
        ),
        p07.OVERSTAFFING,
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=APPROVERS,
    more_facts=("only_renames", "changes_leaders"),
    precheck=_precheck,
    own_units=lambda draft: [draft.key("unit")],
    before_of=posts_now,
    evidence=(REQUEST,),
    clock_days=15,
    sampling_percent=30,
)
