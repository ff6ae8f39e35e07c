"""Filters above a list. Each reads its own parameters, narrows the rows and says in words what it does."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from bianzhi.common.web import lookups
from bianzhi.common.web.access import PageRequest
from bianzhi.kernel.dates import DateError, WrittenDate, parse_date

Rows = QuerySet[Any]
Narrow = str | Callable[[Rows, Any], Rows]


class FilterProblem(ValueError):
    """A filter value nobody can use; the message is for the reader, and the list shows no rows rather than all."""


@dataclass(frozen=True, slots=True)
class Control:
    """What the template draws for a filter."""

    kind: str
    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    values: frozenset[str] = frozenset()
    url: str = ""
    value_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """One filter; `more` puts it behind 更多筛选."""

    key: str
    label: str
    more: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters the filter reads."""
        return (self.key,)

    def is_used(self, request: PageRequest) -> bool:
        """Whether the reader has set it."""
        return any(text.strip() for name in self.names for text in request.GET.getlist(name))

    @abstractmethod
    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        """The rows it lets through; only called when it is used. Raises FilterProblem."""

    @abstractmethod
    def words(self, request: PageRequest) -> str:
        """What it is set to, for the sheet of an export."""

    @abstractmethod
    def controls(self, request: PageRequest) -> list[Control]:
        """What to draw."""

    def _text(self, request: PageRequest) -> str:
        return request.GET.get(self.key, "").strip()


def _narrow(rows: Rows, how: Narrow, value: Any) -> Rows:
    return rows.filter(**{how: value}) if isinstance(how, str) else how(rows, value)


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """One of a few values. `choices` may depend on the user; `narrow` is a lookup or a function of rows and value."""

    choices: Iterable[tuple[str, str]] | Callable[[PageRequest], Iterable[tuple[str, str]]]
    narrow: Narrow
    multiple: bool = False

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        wanted = self._wanted(request)
        unknown = [value for value in wanted if value not in dict(self._options(request))]
        if unknown:
            raise FilterProblem(f"筛选条件“{self.label}”没有“{unknown[0]}”这一项，请重新选择。")
        return _narrow(rows, self.narrow, wanted if self.multiple else wanted[0])

    def words(self, request: PageRequest) -> str:
        labels = dict(self._options(request))
        return f"{self.label}：{'、'.join(labels.get(value, value) for value in self._wanted(request))}"

    def controls(self, request: PageRequest) -> list[Control]:
        wanted = self._wanted(request)
        kind = "choices" if self.multiple else "choice"
        value = wanted[0] if wanted else ""
        return [Control(kind, self.key, self.label, value, self._options(request), frozenset(wanted))]

    def _wanted(self, request: PageRequest) -> list[str]:
        return [value for value in request.GET.getlist(self.key) if value]

    def _options(self, request: PageRequest) -> tuple[tuple[str, str], ...]:
        found = self.choices(request) if callable(self.choices) else self.choices
        return tuple((str(value), label) for value, label in found)


@dataclass(frozen=True, kw_only=True)
class TextFilter(Filter):
    """Part of a text; `narrow` is a lookup such as "number__icontains" or a function."""

    narrow: Narrow

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        return _narrow(rows, self.narrow, self._text(request))

    def words(self, request: PageRequest) -> str:
        return f"{self.label}：{self._text(request)}"

    def controls(self, request: PageRequest) -> list[Control]:
        return [Control("text", self.key, self.label, self._text(request))]


@dataclass(frozen=True, kw_only=True)
class DateRangeFilter(Filter):
    """Days from … to …, both included; reads KEY_from and KEY_to in any usual writing, a month or a year as a whole."""

    field: str
    is_moment: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        first, last = (self._written(request, name) for name in self.names)
        if first is not None:
            rows = rows.filter(**{self._lookup("gte"): first.day})
        if last is not None:
            rows = rows.filter(**{self._lookup("lt"): last.last_day + timedelta(days=1)})
        return rows

    def words(self, request: PageRequest) -> str:
        first, last = (request.GET.get(name, "").strip() or "不限" for name in self.names)
        return f"{self.label}：{first} 至 {last}"

    def controls(self, request: PageRequest) -> list[Control]:
        return [
            Control("date", name, f"{self.label}{suffix}", request.GET.get(name, "").strip())
            for name, suffix in zip(self.names, ("（起）", "（止）"), strict=True)
        ]

    def _lookup(self, comparison: str) -> str:
        return f"{self.field}__date__{comparison}" if self.is_moment else f"{self.field}__{comparison}"

    def _written(self, request: PageRequest, name: str) -> WrittenDate | None:
        try:
            return parse_date(request.GET.get(name, ""))
        except DateError as error:
            raise FilterProblem(f"筛选条件“{self.label}”：{error}。") from error


@dataclass(frozen=True, kw_only=True)
class LookupFilter(Filter):
    """One of many things, found by typing (an organisation); `lookup` is a registered `lookups.Lookup`."""

    lookup: str
    narrow: Narrow

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        found = self._found(request)
        if found is None:
            raise FilterProblem(f"筛选条件“{self.label}”：没有找到“{self._text(request)}”，或者它不在您的管理范围内。")
        return _narrow(rows, self.narrow, found)

    def words(self, request: PageRequest) -> str:
        return f"{self.label}：{self._label(request)}"

    def controls(self, request: PageRequest) -> list[Control]:
        text = self._text(request)
        label = self._label(request) if text else ""
        url = lookups.url_of(self.lookup)
        return [Control("lookup", self.key, self.label, text, url=url, value_label=label)]

    def _found(self, request: PageRequest) -> Any:
        return lookups.find(self.lookup).get(request.user, self._text(request))

    def _label(self, request: PageRequest) -> str:
        found = self._found(request)
        return self._text(request) if found is None else lookups.find(self.lookup).label(found)
