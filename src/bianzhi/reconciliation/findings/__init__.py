"""What four rosters say differently about one person, found by rules that are data."""

from bianzhi.reconciliation.findings.rules import FACTS, KINDS, Fact, FindingRule, rules_digest

__all__ = ["FACTS", "KINDS", "Fact", "FindingRule", "rules_digest"]
