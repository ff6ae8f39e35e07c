"""P07-1 设立机构: a unit with its duties, internal bodies, quota and posts, as the formal 请示 must state them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import ByDecision
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.units import establish_unit
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.rules.post_tables import objections_to_body_chiefs
from bianzhi.matters.selectors.units_concerned import facts_about

INSTITUTION: Final = Only("org_type", (said.INSTITUTION,))
FORMAL_REQUEST: Final = {
    "duties": "主要职责",
    "rank": "机构规格",
    "nature": "机构性质",
    "funding_form": "经费来源",
    "supervising_department": "主管部门",
    "bodies": "内设机构",
    "quota": "编制",
    "posts": "领导职数",
}
"""What a 请示 for setting up a body must contain (domain.md §1.3), besides its name and the reasons."""
COORDINATION_OFFICE: Final = "35"
"""议事协调机构的办事机构 have neither quota nor posts of their own (R11)."""


class Establish(ByDecision):
    """Register the unit with everything it was given."""

    label = "登记机构设立"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R05, R06, R10, R11, a name in use."""
        return establish_unit(order)


def _title(draft: CaseDraft) -> str:
    return f"设立{draft.text('name')}" if draft.text("name") else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    ranks, kinds = [draft.text("rank")], [draft.text("org_type")]
    return facts_about("establish", [], draft.today, ranks=ranks, org_types=kinds)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    wanted = dict(FORMAL_REQUEST)
    if draft.text("org_type") == COORDINATION_OFFICE:
        wanted = {name: label for name, label in wanted.items() if name not in ("bodies", "quota", "posts")}
    return [
        *said.objections_to_missing(draft.form, wanted, paper="设立机构的请示"),
        *said.objections_to_doubles(draft.form, "bodies", "name", "内设机构"),
        *said.objections_to_doubles(draft.form, "quota", "quota_type", "编制类型"),
        *said.objections_to_doubles(draft.form, "posts", "post_level", "领导职数"),
        *p07.remarks_on_posts(draft.text("org_type"), said.amounts(draft.form, "quota"), said.posts(draft.form)),
        *objections_to_body_chiefs(len(draft.rows("bodies")), said.posts(draft.form)),
    ]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    rank = draft.text("rank")
    return [
        ("机构名称", draft.text("name")),
        ("机构规格", codes("organization_rank").label(rank) if rank else ""),
        ("主要职责", draft.text("duties")),
        ("内设机构", "、".join(str(row["name"]) for row in draft.rows("bodies"))),
        ("编制", p07.quota_in_words(draft.form)),
        ("领导职数", p07.posts_in_words(draft.form)),
    ]


P07_1 = declare_decided(
    code="P07-1",
    key="p07.establish",
    title="设立机构",
    summary="设立党政机关、事业单位，一并核定职责、内设机构、编制和领导职数。",
    icon="building-plus",
    command=Establish(),
    fields=(
        FieldSpec("name", Kind.TEXT, "机构全称", required=True, locked=True, section="拟设机构"),
        FieldSpec("short_name", Kind.TEXT, "规范简称", locked=True, max_length=100),
        FieldSpec("org_type", Kind.CODE, "机构类别", required=True, locked=True, choices_of="organization_type"),
        FieldSpec(
            "institution_class",
            Kind.CODE,
            "事业单位类别",
            required=True,
            locked=True,
            choices_of="institution_class",
            only=INSTITUTION,
        ),
        FieldSpec("nature", Kind.CODE, "机构性质", locked=True, choices_of="organization_nature"),
        FieldSpec("rank", Kind.CODE, "机构规格", locked=True, choices_of="organization_rank"),
        FieldSpec("funding_form", Kind.CODE, "经费来源", locked=True, choices_of="funding_form"),
        FieldSpec("parent", Kind.ORGANIZATION, "隶属单位", locked=True, choices_of="node", help="机构树上的上一级"),
        FieldSpec("supervising_department", Kind.ORGANIZATION, "主管部门", locked=True),
        FieldSpec("duties", Kind.TEXTAREA, "主要职责", locked=True, max_length=8000),
        FieldSpec("bodies", Kind.TABLE, "内设机构", locked=True, section="内设机构", columns=p07.BODY_COLUMNS),
        FieldSpec("quota", Kind.TABLE, "编制", locked=True, section="编制和职数", columns=p07.QUOTA_COLUMNS),
        FieldSpec("posts", Kind.TABLE, "领导职数", locked=True, columns=p07.POST_COLUMNS),
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("supervising_department")],
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
)
