"""What the rules of linking are called on the pages."""

from bianzhi.reconciliation.link.rules import RULES


def rule_label(code: str) -> str:
    """The Chinese name of a rule of linking; its code when it is no more."""
    rule = RULES.get(code)
    return rule.title if rule else code


def rule_choices() -> list[tuple[str, str]]:
    """The rules with their names, for filters."""
    return [(code, rule.title) for code, rule in RULES.items()]


def rule_words(code: str) -> str:
    """What a rule does, in words; "" when it is no more."""
    rule = RULES.get(code)
    return rule.description if rule else ""
