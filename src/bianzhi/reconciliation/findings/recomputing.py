"""A finding computed again from the rows it shows: whoever doubts it needs nothing but those rows and the rule.

An independent way: plain Python over the cells as delivered, the rule's predicate read as text and evaluated here, not
by the engine that found it. Only what needs everybody's rows is taken over: the unit of the register a row was read as,
and which rows were linked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bianzhi.reconciliation.findings.codes import code_of
from bianzhi.reconciliation.findings.predicates import holds
from bianzhi.reconciliation.findings.quotas import ALL_TYPES
from bianzhi.reconciliation.findings.rules import KINDS
from bianzhi.reconciliation.normalise.births import birth_key
from bianzhi.reconciliation.normalise.id_numbers import read_id
from bianzhi.reconciliation.normalise.names import name_key
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION

TAGS: Final = {ESTABLISHMENT: "listed", ORGANIZATION: "posted", HR: "employed", FINANCE: "paid"}
SEVERAL: Final = 2
"""What is not counted further: two numbers or more are several."""

AWAY: Final = frozenset({"retired", "dead", "left", "stopped", "non_quota"})

Row = Mapping[str, Any]
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Whether the rule holds of the rows, and the facts they give."""

    holds: bool
    facts: Mapping[str, Any]


def recompute(kind: str, rows: Sequence[Row], facts: Mapping[str, Any] | None = None) -> Recomputed:
    """The finding of this kind from its rows as delivered (`rows` of `findings`).

    `facts` are those of the finding; only what no row can say is taken from them: the approved quota of a unit, and
    what a question about two people calls alike.
    """
    told = facts or {}
    if kind == "over_quota":
        return _over_quota(rows, told)
    if kind == "same_person":
        return _same_person(rows, told)
    rule = KINDS[kind]
    line = line_of(rows)
    return Recomputed(holds(rule.predicate, line), {name: line[name] for name in rule.facts})


def line_of(rows: Sequence[Row]) -> Line:
    """The line of `person_wide` these rows make, but for what only the linking knows (doubt, unknown units)."""
    read = [_read(row) for row in rows]
    line: Line = {}
    for source, tag in TAGS.items():
        own = [one for one in read if one["source"] == source]
        active = [one for one in own if one["active"]]
        line[tag] = len(active)
        line[f"{tag}_unit"] = _least(active, "unit")
        line[f"{tag}_unit_other"] = _pick(max, active, "unit")
        line |= {f"{name}_{tag}": _least(active, name) for name in ("quota", "funding")}
        line |= {f"{name}_{tag}": _least(own, name) for name in ("name", "birth", "sex")}
    told = [one for one in read if one["source"] in (HR, ORGANIZATION)]
    line |= {f"{duty}_by": sum(one["duty"] == duty for one in told) for duty in ("retired", "dead")}
    line["id_wrong"] = sum(one["id_wrong"] for one in read)
    line["id_different"] = min(len({one["id"] for one in read} - {None}), SEVERAL)
    for name in ("name", "id", "sex", "birth_day", "birth_month"):
        shown = "birth" if name == "birth_day" else name
        line |= {f"{shown}_first": _least(read, name), f"{shown}_last": _pick(max, read, name)}
    line["birth_days_apart"] = _days_apart(read)
    return line


def _read(row: Row) -> Line:
    number = read_id(row.get("id_number"), row.get("flags"))
    duty = code_of("duty", row.get("status")) or "on_quota"
    quota = code_of("quota", row.get("quota_type"))
    birth = birth_key(row.get("birth"))
    return {
        "source": row["source"],
        "active": duty not in AWAY and quota != "编外",
        "duty": duty,
        "unit": row.get("register_unit"),
        "quota": quota,
        "funding": code_of("funding", row.get("funding")),
        "name": name_key(row.get("name")),
        "id": number.id18,
        "id_wrong": number.id18 is None and ",empty," not in number.flags,
        "sex": code_of("sex", row.get("sex")),
        "birth": birth,
        "birth_day": birth if birth is not None and birth % 100 else None,
        "birth_month": birth // 100 if birth is not None else None,
    }


def _pick(choose: Callable[[Sequence[Any]], Any], lines: Sequence[Line], column: str) -> Any:
    values = [line[column] for line in lines if line[column] is not None]
    return choose(values) if values else None


def _least(lines: Sequence[Line], column: str) -> Any:
    return _pick(min, lines, column)


def _days_apart(lines: Sequence[Line]) -> int | None:
    days = [_least([line for line in lines if line["source"] == source], "birth_day") for source in (ESTABLISHMENT, HR)]
    if None in days:
        return None
    listed, employed = (date(day // 10000, day // 100 % 100, day % 100) for day in days)
    return abs((listed - employed).days)


def _over_quota(rows: Sequence[Row], told: Mapping[str, Any]) -> Recomputed:
    code = told["quota_type"]
    holders = {
        row["person_key"]
        for row in rows
        if (one := _read(row))["active"] and row["source"] == ESTABLISHMENT and code in (ALL_TYPES, one["quota"])
    }
    occupied, approved = len(holders), int(told["approved"])
    facts = {"quota_type": code, "approved": approved, "occupied": occupied, "excess": occupied - approved}
    return Recomputed(holds(KINDS["over_quota"].predicate, facts), facts)


def _same_person(rows: Sequence[Row], told: Mapping[str, Any]) -> Recomputed:
    """Two people: of one, `ghost_payroll` holds, of the other `unpaid`; how alike they are stays as it was told."""
    people: dict[str, list[Row]] = {}
    for row in rows:
        people.setdefault(str(row["person_key"]), []).append(row)
    lines = {key: line_of(own) for key, own in people.items()}
    ghosts = [key for key, line in lines.items() if holds(KINDS["ghost_payroll"].predicate, line)]
    unpaid = [key for key, line in lines.items() if holds(KINDS["unpaid"].predicate, line)]
    return Recomputed(len(people) == len({*ghosts, *unpaid}) == 2, told)
