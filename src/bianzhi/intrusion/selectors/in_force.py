"""The rules as they stand: the office's newest version of each, the catalogue's defaults elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bianzhi.intrusion.models import RuleSetting
from bianzhi.intrusion.rules.catalogue import RULES, Rule, Severity


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule with the parameters that hold now; version 0 is the catalogue's."""

    rule: Rule
    version: int
    is_enabled: bool
    window_minutes: int
    threshold: int
    factor: int
    severity: Severity

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    def since(self, now: datetime) -> datetime:
        """Where its window begins."""
        return now - timedelta(minutes=self.window_minutes)


def rules_in_force() -> dict[str, InForce]:
    """Every rule by code; one query."""
    newest: dict[str, RuleSetting] = {}
    for row in RuleSetting.objects.order_by("rule", "version"):
        newest[row.rule] = row
    return {code: _in_force(rule, newest.get(code)) for code, rule in RULES.items()}


def _in_force(rule: Rule, row: RuleSetting | None) -> InForce:
    if row is None:
        return InForce(rule, 0, True, rule.window_minutes, rule.threshold, rule.factor, rule.severity)
    return InForce(
        rule, row.version, row.is_enabled, row.window_minutes, row.threshold, row.factor, Severity(row.severity)
    )
