"""Whether the facts given of an organisation belong together and stand in the code sets."""

from collections.abc import Mapping
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection

CODED: Final[Mapping[str, tuple[str, str]]] = {
    "org_type": ("organization_type", "机构类别"),
    "institution_class": ("institution_class", "事业单位类别"),
    "nature": ("organization_nature", "机构性质"),
    "rank": ("organization_rank", "机构规格"),
    "funding_form": ("funding_form", "经费形式"),
}
INSTITUTION: Final = "80"
TOWNSHIP_TYPES: Final = frozenset({"70", "71"})


def objections_to_facts(facts: Mapping[str, Any]) -> list[Objection]:
    """What is missing, unknown to the code sets, or contradictory in the facts of one version."""
    found = []
    name = str(facts.get("name") or "")
    if not name.strip():
        found.append(Objection("organization.no_name", "机构全称不能为空。"))
    for field, (table, label) in CODED.items():
        code = str(facts.get(field) or "")
        if code and code not in codes(table):
            found.append(
                Objection(
                    "organization.unknown_code",
                    f"“{name}”的{label}代码“{code}”不在代码表中。",
                    figures={"code": code},
                    next_step="请从列表中选择。",
                )
            )
    if not facts.get("is_grouping") and not facts.get("org_type"):
        found.append(Objection("organization.no_type", f"“{name}”没有机构类别。", next_step="请选择机构类别。"))
    if facts.get("institution_class") and facts.get("org_type") != INSTITUTION:
        found.append(
            Objection(
                "organization.class_without_institution",
                f"“{name}”不是事业单位，不能有事业单位类别。",
                next_step="请清空事业单位类别，或将机构类别改为事业单位。",
            )
        )
    return found
