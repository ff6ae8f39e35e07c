"""What of persons may be looked at whole, beside the ID number, which has a page of its own."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from bianzhi.disclosure import revealables
from bianzhi.kernel import clock
from bianzhi.personnel.models import Person
from bianzhi.personnel.selectors.people import visible_persons


def register() -> None:
    """Tell the disclosure app; called once, in `AppConfig.ready`."""
    revealables.register(
        revealables.Revealable(
            kind="phone", label="联系电话", model="personnel.person", field="phone", find=_person, back=_page
        )
    )


def _person(user: Any, pk: int) -> Person:
    return get_object_or_404(visible_persons(user, clock.today()), pk=pk)


def _page(person: Person) -> str:
    return reverse("personnel:person", args=[person.pk])
