"""The rules of linking as data: read once, hashed into every result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from bianzhi.reconciliation.normalise.texts import quoted

PATH: Final = Path(__file__).with_name("rules.yaml")
PLAIN: Final = "ID_EXACT"  # nearly every line: what it rests on stands in the rule alone
LANES: Final = ("auto", "review", "reject")


@dataclass(frozen=True, slots=True)
class LinkRule:
    """One rule: what officials read about it, where its links go, how sure they are."""

    id: str
    title: str
    lane: str
    score: float
    evidence: tuple[str, ...]
    description: str

    @property
    def evidence_json(self) -> str:
        """The steps of the rule, as every link made by it carries them; nothing to say where the number says it all."""
        if self.id == PLAIN:
            return "{}"
        steps = [{"name": self.id, "title": step} for step in self.evidence]
        return json.dumps({"steps": steps}, ensure_ascii=False, separators=(",", ":"))


def read_rules(text: str) -> dict[str, LinkRule]:
    """The rules of a file, by ID. Raises ValueError for a lane or score that cannot be, or an ID given twice."""
    rules: dict[str, LinkRule] = {}
    for item in yaml.safe_load(text):
        rule = LinkRule(**{**item, "evidence": tuple(item["evidence"])})
        if rule.lane not in LANES or not 0 <= rule.score <= 1 or rule.id in rules:
            raise ValueError(f"not a rule of linking: {rule.id}")
        rules[rule.id] = rule
    return rules


RULES: Final[Mapping[str, LinkRule]] = read_rules(PATH.read_text(encoding="utf-8"))
DIGEST: Final = hashlib.sha256(PATH.read_bytes()).hexdigest()


def attribute_sql(rule: str, attribute: str) -> str:
    """SQL turning a column with a rule's ID into its lane, score or evidence."""
    cases = []
    for known in RULES.values():
        value = getattr(known, attribute)
        literal = f"CAST({value} AS DOUBLE)" if isinstance(value, float) else quoted(value)
        cases.append(f"WHEN {quoted(known.id)} THEN {literal}")
    return f"CASE {rule} {' '.join(cases)} END"
