"""The cascade once more, in plain Python over a list of rows: slow, short, and sharing nothing with the SQL but the
twins of its macros. Links of small rosters must be identical on every engine and here.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from bianzhi.reconciliation.link import weights
from bianzhi.reconciliation.link.births import FULL, MONTH, PARTIAL, UNKNOWN, agreement
from bianzhi.reconciliation.link.constraints import Decisions, decide
from bianzhi.reconciliation.link.repair import candidates
from bianzhi.reconciliation.masks import BITS
from bianzhi.reconciliation.normalise.births import birth_key
from bianzhi.reconciliation.normalise.character_distance import cd, same_given
from bianzhi.reconciliation.normalise.id_numbers import birth_of, read_id
from bianzhi.reconciliation.normalise.names import name_key
from bianzhi.reconciliation.normalise.units import unit_key
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT, ROSTER_COLUMNS

Row = dict[str, Any]


@dataclass
class Record:
    """A row with its keys and, in the end, the cluster and rule the cascade gives it."""

    source: str
    delivery: str
    row: int
    fingerprint: str
    plain: str
    body: int | None
    id18: str | None
    id_flags: str
    name: str
    written: int | None
    unit: str
    entity: str | None = None
    rule: str = "ALONE"
    homes: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        return self.fingerprint[:32]

    @property
    def birth(self) -> int | None:
        """What the row says of the birth once its number is believed."""
        return self.written if self.written is not None else None if self.body is None else birth_of(self.body)


def links(rows: Iterable[Row], decisions: Decisions | None = None) -> list[tuple[str, str, int, str, str, str]]:
    """(source, delivery, row, fingerprint, cluster, rule) of every row."""
    records = read(rows)
    groups = defaultdict(list)
    for record in records:
        if record.body is not None:
            groups[record.body].append(record)
    learn_homes(records, groups)
    lost = settle_numbers(groups)
    loose = [record for record in records if record.body is None or record in lost]
    for record in lost:
        record.plain, record.body, record.id_flags, record.id18 = "", None, ",conflict,", None
    repaired = repair(loose, groups)
    people = People(records, loose, groups, repaired)
    people.merge_reissued()
    people.match_names([record for record in loose if record not in repaired])
    people.join_residue()
    clusters = {(record.source, record.fingerprint): str(record.entity) for record in records}
    moved = decide(clusters, decisions or Decisions())
    for record in records:
        record.entity, record.rule = moved.get((record.source, record.fingerprint), (record.entity, record.rule))
    return sorted((r.source, r.delivery, r.row, r.fingerprint, str(r.entity), r.rule) for r in records)


def read(rows: Iterable[Row]) -> list[Record]:
    ordered = sorted(rows, key=lambda row: [(row[c] is None, row[c] or "") for c in ROSTER_COLUMNS if c not in PLACE]
                     + [(False, row[c]) for c in PLACE])  # fmt: skip
    seen: Counter[str] = Counter()
    records = []
    for row in ordered:
        number = read_id(row["id_number"], row["flags"])
        name, written, unit = name_key(row["name"]), birth_key(row["birth"]), unit_key(row["unit"])
        place = _md5(f"{unit}|{row['unit_code'] or ''}")[:12]
        mark = "!" if number.body is None else "|"
        fingerprint = _md5(f"{place}{BITS[row['source']]}{written or ''}{mark}{number.plain}|{name}")
        seen[fingerprint] += 1
        if seen[fingerprint] > 1:
            fingerprint = f"{fingerprint}#{seen[fingerprint]}"
        records.append(
            Record(
                row["source"], row["delivery"], row["row"], fingerprint, number.plain, number.body, number.id18,
                number.flags, name, written, unit,
            )
        )  # fmt: skip
    return records


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


PLACE = ("delivery", "row")


def learn_homes(records: list[Record], groups: dict[int, list[Record]]) -> None:
    office = {r.unit for r in records if r.source == ESTABLISHMENT and r.unit}
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for group in groups.values():
        units = {r.unit for r in group if r.source == ESTABLISHMENT and r.unit}
        if len(units) == 1 and len({r.name for r in group}) == 1:
            for record in group:
                if record.source != ESTABLISHMENT and record.unit:
                    counts[record.source, record.unit].update(units)
    for record in records:
        if record.id_flags == ",rounded," and record.source != ESTABLISHMENT and record.unit:
            start = record.plain[:15]
            counts[record.source, record.unit].update(
                other.unit
                for other in records
                if other.source == ESTABLISHMENT
                and other.unit
                and other.body is not None
                and start.isdecimal()
                and other.body // 100 == int(start)
                and other.name == record.name
            )
    pooled: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, text), counted in counts.items():
        pooled[text].update(counted)
    for record in records:
        record.homes = homes_of(record, office, counts.get((record.source, record.unit), Counter()), pooled)


def homes_of(record: Record, office: set[str], own: Counter[str], pooled: dict[str, Counter[str]]) -> list[str]:
    """The 编办's units a text may mean, the likeliest first."""
    if not record.unit:
        return []
    if record.source == ESTABLISHMENT:
        return [record.unit]
    learned = [
        (home, people)
        for home, people in own.items()
        if people * 10 >= own.total() * 2 and (record.unit not in office or people >= 3 or home == record.unit)
    ]
    if record.unit in office and not any(people >= 3 or home == record.unit for home, people in own.items()):
        learned.append((record.unit, 0))
    if record.unit not in office and not own:
        everyone = pooled.get(record.unit, Counter())
        learned = [(home, 0) for home, people in everyone.items() if people * 10 >= everyone.total() * 2]
    return [home for home, _ in sorted(learned, key=lambda pair: (-pair[1], pair[0]))]


