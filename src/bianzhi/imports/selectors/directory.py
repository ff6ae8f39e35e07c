"""Which registered unit a file means: by code, credit code, or any name the unit has ever been known by."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from bianzhi.imports.rules.unit_types import without_area
from bianzhi.kernel.names import organisation_name_key
from bianzhi.organizations.models import Nameplate, OrganizationAlias, OrganizationVersion
from bianzhi.organizations.models.periods import PeriodQuerySet

OWN, FORMER, SHORT, NAMEPLATE, ALIAS = "全称", "曾用名", "简称", "加挂牌子", "别名"
NEAREST_SCORE = 0.45


@dataclass(frozen=True, slots=True)
class Unit:
    """A registered unit as it stands on the day of the directory, or as it stood last."""

    id: int
    code: str
    uscc: str
    name: str
    short_name: str
    parent_id: int | None
    supervising_id: int | None
    org_type: str
    institution_class: str
    nature: str
    rank: str
    funding_form: str
    tier: str
    is_grouping: bool
    since: date
    until: date | None
    first_day: date

    def is_there(self, day: date) -> bool:
        """Whether the version read holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a name: the unit and by which of its names, or the several it may be."""

    unit: Unit | None = None
    by: str = ""
    candidates: tuple[Unit, ...] = ()


@dataclass(slots=True)
class UnitDirectory:
    """Every unit with all its names, read once for a whole file."""

    day: date
    units: dict[int, Unit] = field(default_factory=dict)
    _names: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _by_code: dict[str, int] = field(default_factory=dict)
    _by_uscc: dict[str, int] = field(default_factory=dict)
    _dated: dict[str, list[tuple[int, date, date | None]]] = field(default_factory=lambda: defaultdict(list))
    _grams: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, day: date) -> Self:
        """Read units, former names, nameplates and aliases (three queries)."""
        directory = cls(day)
        directory._read_versions()
        plates: PeriodQuerySet[Nameplate] = Nameplate.objects.current()
        directory._also_called(NAMEPLATE, plates.values_list("organization_id", "name"))
        aliases = OrganizationAlias.objects.filter(withdrawn_at__isnull=True)
        directory._also_called(ALIAS, aliases.values_list("organization_id", "name"))
        return directory

    def find(self, name: str, *, code: str = "", uscc: str = "", under: str = "", day: date | None = None) -> Found:
        """The unit meant. `under` (a superior's name) tells units of one name apart; `day` asks who bore it then."""
        by_code = self._by_uscc.get(uscc) if uscc else self._by_code.get(code) if code else None
        if by_code is not None:
            return Found(self.units[by_code], "代码")
        key = organisation_name_key(name)
        if day is not None:
            then = {pk for pk, start, end in self._dated.get(key, ()) if start <= day and (end is None or day < end)}
            if len(then) == 1:
                return Found(self.units[then.pop()], OWN)
        for names in (OWN, FORMER, NAMEPLATE, ALIAS, SHORT):
            called = [self.units[pk] for pk, by in self._names.get(key, {}).items() if by == names]
            if len(called) > 1:
                called = self._narrowed(called, under)
            if len(called) == 1:
                return Found(called[0], names)
            if called:
                return Found(candidates=tuple(called))
        return Found()

    def nearest(self, name: str, limit: int = 3) -> list[str]:
        """Names most like one that is not known, best first; pairs of neighbouring characters are compared."""
        if not self._grams:
            for unit in self.units.values():
                if not unit.is_grouping:
                    for gram in _grams(unit.name):
                        self._grams.setdefault(gram, set()).add(unit.id)
        wanted = _grams(name)
        shared = Counter(pk for gram in wanted for pk in self._grams.get(gram, ()))
        scored = [
            (2 * count / (len(wanted) + len(_grams(self.units[pk].name)) or 1), self.units[pk].name)
            for pk, count in shared.most_common(40)
        ]
        return [text for score, text in sorted(scored, reverse=True)[:limit] if score >= NEAREST_SCORE]

    def all_names(self) -> set[str]:
        """Comparison keys of every name anybody goes by."""
        return set(self._names)

    def path(self, unit: Unit) -> str:
        """Its superior's name, to tell it apart."""
        above = self.units.get(unit.supervising_id or unit.parent_id or 0)
        return f"{unit.name}（{above.name}）" if above else unit.name

    def _narrowed(self, units: list[Unit], under: str) -> list[Unit]:
        there = [unit for unit in units if unit.is_there(self.day)] or units
        if len(there) == 1 or not under:
            return there
        key = organisation_name_key(under)
        close = [unit for unit in there if key in {organisation_name_key(above.name) for above in self._above(unit)}]
        return close or there

    def _above(self, unit: Unit) -> Iterator[Unit]:
        seen: set[int] = set()
        pending = [unit.supervising_id, unit.parent_id]
        while pending:
            above = self.units.get(pending.pop() or 0)
            if above is not None and above.id not in seen:
                seen.add(above.id)
                yield above
                pending += [above.supervising_id, above.parent_id]

    def _read_versions(self) -> None:
        rows = (
            OrganizationVersion.objects.filter(superseded_at__isnull=True)
            .order_by("organization_id", "valid_from")
            .values_list(
                "organization_id", "organization__code", "organization__uscc", "name", "short_name", "parent_id",
                "supervising_department_id", "org_type", "institution_class", "nature", "rank", "funding_form", "tier",
                "is_grouping", "valid_from", "valid_to",
            )
        )  # fmt: skip
        first: dict[int, date] = {}
        for row in rows.iterator(chunk_size=2000):
            since = row[14]
            unit = Unit(*row, first_day=first.setdefault(row[0], since))
            if since <= self.day or unit.id not in self.units:
                self.units[unit.id] = unit
            key = organisation_name_key(unit.name)
            self._dated[key].append((unit.id, since, unit.until))
            self._names[key].setdefault(unit.id, FORMER)
        for unit in self.units.values():
            self._names[organisation_name_key(unit.name)][unit.id] = OWN
            for short in (unit.short_name, without_area(unit.name)):
                if short:
                    self._names[organisation_name_key(short)].setdefault(unit.id, SHORT)
            self._by_code[unit.code] = unit.id
            if unit.uscc:
                self._by_uscc[unit.uscc] = unit.id

    def _also_called(self, by: str, rows: Iterable[tuple[int, str]]) -> None:
        for organization_id, name in rows:
            if organization_id in self.units:
                self._names[organisation_name_key(name)].setdefault(organization_id, by)


def _grams(name: str) -> set[str]:
    key = organisation_name_key(name)
    return {key[index : index + 2] for index in range(len(key) - 1)} or {key}
