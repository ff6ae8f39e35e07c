"""What is counted: quota types and leadership post levels, under one name each and in one order."""

from collections.abc import Mapping
from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules.quota_types import quota_types


def is_post(measure: str) -> bool:
    """Whether the measure is a level of leadership posts, not a type of quota."""
    return measure in codes("post_level")


def all_measures() -> list[str]:
    """Every measure: quota types in the order of their data file, then post levels."""
    return [*quota_types(), *(code.code for code in codes("post_level"))]


def label(measure: str) -> str:
    """The measure's full Chinese name; the code itself for one nobody knows."""
    if measure in quota_types():
        return quota_types()[measure].label
    return codes("post_level").label(measure) if is_post(measure) else measure


def short(measure: str) -> str:
    """The name for narrow columns."""
    return quota_types()[measure].short if measure in quota_types() else label(measure)


def in_order(measures: set[str]) -> list[str]:
    """The given measures in their order; unknown ones last."""
    known = [measure for measure in all_measures() if measure in measures]
    return known + sorted(measures.difference(known))


def since_in_words(held: Mapping[str, tuple[date, int]]) -> str:
    """What is held of each measure and from which day on."""
    return "、".join(f"{label(measure)} {number} 名（{on} 起）" for measure, (on, number) in held.items())


def quota_choices() -> list[tuple[str, str]]:
    """(code, label) of the quota types, for forms."""
    return [(quota.code, quota.label) for quota in quota_types().values()]


def post_choices() -> list[tuple[str, str]]:
    """(code, label) of the leadership post levels, for forms."""
    return codes("post_level").choices()


def counts_as_quota(measure: str) -> bool:
    """Whether the measure is 编制 proper: no leadership post, no filed headcount, no cap on non-quota staff."""
    return measure in quota_types() and quota_types()[measure].counts_as_quota