def settle_numbers(groups: dict[int, list[Record]]) -> list[Record]:
    """Give the rows of each number their person; returns those that have somebody else's number."""
    lost = []
    for body, group in groups.items():
        names = {r.name for r in group}
        if len(names) == 1:
            for record in group:
                record.entity, record.rule = f"I{body}", "ID_EXACT"
            continue
        persons = persons_of(body, group, names)
        for record in group:
            record.entity, record.rule = place_in(record, body, group, persons)
            if record.entity is None:
                lost.append(record)
    return lost


def persons_of(body: int, group: list[Record], names: set[str]) -> dict[str, str]:
    """Name → entity: of the name that leads, and of others that stand for a second person."""

    def rank(name: str) -> tuple[int, int, int, str]:
        same = [r for r in group if r.name == name]
        agreed = max(agreement(r.written, birth_of(body)) for r in same)
        return (0 if agreed > 0 else 1, -len({r.source for r in same}), -len(same), name)

    def sources(name: str) -> set[str]:
        return {r.source for r in group if r.name == name}

    lead = min(names, key=rank)
    persons = {lead: f"I{body}"}
    for name in names - {lead}:
        is_variant = is_near(lead, name) and not sources(name) & sources(lead)
        if len(sources(name)) >= 2 and not is_variant:
            persons[name] = f"I{body}#{name}"
    return persons


def is_near(left: str, right: str) -> bool:
    return cd(left, right) <= 1 or same_given(left, right)


def place_in(record: Record, body: int, group: list[Record], persons: dict[str, str]) -> tuple[str | None, str]:
    lead = next(iter(persons))
    if record.name in persons:
        return persons[record.name], "ID_EXACT" if record.name == lead else "ID_COLLISION"
    agreed = agreement(record.written, birth_of(body))
    choices = []
    for name, entity in persons.items():
        homes = {home for r in group if r.name == name for home in r.homes}
        at_home = bool(homes & set(record.homes))
        if is_near(name, record.name):
            if agreed > 0 or at_home or (agreed == 0 and not (homes and record.homes)):
                choices.append((0, name != lead, entity, "ID_NAMEVAR"))
        elif at_home and (agreed > 0 or (agreed == 0 and name[:1] == record.name[:1])):
            choices.append((1, name != lead, entity, "ID_UNIT"))
    return (min(choices)[2], min(choices)[3]) if choices else (None, "ALONE")


def repair(loose: list[Record], groups: dict[int, list[Record]]) -> list[Record]:
    done = []
    for record in loose:
        if record.id_flags not in (",checksum,", ",birth,") or len(record.plain) != 18:
            continue
        hits: dict[str, int] = {}
        for body in candidates(record.plain) & groups.keys():
            office = {r.unit for r in groups[body] if r.source == ESTABLISHMENT and r.unit}
            edges = {min(office), max(office)} if office else set()
            agreed = agreement(record.written, birth_of(body))
            at_home = bool(edges & set(record.homes))
            for entity, name in {(r.entity, entity_name(r.entity, groups[body])) for r in groups[body] if r.entity}:
                far = cd(record.name, name)
                if (far == 0 and (agreed >= PARTIAL or at_home)) or (
                    far == 1 and (agreed > 0 or (agreed == 0 and at_home))
                ):
                    hits[str(entity)] = min(far, hits.get(str(entity), 9))
        best = [entity for entity, far in hits.items() if far == min(hits.values())]
        if len(best) == 1:
            record.entity, record.rule = best[0], "ID_REPAIR"
            record.body = int(best[0][1:18].split("#")[0])
            done.append(record)
    return done


