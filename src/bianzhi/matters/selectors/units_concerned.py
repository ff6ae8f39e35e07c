"""What the approver matrix asks about the units an establishment matter concerns (domain.md §1.3), as plain values."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

from bianzhi.matters.rules.establishment import is_organ, rank_number
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.parameters import UPPER_DECISION_RANK
from bianzhi.organizations.selectors.units import names_on

FACTS: Final = (
    "act",
    "rank_code",
    "needs_upper_decision",
    "needs_consultation",
    "needs_government",
    "is_organ",
    "crosses_level",
)
"""What `facts_about` tells, and which act the matter is."""

MAJOR: Final = frozenset({"establish", "merge", "abolish", "split"})
"""Acts upon 党政群机关 that 党委（政府） considers besides 编委, whoever approves them in the end."""


def facts_about(
    act: str,
    organization_ids: Iterable[int | None],
    day: date,
    *,
    ranks: Collection[str] = (),
    org_types: Collection[str] = (),
) -> dict[str, Any]:
    """Facts of an act upon units, and upon one yet to be set up by its rank and type.

    rank_code: the highest rank as a number (142 副科; 19x 未定级), needs_upper_decision: R10's threshold is reached,
    needs_consultation: so the draft is cleared with the upper office first (沟通预审), is_organ: a 党政群机关 is
    concerned, needs_government: 党委（政府） considers it besides 编委, crosses_level: units of the district's own and
    of the townships both are.
    """
    wanted = {pk for pk in organization_ids if pk}
    there = list(OrganizationVersion.objects.as_of(day).filter(organization__in=wanted))
    highest = rank_number([*ranks, *(version.rank for version in there)])
    kinds = [*org_types, *(version.org_type for version in there)]
    organs = any(is_organ(kind) for kind in kinds)
    is_upper = highest <= rank_number([str(UPPER_DECISION_RANK.value)])
    crosses = len({version.tier for version in there}) > 1
    return {
        "act": act,
        "rank_code": highest,
        "needs_upper_decision": is_upper,
        "needs_consultation": is_upper or crosses,
        "needs_government": organs and act in MAJOR,
        "is_organ": organs,
        "crosses_level": crosses,
    }


def named(organization_ids: Iterable[int | None], day: date) -> str:
    """Names of units in the order given, joined by 、; "" for none."""
    wanted = [pk for pk in organization_ids if pk]
    names = names_on(wanted, day)
    return "、".join(names[pk] for pk in wanted if pk in names)
