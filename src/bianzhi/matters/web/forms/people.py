"""Choosing a person: of the applying unit, or, by the whole name or number, of any unit of the district."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.forms import LookupWidget
from bianzhi.common.web.lookups import Option, key_in
from bianzhi.kernel.identifiers.id_number import parse_id_number
from bianzhi.kernel.names import person_name_key
from bianzhi.personnel.models import Engagement, Occupancy, Person
from bianzhi.personnel.web.filters import named
from bianzhi.personnel.web.finding import places_of


@dataclass(frozen=True, slots=True)
class People:
    """Whom a field may name on a day: those of one unit, or (no unit) anyone who is known by the whole name."""

    day: date
    organization_id: int | None = None

    def all(self) -> QuerySet[Person]:
        """Everybody on quota there, and the people beside the quota."""
        on_quota, engaged = Occupancy.objects.as_of(self.day), Engagement.objects.as_of(self.day)
        if self.organization_id is not None:
            on_quota = on_quota.filter(organization=self.organization_id)
            engaged = engaged.filter(organization=self.organization_id)
        return Person.objects.filter(Q(pk__in=on_quota.values("person_id")) | Q(pk__in=engaged.values("person_id")))

    @beyond_scope("naming")
    def found(self, text: str, limit: int) -> list[Person]:
        """A unit's people by a part of the name; people of the district by the whole name or the whole number only."""
        if self.organization_id is not None:
            return list(named(self.all(), text, prefix="").order_by("name_initials", "pk")[:limit])
        return list(self._exact(text)[:limit])

    @beyond_scope("naming")
    def one(self, text: str) -> list[Person]:
        """Who is meant by an option's value or a whole name: nobody, one, or the first two of several."""
        key = key_in(text) if len(text) < 15 else None
        if key is not None:
            return list(self.all().filter(pk=key))
        return list(self._exact(text)[:2])

    def _exact(self, text: str) -> QuerySet[Person]:
        try:
            return self.all().filter(pk__in=Person.objects.with_id_number(parse_id_number(text).value).values("pk"))
        except ValueError:
            return self.all().filter(name_folded=person_name_key(text)) if text.strip() else Person.objects.none()

    def options(self, text: str, limit: int) -> Iterator[Option]:
        """What the searching control offers."""
        found = self.found(text, limit)
        with beyond_scope("naming"):
            places = places_of(found, self.day)
        for person in found:
            yield Option(str(person.pk), person.name, f"{person.born_on:%Y.%m} 出生　{places[person.pk]}")


class PersonWidget(LookupWidget):
    """The searching control, asking at an address of the case."""

    def __init__(self, url: str) -> None:
        super().__init__("person")
        self.url = url
        self.attrs["placeholder"] = "输入姓名或拼音首字母"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-lookup"] = self.url
        return context


class PersonField(forms.CharField):
    """One person: an option, or the whole name where nobody else bears it. Gives the person."""

    widget: PersonWidget

    def __init__(self, *, people: People, url: str, **kwargs: Any) -> None:
        self.people = people
        super().__init__(widget=PersonWidget(url), max_length=200, **kwargs)
        self.widget.label_of = self.label_for

    def __deepcopy__(self, memo: dict[int, Any]) -> "PersonField":
        copied: PersonField = super().__deepcopy__(memo)
        copied.widget.label_of = copied.label_for
        return copied

    def label_for(self, value: Any) -> str:
        """The name shown for a kept key; what was typed where it is none."""
        found = self.people.one(str(value))
        return found[0].name if len(found) == 1 else str(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value if value is None else str(getattr(value, "pk", value)))
        if not text:
            return None
        found = self.people.one(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(f"有不止一位“{text}”，请从列表中选择。")
        where = "本单位" if self.people.organization_id is not None else "在册人员中"
        raise ValidationError(f"{where}没有“{text}”。请从列表中选择，或输入完整姓名。")