def entity_name(entity: str | None, group: list[Record]) -> str:
    """The name an entity goes by: not a variant of it."""
    return next(r.name for r in group if r.entity == entity and r.rule in ("ID_EXACT", "ID_COLLISION"))


class People:
    """Who some department lacks, and how their rows and the loose ones come together."""

    def __init__(
        self, records: list[Record], loose: list[Record], groups: dict[int, list[Record]], repaired: list[Record]
    ) -> None:
        present = {r.source for r in records}
        odd = {f"I{body}" for body, group in groups.items() if len({r.name for r in group}) > 1}
        whole = {
            f"I{body}"
            for body, group in groups.items()
            if {r.source for r in group} == present and f"I{body}" not in odd
        }
        self.members = [r for r in records if r.entity and r.entity not in whole]
        self.loose = {r.fingerprint for r in loose}

    def by_entity(self) -> dict[str, list[Record]]:
        entities = defaultdict(list)
        for record in self.members:
            entities[str(record.entity)].append(record)
        return entities

    def merge_reissued(self) -> None:
        alike = set()
        entities = self.by_entity()
        blocks = defaultdict(set)
        for entity, rows in entities.items():
            for row in rows:
                for home in row.homes:
                    blocks[row.name, home].add(entity)
        for (name, home), block in blocks.items():
            for left, right in combinations(sorted(block), 2):
                ours, theirs = ([r for r in entities[e] if r.name == name and home in r.homes] for e in (left, right))
                if apart(entities[left], entities[right]) and any(
                    agreement(a.birth, b.birth) > 0 for a in ours for b in theirs
                ):
                    alike.add((left, right))
        mentioned = Counter(entity for pair in alike for entity in pair)
        for kept, merged in alike:
            if mentioned[kept] == 1 and mentioned[merged] == 1:
                for record in entities[merged]:
                    record.entity, record.rule = kept, "ID_REISSUED"

    def match_names(self, unmatched: list[Record]) -> None:
        entities = self.by_entity()
        best = {}
        for record in unmatched:
            tiers: dict[int, set[str]] = defaultdict(set)
            for entity, rows in entities.items():
                for tier in self.tiers(record, rows):
                    tiers[tier].add(entity)
            if tiers and len(tiers[min(tiers)]) == 1:
                best[record.fingerprint] = (min(tiers), tiers[min(tiers)].pop(), record)
        claims: dict[tuple[str, str], list[tuple[int, Record]]] = defaultdict(list)
        for tier, entity, record in best.values():
            claims[entity, record.source].append((tier, record))
        for (entity, _), claimed in claims.items():
            first = min(tier for tier, _ in claimed)
            chosen = [record for tier, record in claimed if tier == first]
            if len({record.content for record in chosen}) == 1:
                for record in chosen:
                    record.entity = entity
                    record.rule = ("NAME_BIRTH_UNIT", "NAME_UNIT", "NAME_BIRTH")[first - 1]
        self.gather_numberless([record for record in unmatched if record.rule == "ALONE"])
        self.members += unmatched

    @staticmethod
    def tiers(record: Record, rows: list[Record]) -> set[int]:
        if not record.name or record.source in {r.source for r in rows}:
            return set()
        found = set()
        for row in rows:
            if row.name == record.name:
                agreed = agreement(record.written, row.birth)
                if set(row.homes) & set(record.homes) and agreed >= UNKNOWN:
                    found.add(1 if agreed > 0 else 2)
                if agreed == FULL:
                    found.add(3)
        return found

    @staticmethod
    def gather_numberless(remaining: list[Record]) -> None:
        together = defaultdict(list)
        for record in remaining:
            record.entity = f"L{record.content}"
            if record.homes and record.name:
                together[record.name, record.homes[0]].append(record)
        for rows in together.values():
            sources, contents = {r.source for r in rows}, {r.content for r in rows}
            months = {r.written // 100 for r in rows if r.written is not None}
            days = {r.written for r in rows if r.written is not None and r.written % 100}
            if len(sources) > 1 and len(contents) == len(sources) and len(months) < 2 and len(days) < 2:
                for record in rows:
                    record.entity, record.rule = f"L{min(r.fingerprint for r in rows)[:32]}", "NAME_UNIT"

    def join_residue(self) -> None:
        entities = self.by_entity()
        weighed = {
            (left, right): found
            for left, right in combinations(sorted(entities), 2)
            if (found := self.weigh(entities[left], entities[right])) is not None
        }
        best: dict[str, list[int]] = defaultdict(list)
        for (left, right), (weight, _) in weighed.items():
            best[left].append(weight)
            best[right].append(weight)
        for (left, right), (weight, is_clean) in weighed.items():
            only = all(best[e].count(weight) == 1 and weight == max(best[e]) for e in (left, right))
            if only and weight >= weights.AUTO and is_clean:
                for record in entities[right]:
                    record.entity, record.rule = left, "FUZZY"

    def weigh(self, left: list[Record], right: list[Record]) -> tuple[int, bool] | None:
        """The weight of a pair and whether nothing contradicts; None when it is not compared."""
        if not apart(left, right) or not (self.is_lonely(left) or self.is_lonely(right)):
            return None
        if not any(shares_block(a, b) for a in left for b in right):
            return None
        levels = [found for a in left for b in right if (found := self.levels(a, b, left, right)) is not None]
        if not levels:
            return None
        name, birth, home, number = min(levels, key=level_order)
        weight = weights.NAME[name] + weights.BIRTH[str(birth)] + weights.HOME[home] + weights.NUMBER[number]
        return weight, birth >= PARTIAL and number != "differs" and home != "other"

    def is_lonely(self, rows: list[Record]) -> bool:
        return len({r.source for r in rows}) == 1 or not self.is_sound(rows)

    def is_sound(self, rows: list[Record]) -> bool:
        return any(r.id18 is not None and r.fingerprint not in self.loose for r in rows)

    def levels(self, a: Record, b: Record, left: list[Record], right: list[Record]) -> tuple[str, int, str, str] | None:
        if not a.name or not b.name:
            return None
        far, given = cd(a.name, b.name), same_given(a.name, b.name)
        shorter = min(len(a.name), len(b.name))
        if far > 1 and not given:
            return None
        name = "same" if far == 0 else "near" if far == 1 and shorter > 2 else "given" if given else "near_short"
        home = "unknown" if not (a.homes and b.homes) else "same" if set(a.homes) & set(b.homes) else "other"
        return name, agreement(a.birth, b.birth), home, self.number_level(left, right)

    def number_level(self, left: list[Record], right: list[Record]) -> str:
        ours, theirs = self.numbers(left), self.numbers(right)
        same = sum(x == y for x, y in zip(ours, theirs, strict=True)) if ours and theirs else 0
        if self.is_sound(left) and self.is_sound(right):
            return "differs" if same < 18 else "none"
        if same >= 14:
            return "near"
        starts = self.starts(left), self.starts(right)
        return "first_digits" if starts[0] is not None and starts[0] == starts[1] else "none"

    def numbers(self, rows: list[Record]) -> str:
        texts = [
            r.plain if r.fingerprint in self.loose else str(r.id18)
            for r in rows
            if (len(r.plain) == 18 if r.fingerprint in self.loose else r.id18 is not None)
        ]
        return max(texts, default="")

    def starts(self, rows: list[Record]) -> str | None:
        texts = [r.plain[:15] for r in rows if r.fingerprint in self.loose and r.id_flags == ",rounded,"]
        texts += [str(r.id18)[:15] for r in rows if r.fingerprint not in self.loose and r.id18 is not None]
        return max(texts, default=None)


def apart(left: list[Record], right: list[Record]) -> bool:
    return not {r.source for r in left} & {r.source for r in right}


def shares_block(a: Record, b: Record) -> bool:
    if not a.name or not b.name:
        return False
    at_home = bool(set(a.homes) & set(b.homes))
    same_surname = a.name[0] == b.name[0]
    same_birth = a.birth is not None and a.birth == b.birth and a.birth % 100 > 0
    same_rest = a.name[1:] == b.name[1:]
    return (same_surname and (at_home or same_birth)) or (at_home and same_rest and len(a.name) > 1)


def level_order(levels: tuple[str, int, str, str]) -> tuple[int, int, int, str]:
    name, birth, home, number = levels
    names = {"same": 4, "near": 3, "given": 2, "near_short": 1}
    homes = {"same": 2, "unknown": 1, "other": 0}
    return -names[name], -homes[home], -birth, number


assert MONTH < FULL
assert set(DEPARTMENT_CODES) >= {ESTABLISHMENT}
