"""P07 what the acts upon units share: who decides them (domain.md §1.3), and columns their tables have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.parameters import DEPARTMENT_POSTS, INSTITUTION_POSTS
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.post_tables import objections_to_leaders, post_tables
from bianzhi.organizations.selectors.units import as_of

PUBLICATION_DAYS: Final = 5
SAMPLING_PERCENT: Final = 100

APPROVERS: Final = (
    ApproverRule(
        "upper",
        "副科级以上机构的设立、更名、合并、撤销和规格、性质、经费、隶属调整：区委编办报上级沟通预审，区委编委审议后报上级批准",
        when="needs_upper_decision",
    ),
    ApproverRule("upper", "区本级与乡镇街道之间的机构事项：报上级批准", when="crosses_level"),
    ApproverRule("government", "党政群机关的机构事项：区委编委审议，报区委（区政府）审定", when="is_organ"),
    ApproverRule("office", "股级、未定级事业单位的机构事项：由区委编办审批"),
)
"""The rows of the matrix for units; R10 asks for the same upper document."""

QUOTA_COLUMNS: Final = (
    FieldSpec("quota_type", Kind.QUOTA_TYPE, "编制类型", required=True),
    FieldSpec("amount", Kind.INTEGER, "数额（名）", required=True, minimum=0),
)
POST_COLUMNS: Final = (
    FieldSpec("post_level", Kind.POST_LEVEL, "职务层级", required=True),
    FieldSpec("number", Kind.INTEGER, "职数（名）", required=True, minimum=0),
)
BODY_COLUMNS: Final = (
    FieldSpec("name", Kind.TEXT, "名称", required=True, max_length=120),
    FieldSpec("rank", Kind.CODE, "规格", choices_of="organization_rank"),
    FieldSpec("duties", Kind.TEXTAREA, "职责", max_length=2000),
)
OVERSTAFFING: Final = FieldSpec(
    "allows_overstaffing",
    Kind.YES_NO,
    "经批准允许形成超编",
    locked=True,
    help="一般不填；划走、核减后低于实有人数，经批准列为待消化超编的填“是”，并在理由中说明",
)


def objections_to_same(draft: CaseDraft, one: str, other: str, words: str) -> list[Objection]:
    """Two fields name two different units."""
    if draft.key(one) is None or draft.key(one) != draft.key(other):
        return []
    return [Objection("D2", f"{words}不能是同一个单位。", next_step="请重新选择。")]


def remarks_on_posts(org_type: str, quota: Mapping[str, int], posts: Mapping[str, int]) -> list[Objection]:
    """What the office's table says of so many leaders for so much quota (domain.md §1.4)."""
    chosen = DEPARTMENT_POSTS if said.is_organ(org_type) else INSTITUTION_POSTS
    return objections_to_leaders(post_tables().get(str(chosen.value)), quota, posts)


def facts_now(draft: CaseDraft, names: Sequence[str]) -> Mapping[str, Any]:
    """What the register says today of the unit a form changes, of these fields; nothing while no unit is chosen."""
    version = as_of(draft.key("unit") or 0, draft.today)
    if version is None:
        return {}
    found = {name: getattr(version, f"{name}_id", None) or getattr(version, name) for name in names}
    return {name: value for name, value in found.items() if value}


def quota_in_words(form: said.Form, table: str = "quota") -> str:
    """行政编制 10 名、工勤编制 1 名."""
    return said.in_words(said.amounts(form, table))


def posts_in_words(form: said.Form, table: str = "posts") -> str:
    """正职 1 名、副职 3 名."""
    return said.in_words(said.posts(form, table))
