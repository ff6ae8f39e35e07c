"""One line of `findings` from a rule that holds: its key, who answers for it, its facts, its rows, its words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.findings.hits import SHOWN, Row, first_said
from bianzhi.reconciliation.findings.rules import FindingRule
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT

SHAPE: Final = pa.schema(
    [
        (name, pa.string())
        for name in (
            "key",
            "kind",
            "group_code",
            "person_key",
            "name",
            "unit",
            "owner",
            "severity",
            "lane",
            "sources",
            "facts",
            "rows",
            "explanation",
            "rule",
        )
    ]
)
UNIT_BOUND: Final = frozenset("ABDFGH")
"""Groups whose findings are about a person at a unit: at another unit the same difference is another finding."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one finding says, before it is written."""

    rule: FindingRule
    person_key: str
    facts: Mapping[str, Any]
    rows: Sequence[Row]
    lane: str
    owner: str
    unit: str = ""
    about: str = ""


def line_of(case: Case, digest: str) -> dict[str, str]:
    """The line: text throughout, JSON with sorted keys, so that the same contents are the same bytes."""
    unit = case.unit or _unit_of(case)
    name = "" if case.rule.over == "unit" else first_said(case.rows, "name")
    told = {**case.facts, "name": name, "unit": unit}
    return {
        "key": _key(case, unit),
        "kind": case.rule.code,
        "group_code": case.rule.group,
        "person_key": case.person_key,
        "name": name,
        "unit": unit,
        "owner": case.owner,
        "severity": case.rule.severity,
        "lane": case.lane,
        "sources": _sources(case.rows),
        "facts": _json(case.facts),
        "rows": _json([_delivered(row) for row in case.rows]),
        "explanation": case.rule.explain(told),
        "rule": digest,
    }


def _key(case: Case, unit: str) -> str:
    where = unit if case.rule.group in UNIT_BOUND else ""
    parts = (case.rule.code, case.person_key, where, case.about)
    return hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()


def _unit_of(case: Case) -> str:
    told = next((case.facts[name] for name in ("listed_unit", "paid_unit") if case.facts.get(name)), None)
    if told:
        return str(told)
    listed = [row for row in case.rows if row["source"] == ESTABLISHMENT]
    return first_said(listed, "register_unit") or first_said(case.rows, "register_unit")


def _sources(rows: Sequence[Row]) -> str:
    present = {row["source"] for row in rows}
    return f",{','.join(code for code in DEPARTMENT_CODES if code in present)},"


def _delivered(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN if row[name] is not None}


_json: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
