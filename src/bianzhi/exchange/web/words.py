"""What the classes of findings, the departments and the bands of age are called on the pages."""

from collections.abc import Mapping
from typing import Final

from bianzhi.exchange.selectors.board import BANDS
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.findings.rules import GROUPS
from bianzhi.reconciliation.sources import DEPARTMENTS


def _band(first: int, last: int | None) -> str:
    if last is None:
        return f">{first - 1} 天"
    return f"{first}–{last} 天" if first else f"≤{last} 天"


DEPARTMENT_NAMES: Final[Mapping[str, str]] = dict(DEPARTMENTS)

AGES: Final[Mapping[str, tuple[str, int, int | None]]] = {
    str(first): (_band(first, last), first, last) for first, last in BANDS
}
"""Bands of age in days since the first finding: label, from, to, both included."""


def kind_label(kind: str) -> str:
    """The Chinese name of a class; its code when a rule of an earlier version is gone."""
    rule = KINDS.get(kind)
    return rule.label if rule else kind


def kinds_of_group(group: str) -> list[str]:
    """Codes of the classes of one letter of domain.md §3.6."""
    return [code for code, rule in KINDS.items() if rule.group == group]


def group_choices() -> list[tuple[str, str]]:
    """The letters with their names, those that have classes."""
    used = {rule.group for rule in KINDS.values()}
    return [(letter, f"{letter} {label}") for letter, label in GROUPS.items() if letter in used]


def kind_choices() -> list[tuple[str, str]]:
    """The classes with their names."""
    return [(code, rule.label) for code, rule in KINDS.items()]


def departments_label(sources: str) -> str:
    """ "，establishment,hr," in words."""
    return "、".join(DEPARTMENT_NAMES.get(code, code) for code in sources.split(",") if code)
