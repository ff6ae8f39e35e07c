"""The rules of findings.yaml, read and checked once: a rule that does not hold together stops the program at start."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

import yaml

from bianzhi.reconciliation.sources import DEPARTMENT_CODES

GUARDS: Final = ("clean", "unlike", "linked", "none")
SEVERITIES: Final = ("red", "yellow", "blue")
GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A": "领工资未列编",
        "B": "在编未发工资",
        "C": "姓名或身份信息不一致",
        "D": "单位不一致",
        "E": "编制类型或经费不一致",
        "F": "退休或死亡",
        "G": "重复",
        "H": "超编",
    }
)
UNIT_NAMED: Final = frozenset({"name", "unit"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of a finding's facts: its Chinese name, and how it is computed from the source rows."""

    code: str
    label: str
    computed: str


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One kind of difference (domain.md §3.6).

    `owner` is the department asked to act; where `value` names an attribute it is whoever contradicts the others.
    `lane` is where a finding begins that the guard and `certain` (restricted SQL) let through: "accuse" or "review".
    """

    code: str
    label: str
    group: str
    owner: str
    severity: str
    guard: str
    lane: str
    predicate: str
    facts: tuple[str, ...]
    words: str
    basis: str
    explanation: str
    next_step: str
    over: str = "person"
    value: str = ""
    certain: str = ""
    needs: tuple[str, ...] = ()

    def explain(self, facts: Mapping[str, Any]) -> str:
        """The finding in words: the fact, the figures, the rule; what nobody delivered reads 未提供."""
        told = {name: _in_words(facts.get(name)) for name in _names_in(self.explanation)}
        return self.explanation.format(**told)


def _in_words(value: Any) -> str:
    return "（未提供）" if value is None or value == "" else str(value)


def _names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _rule(line: Mapping[str, Any]) -> FindingRule:
    settings = {name: value for name, value in line.items() if name != "id"}
    settings.setdefault("lane", "accuse")
    lists = {name: tuple(line.get(name, ())) for name in ("facts", "needs")}
    rule = FindingRule(code=line["id"], **{**settings, **lists})
    wrong = [
        (rule.group in GROUPS, "group"),
        (rule.owner in DEPARTMENT_CODES, "owner"),
        (rule.severity in SEVERITIES, "severity"),
        (rule.guard in GUARDS, "guard"),
        (rule.lane in ("accuse", "review"), "lane"),
        (set(rule.facts) <= set(FACTS), "facts"),
        (set(rule.needs) <= set(DEPARTMENT_CODES), "needs"),
        (_names_in(rule.explanation) <= set(rule.facts) | UNIT_NAMED, "explanation"),
    ]
    for holds, what in wrong:
        if not holds:
            raise ValueError(f"findings.yaml: {rule.code}: {what}")
    return rule


def _facts() -> dict[str, Fact]:
    lines = yaml.safe_load(_text("facts.yaml"))
    return {code: Fact(code, label, computed) for code, (label, computed) in lines.items()}


def _kinds() -> dict[str, FindingRule]:
    rules = [_rule(line) for line in yaml.safe_load(_text("findings.yaml"))]
    kinds = {rule.code: rule for rule in rules}
    if len(kinds) != len(rules):
        raise ValueError("findings.yaml: an id is given twice")
    return kinds


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(_facts())
KINDS: Final[Mapping[str, FindingRule]] = MappingProxyType(_kinds())


def rules_digest() -> str:
    """SHA-256 over the rules, the facts and the codes as they are written: part of every result and its key."""
    digest = hashlib.sha256()
    for name in ("findings.yaml", "facts.yaml", "codes.yaml"):
        digest.update(_text(name).encode())
    return digest.hexdigest()
