"""P07-6 机构规格、性质、经费、隶属调整: what a unit is and where it hangs."""

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
from bianzhi.matters.effects.units import change_unit, changed_facts
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.units_concerned import facts_about, named
from bianzhi.organizations.models import Tier
from bianzhi.organizations.selectors.units import as_of

CHANGEABLE: Final = (
    "rank",
    "org_type",
    "institution_class",
    "nature",
    "funding_form",
    "parent",
    "supervising_department",
    "tier",
)


class Change(ByDecision):
    """Register what changes."""

    label = "登记机构调整"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R05, R07, R10, R11, a circle."""
        return change_unit(order)


def _title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    return f"{unit}规格、性质、隶属等调整" if unit else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    version = as_of(draft.key("unit") or 0, draft.today)
    changed = sorted(changed_facts(draft.form, version)) if version is not None else []
    units, ranks = [draft.key("unit")], [draft.text("rank")]
    found = facts_about("change", units, draft.today, ranks=ranks, org_types=[draft.text("org_type")])
    crosses = "tier" in changed
    consults = found["needs_consultation"] or crosses
    return {**found, "crosses_level": crosses, "needs_consultation": consults}


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    version = as_of(draft.key("unit") or 0, today)
    if version is None or changed_facts(draft.form, version):
        return []
    message = f"“{version.name}”的登记内容与所填内容相同，没有变化。"
    return [Objection("D2", message, next_step="请填写需要调整的内容，不变的留空。")]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    coded = (
        ("rank", "organization_rank", "机构规格"),
        ("org_type", "organization_type", "机构类别"),
        ("institution_class", "institution_class", "事业单位类别"),
        ("nature", "organization_nature", "机构性质"),
        ("funding_form", "funding_form", "经费形式"),
    )
    told = [("机构", named([draft.key("unit")], draft.today))]
    told += [(label, codes(table).label(draft.text(name))) for name, table, label in coded if draft.text(name)]
    told += [
        (label, named([draft.key(name)], draft.today))
        for name, label in (("parent", "隶属单位"), ("supervising_department", "主管部门"))
    ]
    return [line for line in told if line[1]]


P07_6 = declare_decided(
    code="P07-6",
    key="p07.change",
    title="机构规格、性质、隶属调整",
    summary="机构规格、类别性质、经费形式、隶属关系和主管部门调整。",
    icon="adjustments",
    command=Change(),
    fields=(
        FieldSpec(
            "unit",
            Kind.ORGANIZATION,
            "机构",
            required=True,
            locked=True,
            choices_of="own",
            section="调整后（不变的留空）",
        ),
        FieldSpec("rank", Kind.CODE, "机构规格", locked=True, choices_of="organization_rank"),
        FieldSpec("org_type", Kind.CODE, "机构类别", locked=True, choices_of="organization_type"),
        FieldSpec("institution_class", Kind.CODE, "事业单位类别", locked=True, choices_of="institution_class"),
        FieldSpec("nature", Kind.CODE, "机构性质", locked=True, choices_of="organization_nature"),
        FieldSpec("funding_form", Kind.CODE, "经费形式", locked=True, choices_of="funding_form"),
        FieldSpec("parent", Kind.ORGANIZATION, "隶属单位", locked=True, choices_of="node", help="机构树上的上一级"),
        FieldSpec("supervising_department", Kind.ORGANIZATION, "主管部门", locked=True),
        FieldSpec("tier", Kind.CHOICE, "层级", locked=True, options=tuple((str(a), str(b)) for a, b in Tier.choices)),
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("unit")],
    before_of=lambda draft: p07.facts_now(draft, CHANGEABLE),
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
)
