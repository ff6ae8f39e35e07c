"""Pages behind the second wall: the platform's own role, every address of a unit's clerk, and a filter left out.

`BIANZHI_TEST_WALL=1` runs the page matrix itself, and any other test, as that role; `./bianzhi test --all` does.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bianzhi.common.db.row_scope import acting
from bianzhi.config.row_scope import scope_of
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.personnel.models.persons import PersonQuerySet
from tests.walk.addresses import addresses
from tests.walk.district import TODAY, District

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),  # the district is loaded first, on a busy machine as well
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's"),
]


@pytest.fixture
def behind(district: District, behind_the_wall: Any) -> District:
    return district


@pytest.fixture
def no_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote the pages of people forgot the filter."""
    monkeypatch.setattr(PersonQuerySet, "visible_to", lambda self, user, day=None: self.all())


def answers(client: Client, district: District) -> list[tuple[str, int]]:
    """What every address answers."""
    paths = [(str(address), address.path(district.whose)) for address in addresses()]
    return [(name, status_of(client.get(path))) for name, path in paths if path is not None]


def status_of(answer: Any) -> int:
    """The status; a file on its way is read to its end, which closes it."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def test_every_page_of_a_units_clerk_answers_as_without_the_wall(district: District, request):
    open_ = answers(district.client("unit_clerk"), district)
    request.getfixturevalue("behind_the_wall")
    walled = answers(district.client("unit_clerk"), district)
    assert [(one, other) for one, other in zip(open_, walled, strict=True) if one != other] == []


def test_a_roster_whose_filter_was_forgotten_lists_the_own_units_people_only(behind: District, no_filters):
    elsewhere = Occupancy.objects.as_of(TODAY).exclude(organization=behind.own).select_related("person")
    stranger = next(stay.person for stay in elsewhere if not stay.person.occupancies.filter(organization=behind.own))
    for role, seen in (("office_clerk", True), ("unit_clerk", False)):
        page = behind.client(role).get("/personnel/people/", {"q": stranger.name}).content.decode()
        assert (f"/personnel/people/{stranger.pk}/" in page) is seen
        assert behind.client(role).get(f"/personnel/people/{stranger.pk}/").status_code == (200 if seen else 404)


def test_an_export_whose_filter_was_forgotten_holds_the_own_units_people_only(behind: District, no_filters):
    own = set(Person.objects.filter(occupancies__organization=behind.own).values_list("name", flat=True))
    answer = behind.client("unit_clerk").get("/personnel/people/?export=csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    others = set(Person.objects.exclude(name__in=own).values_list("name", flat=True))
    assert any(name in text for name in own)
    assert [name for name in others if len(name) > 2 and name in text] == []


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_an_administrator_is_shown_no_unit_s_people_even_where_a_page_forgets(behind: District, no_filters, role):
    with acting(scope_of(behind.users[role])):
        assert (Person.objects.count(), Occupancy.objects.count()) == (0, 0)
        assert Organization.objects.exists()
