"""Filters of the personnel lists that depend on the shown day."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.lists import ChoiceFilter, DateRangeFilter, LookupFilter
from bianzhi.common.web.lists.filters import FilterProblem, Rows
from bianzhi.kernel.identifiers.id_number import parse_id_number
from bianzhi.kernel.names import person_name_key
from bianzhi.kernel.retirement import YearMonth
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.personnel.models import Person
from bianzhi.personnel.selectors.retirement_filter import retiring_between


@dataclass(frozen=True, kw_only=True)
class DayChoiceFilter(ChoiceFilter):
    """A choice whose meaning depends on the shown day."""

    by_day: Callable[[Rows, Any, date], Rows]
    narrow: Any = ""

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        bound = replace(self, narrow=lambda found, value: self.by_day(found, value, request.as_of))
        return ChoiceFilter.apply(bound, rows, request)


@dataclass(frozen=True, kw_only=True)
class UnitFilter(LookupFilter):
    """A unit with everything below it, supervised units included, by the tree of the shown day."""

    lookup: str = "organization"
    narrow: Any = ""
    field: str = "organization_id"

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        tree = OrganizationTree.as_of(request.as_of)

        def narrow(found: Rows, unit: Any) -> Rows:
            return found.filter(**{f"{self.field}__in": {unit.pk, *tree.descendants(unit.pk, supervised=True)}})

        return LookupFilter.apply(replace(self, narrow=narrow), rows, request)


@dataclass(frozen=True, kw_only=True)
class RetiringFilter(DateRangeFilter):
    """Months of retirement from … to …, both included, a year as a whole."""

    field: str = ""

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        first, last = (self._written(request, name) for name in self.names)
        begin = YearMonth(1900, 1) if first is None else YearMonth.of(first.day)
        end = YearMonth(2200, 1) if last is None else YearMonth.of(last.last_day)
        return rows.filter(retiring_between(begin, end), valid_to__isnull=True)


def named(rows: Rows, text: str, *, prefix: str = "person__") -> Rows:
    """Persons by a part of the name, the beginning of the 拼音首字母, or the whole ID number."""
    for word in text.split():
        try:
            known = Person.objects.with_id_number(parse_id_number(word).value)
            rows = rows.filter(**{f"{prefix}pk__in": known.values("pk")})
        except ValueError:
            condition = Q(**{f"{prefix}name_folded__contains": person_name_key(word)})
            if word.isascii():
                condition |= Q(**{f"{prefix}name_initials__startswith": word.lower()})
            rows = rows.filter(condition)
    return rows


def by_id_number(rows: Rows, text: str) -> Rows:
    """The one person with exactly this number; a part of a number finds nobody and says so."""
    try:
        number = parse_id_number(text).value
    except ValueError as error:
        raise FilterProblem(f"筛选条件“身份证号”：{error}。须填写完整号码。") from error
    return rows.filter(person__in=Person.objects.with_id_number(number))
