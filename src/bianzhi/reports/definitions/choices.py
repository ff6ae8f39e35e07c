"""Choices several reports offer, and the units they narrow to."""

from collections.abc import Sequence
from typing import Final

from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.organizations.selectors.units import subtree_on
from bianzhi.reports.definitions.base import Choice, Query
from bianzhi.reports.selectors.units import Units


def quota_type_options(_query: Query) -> Sequence[tuple[str, str]]:
    """Every type of 编制 proper."""
    return [("", "全部编制类型"), *((quota.code, quota.label) for quota in counted_types())]


UNIT: Final = Choice("unit", "单位", kind="unit")
QUOTA_TYPE: Final = Choice("quota_type", "编制类型", options=quota_type_options)


def narrowed(query: Query, units: Units) -> frozenset[int] | None:
    """The reader's scope, narrowed to the chosen unit and what is below it; None for everything.

    A unit abolished by the day of the tree counts where it hung last: what it had in the period is not lost.
    """
    chosen = query.chosen(UNIT)
    if not chosen:
        return query.scope
    subtree = frozenset(subtree_on(int(chosen), units.day))
    return subtree if query.scope is None else subtree & query.scope
