"""Which level decides a matter (domain.md §1.3), as data: the first rule whose condition holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

LEVELS: Final[Mapping[str, str]] = {
    "office": "编办",
    "commission": "编委",
    "government": "党委（政府）",
    "upper": "上级机构编制部门",
}
"""Level → its words, from the lowest."""


@dataclass(frozen=True, slots=True)
class ApproverRule:
    """One row of the approver matrix: `when` is a condition of `workflow.rules.conditions`, "" always holds.

    `words` say it to officials: 内设机构更名由编办审批.
    """

    level: str
    words: str
    when: str = ""

    def to_json(self) -> dict[str, Any]:
        """The rule as a version keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "ApproverRule":
        """The rule a version keeps. Raises TypeError for what no rule has."""
        return cls(**told)


BY_OFFICE: Final = ApproverRule("office", "由编办核准")
Holds = Callable[[str, Mapping[str, Any]], bool]


def approvers_to_json(rules: Sequence[ApproverRule]) -> list[dict[str, Any]]:
    """The matrix of a matter, for a version."""
    return [rule.to_json() for rule in rules]


def approvers_from_json(told: Sequence[Mapping[str, Any]]) -> tuple[ApproverRule, ...]:
    """The matrix of a version."""
    return tuple(ApproverRule.from_json(each) for each in told)


def who_decides(rules: Sequence[ApproverRule], facts: Mapping[str, Any], holds: Holds) -> ApproverRule:
    """The first rule that holds for the facts of a case; the office itself where none does."""
    return next((rule for rule in rules if not rule.when or holds(rule.when, facts)), BY_OFFICE)


def goes_above(level: str, floor: str) -> bool:
    """Whether a level is at or above another: a matter of the upper level passes the commission too."""
    order = list(LEVELS)
    return order.index(level) >= order.index(floor)
