"""The stage that finds differences: `person_wide` and the rules in, `findings` out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.findings.hits import Hit, Row, first_said, gather_rows, gathered_rows_of, hits, rows_of
from bianzhi.reconciliation.findings.lines import SHAPE, Case, line_of
from bianzhi.reconciliation.findings.lookalikes import resembling
from bianzhi.reconciliation.findings.majority import ATTRIBUTES, odd_ones_out
from bianzhi.reconciliation.findings.mirror import MirrorPair, Sight, mirror_pairs
from bianzhi.reconciliation.findings.quotas import over_quota
from bianzhi.reconciliation.findings.rules import KINDS, rules_digest
from bianzhi.reconciliation.findings.wide import TAGS
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE
from bianzhi.reconciliation.sql.engine import Engine

GHOST: Final = "ghost_payroll"
UNPAID: Final = "unpaid"
SAME_PERSON: Final = "same_person"
OTHER_SIDE: Final = {GHOST: ESTABLISHMENT, UNPAID: FINANCE}
"""Where somebody a finding says is missing would have to be found."""

AT_ONCE: Final = 20_000
"""Findings whose rows are held in memory together."""

DECIDED_APART: Final = """
SELECT l.person_key, r.person_key AS other_key FROM constraints c
JOIN positions l ON l.fingerprint = c.left_fingerprint JOIN positions r ON r.fingerprint = c.right_fingerprint
WHERE c.kind = 'never'
"""
ASKED: Final = """
SELECT l.person_key, r.person_key AS other_key FROM pairs_for_review p
JOIN positions l ON l.fingerprint = p.left_fingerprint JOIN positions r ON r.fingerprint = p.right_fingerprint
"""

Rows = Mapping[str, Sequence[Row]]
Told = tuple[str, str]


def find(engine: Engine) -> None:
    """Make `findings` from `person_wide`, `positions`, `records`, `quota` and what officials decided.

    `constraints` say who is known to be two people, `pairs_for_review` who is asked about already. The same contents
    give the same lines.
    """
    found = hits(engine)
    gather_rows(engine, (hit.person_key for hit in found))
    missing = [hit for hit in found if hit.rule.code in OTHER_SIDE]
    digest = rules_digest()
    tables = [_table(_about_missing(engine, missing) + over_quota(engine), digest)]
    rest = sorted((hit for hit in found if hit.rule.code not in OTHER_SIDE), key=lambda hit: hit.person_key)
    for start in range(0, len(rest), AT_ONCE):
        chunk = rest[start : start + AT_ONCE]
        rows = gathered_rows_of(engine, (hit.person_key for hit in chunk))
        tables.append(_table([_case(hit, rows[hit.person_key], ()) for hit in chunk], digest))
    engine.drop("rows_gathered")
    engine.register("findings", pa.concat_tables(tables).sort_by("key"))


def _table(cases: Iterable[Case], digest: str) -> pa.Table:
    return pa.Table.from_pylist([line_of(case, digest) for case in cases], schema=SHAPE)


def _about_missing(engine: Engine, found: Sequence[Hit]) -> list[Case]:
    """Ghosts and unpaid people, or the question whether two of them are one."""
    rows = gathered_rows_of(engine, (hit.person_key for hit in found))
    apart, asked = _pairs(engine, DECIDED_APART), _pairs(engine, ASKED)
    pairs = _mirrored(found, rows, apart)
    withheld = {(GHOST, pair.ghost) for pair in pairs} | {(UNPAID, pair.unpaid) for pair in pairs}
    standing = [hit for hit in found if (hit.rule.code, hit.person_key) not in withheld]
    alike = _alike(engine, standing, rows, apart)
    cases = [_case(hit, rows[hit.person_key], alike) for hit in standing]
    return cases + [_same_person(pair, rows) for pair in pairs if frozenset((pair.ghost, pair.unpaid)) not in asked]


def _case(hit: Hit, rows: Sequence[Row], alike: Collection[Told]) -> Case:
    is_unlike = hit.rule.guard == "unlike" and hit.is_known and (hit.rule.code, hit.person_key) not in alike
    is_certain = hit.certain or is_unlike
    owner = hit.rule.owner
    if hit.rule.value in ATTRIBUTES:
        owner = next(iter(odd_ones_out(hit.rule.value, rows)), owner)
    elif hit.rule.value:
        owner = _against_the_register(hit) or owner
    return Case(hit.rule, hit.person_key, hit.facts, rows, hit.rule.lane if is_certain else "review", owner)


def _pairs(engine: Engine, sql: str) -> set[frozenset[str]]:
    return {frozenset((str(one), str(other))) for one, other in engine.rows(sql)}


def _alike(engine: Engine, standing: Sequence[Hit], rows: Rows, apart: Collection[frozenset[str]]) -> set[Told]:
    """The findings whose person is not clean and resembles somebody on the side where they are missing."""

    def sights_of(keys: Iterable[str]) -> dict[str, Sight]:
        return {key: _sight(key, told) for key, told in rows_of(engine, keys).items()}

    alike = set()
    for kind, source in OTHER_SIDE.items():
        doubtful = [hit.person_key for hit in standing if hit.rule.code == kind and not hit.certain]
        seekers = [_sight(key, rows[key]) for key in doubtful]
        alike |= {(kind, key) for key in resembling(engine, seekers, source, sights_of, apart)}
    return alike


def _against_the_register(hit: Hit) -> str:
    """The department to answer where the register's word counts: the first that says otherwise; empty if none does."""
    said = {code: hit.facts.get(f"{hit.rule.value}_{tag}") for code, tag in TAGS.items()}
    return next((code for code, text in said.items() if text is not None and text != said[ESTABLISHMENT]), "")


def _mirrored(found: Sequence[Hit], rows: Rows, apart: Collection[frozenset[str]]) -> list[MirrorPair]:
    sides = {
        kind: [_sight(hit.person_key, rows[hit.person_key]) for hit in found if hit.rule.code == kind]
        for kind in (GHOST, UNPAID)
    }
    return mirror_pairs(sides[GHOST], sides[UNPAID], apart)


def _sight(key: str, rows: Sequence[Row]) -> Sight:
    numbers = frozenset(str(row["id18"] or row["id_number"]).upper() for row in rows if row["id_number"])
    births = {int(row["birth_said"]) for row in rows if row["birth_said"]}
    births |= {int(row["id18"][6:14]) for row in rows if row["id18"]}
    return Sight(
        key=key,
        names=frozenset(str(row["name_key"]) for row in rows if row["name_key"]),
        numbers=numbers,
        births=frozenset(births),
        units=frozenset(str(row["register_unit"]) for row in rows if row["register_unit"]),
    )


def _same_person(pair: MirrorPair, rows: Rows) -> Case:
    """One question in place of two accusations; it is kept under both keys, and shows the rows of both."""
    ghost, unpaid = rows[pair.ghost], rows[pair.unpaid]
    paid = [row for row in ghost if row["source"] == FINANCE]
    listed = [row for row in unpaid if row["source"] == ESTABLISHMENT]
    rule = KINDS[SAME_PERSON]
    facts = {
        "paid_unit": first_said(paid, "register_unit"),
        "listed_unit": first_said(listed, "register_unit"),
        "paid_name": first_said(paid, "name"),
        "listed_name": first_said(listed, "name"),
        "likeness": "、".join(pair.reasons),
    }
    return Case(rule, pair.ghost, facts, [*ghost, *unpaid], rule.lane, rule.owner, about=pair.unpaid)
