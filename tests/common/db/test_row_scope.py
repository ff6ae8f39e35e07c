"""Whose rows the database shows: with one's own, somebody else's, and nobody's scope, whatever the application asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from bianzhi.common.db import row_scope
from bianzhi.common.db.row_scope import NOTHING, SYSTEM, Asked, RowScope, acting, beyond_scope
from bianzhi.config.row_scope import scope_of_request
from bianzhi.personnel.models import Occupancy, Person

pytestmark = pytest.mark.django_db


def units(*organizations: Any) -> RowScope:
    return RowScope("units", 1, units=tuple(one.pk for one in organizations), users=(1,))


def names() -> set[str]:
    """What a view would show that forgot every filter."""
    return {person.name for person in Person.objects.all()}


def text(answer: Any) -> str:
    """What was sent."""
    return str(answer.content.decode())


class User:
    """Somebody logged in whose scope the test says."""

    is_authenticated = True


def request_of(scope: RowScope, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("bianzhi.config.row_scope.scope_of", lambda user: scope)
    request = RequestFactory().get("/")
    request.user = User()  # type: ignore[assignment]
    return request


@pytest.fixture
def people(cast) -> dict[str, str]:
    """One person of the bureau and one of the school: their names."""
    there = {"bureau": cast.member(cast.bureau), "school": cast.member(cast.school, "B5")}
    return {unit: stay.person.name for unit, stay in there.items()}


# --- what is shown -----------------------------------------------------------------------------------------------


def test_a_view_that_forgets_the_filter_shows_the_own_units_people_only(cast, people, behind_the_wall, monkeypatch):
    view = scope_of_request(lambda request: HttpResponse(",".join(names())))
    assert text(view(request_of(units(cast.bureau), monkeypatch))) == people["bureau"]
    assert text(view(request_of(units(cast.school), monkeypatch))) == people["school"]


def test_the_next_user_of_the_same_connection_sees_nothing_of_the_one_before(
    cast, people, behind_the_wall, monkeypatch
):
    view = scope_of_request(lambda request: HttpResponse(",".join(names())))
    before = connection.connection
    view(request_of(units(cast.bureau), monkeypatch))
    with acting(NOTHING):
        assert names() == set()
    assert text(view(request_of(units(cast.school), monkeypatch))) == people["school"]
    assert connection.connection is before


def test_without_a_scope_nothing_is_shown(people, behind_the_wall):
    with acting(NOTHING):
        assert (Person.objects.count(), Occupancy.objects.count()) == (0, 0)


def test_a_session_that_was_told_nothing_at_all_is_shown_nothing(people, behind_the_wall):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM personnel_person")
        cursor.connection.execute("RESET bianzhi.scope")
        assert cursor.connection.execute("SELECT count(*) FROM personnel_person").fetchone() == (0,)


def test_the_whole_district_and_the_system_see_everybody(people, behind_the_wall):
    for scope in (RowScope("all", 1), SYSTEM):
        with acting(scope):
            assert names() == set(people.values())


def test_a_stay_elsewhere_is_seen_of_somebody_who_is_here(cast, behind_the_wall):
    stay = cast.member(cast.bureau)
    with acting(units(cast.bureau)):
        assert list(Occupancy.objects.values_list("pk", flat=True)) == [stay.pk]
    with acting(units(cast.school)):
        assert not Occupancy.objects.exists()


def test_a_row_of_another_unit_can_be_neither_written_nor_moved_there(cast, people, behind_the_wall):
    with acting(units(cast.bureau)):
        stay = Occupancy.objects.get()
        assert Occupancy.objects.filter(organization=cast.school).update(exit_destination="别处") == 0
        stay.pk, stay.organization, stay.person_id = None, cast.school, stay.person_id + 1
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            stay.save(force_insert=True)


# --- staying true ------------------------------------------------------------------------------------------------


def fails_elsewhere(school: Any, expected: set[str]) -> None:
    """A block of its own, under another scope, which the server takes back."""
    with transaction.atomic(), acting(units(school)):
        assert names() == expected
        raise ZeroDivisionError


def test_what_was_told_inside_a_block_that_failed_is_told_again(cast, people, behind_the_wall):
    with acting(units(cast.bureau)):
        assert names() == {people["bureau"]}
        with pytest.raises(ZeroDivisionError):
            fails_elsewhere(cast.school, {people["school"]})
        assert names() == {people["bureau"]}


def test_after_an_error_of_the_server_the_scope_is_still_the_own(cast, people, behind_the_wall):
    with acting(units(cast.bureau)):
        with pytest.raises(DatabaseError), transaction.atomic(), beyond_scope("identity"):
            Person.objects.extra(where=["no_such_column"]).exists()
        assert names() == {people["bureau"]}


def test_a_savepoint_kept_inside_keeps_nothing_of_its_scope(cast, people, behind_the_wall):
    with acting(units(cast.bureau)):
        with transaction.atomic(), acting(units(cast.school)):
            assert names() == {people["school"]}
        assert names() == {people["bureau"]}


def test_going_back_to_a_point_of_a_wider_scope_does_not_bring_that_scope_back(cast, people, behind_the_wall):
    with acting(SYSTEM):
        point = transaction.savepoint()
    with acting(units(cast.bureau)):
        assert names() == {people["bureau"]}
        transaction.savepoint_rollback(point)
        assert names() == {people["bureau"]}


def test_a_transaction_taken_back_does_not_bring_the_scope_before_it_back(db):
    if connection.vendor != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    other: Any = connection.copy()
    try:
        with acting(SYSTEM):
            other.ensure_connection()
            other.is_bound = True
            assert told(other) == "system"
        with acting(RowScope("all", 1)):
            other.set_autocommit(False)
            assert told(other) == "all"
            other.rollback()
            assert told(other) == "all"
            other.rollback()
    finally:
        other.close()


def told(other: Any) -> str:
    """What the server believes when a statement reaches it."""
    with other.cursor() as cursor:
        cursor.execute("SELECT current_setting('bianzhi.scope')")
        return str(cursor.fetchone()[0])


def test_the_check_of_a_kept_connection_wipes_whom_it_served(cast, people, behind_the_wall):
    with acting(units(cast.bureau)):
        assert names() == {people["bureau"]}
    assert connection.is_usable()
    kept = connection.connection.execute("SELECT current_setting('bianzhi.scope'), current_setting('bianzhi.units')")
    assert kept.fetchone() == ("", "{}")


def test_nothing_is_told_before_a_transaction_says_what_kind_it_is(cast, people, behind_the_wall):
    """PostgreSQL takes that statement as the first one only."""

    def swallow(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> None:
        assert str(statement).startswith("SET TRANSACTION")

    with acting(NOTHING):
        assert names() == set()
    with acting(units(cast.bureau)), connection.execute_wrapper(swallow), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        kept = connection.connection.execute("SELECT current_setting('bianzhi.scope')").fetchone()
    assert kept == ("",)


def test_a_streamed_answer_is_made_under_the_scope_of_its_request(cast, people, behind_the_wall, monkeypatch):
    def lines():
        yield ",".join(names())
        with acting(NOTHING):
            pass
        yield ",".join(names())

    view = scope_of_request(lambda request: StreamingHttpResponse(lines()))
    answer: Any = view(request_of(units(cast.bureau), monkeypatch))
    with acting(units(cast.school)):
        assert b"|".join(answer.streaming_content).decode() == "|".join([people["bureau"]] * 2)
        assert names() == {people["school"]}


def test_a_request_that_fails_leaves_no_scope_behind(cast, people, behind_the_wall, monkeypatch):
    def fails(request: Any) -> HttpResponse:
        assert names() == {people["bureau"]}
        raise RuntimeError

    with acting(NOTHING):
        with pytest.raises(RuntimeError):
            scope_of_request(fails)(request_of(units(cast.bureau), monkeypatch))
        assert names() == set()


def test_a_thread_begins_without_the_scope_of_the_one_that_started_it(monkeypatch):
    monkeypatch.setattr(row_scope, "_current", type(row_scope._current)("fresh", default=NOTHING))
    with acting(SYSTEM), ThreadPoolExecutor(1) as pool:
        assert pool.submit(row_scope.wanted).result() == NOTHING
        assert row_scope.wanted() == SYSTEM


def test_finding_out_a_scope_shows_nothing_meanwhile(people, behind_the_wall):
    seen: list[set[str]] = []

    def ask() -> RowScope:
        seen.append(names())
        return SYSTEM

    with acting(Asked(ask)):
        assert names() == set(people.values())
        assert names() == set(people.values())
    assert seen == [set()]


def test_whoever_looks_further_says_why():
    with pytest.raises(KeyError), beyond_scope("because"):
        pass
