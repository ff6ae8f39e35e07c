"""No reader finds, counts, is offered or is shown what is not theirs: every role against every kind of question."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from bianzhi.fulltext.documents import Request
from bianzhi.search import engine, sources
from bianzhi.search.entries import tokens_of
from bianzhi.search.selectors.searching import Found, Wish, find, suggest
from tests.search.conftest import World, at_desk
from tests.search.visible import visible_keys

pytestmark = pytest.mark.django_db
SECRETS = ("芝麻开门", "琥珀色封皮", "不宜公开", "朱砂印")


def everything(user: Any, **wish: Any) -> Found:
    return find(user, Wish(size=5000, **wish))


def test_each_role_finds_exactly_what_the_rules_of_the_apps_let_it_see(world: World):
    for name, user in world.users.items():
        found = {hit.key for hit in everything(user).hits}
        assert found == visible_keys(user), name


def test_the_words_of_foreign_records_are_found_by_their_readers_only(world: World):
    readers = {
        secret: {name for name, user in world.users.items() if everything(user, text=secret).total}
        for secret in SECRETS
    }
    office = {"office_clerk", "other_clerk", "deputy", "director", "supervision", "secretary", "archivist"}
    assert readers["芝麻开门"] == office | {"outsider"}
    assert readers["琥珀色封皮"] == office | {"outsider", "clerk"}
    assert readers["不宜公开"] == office
    assert readers["朱砂印"] == {"archivist"}


@pytest.mark.parametrize("rounds", [6, pytest.param(400, marks=pytest.mark.slow)])
def test_no_question_of_any_role_leads_beyond_what_it_may_see(world: World, rounds: int):
    chance = random.Random(rounds)
    texts, urls = _texts_and_urls(world)
    units = world.cast.bureau.pk, world.cast.audit_office.pk, world.cast.school.pk, 999_999
    for name, user in world.users.items():
        visible = visible_keys(user)
        allowed = {url for key, url in urls if key in visible}
        for _ in range(rounds):
            wish = _wish(chance, texts, units)
            found = everything(user, **wish)
            keys = [hit.key for hit in found.hits]
            assert set(keys) <= visible, (name, wish)
            assert found.total == len(keys), (name, wish)
            _check_facets(user, found, (name, wish))
            typed = wish["text"][: chance.randint(1, 6)]
            assert {one.url for one in suggest(user, typed)} <= allowed, (name, typed)


def _check_facets(user: Any, found: Found, told: Any) -> None:
    """Every count is a count of the hits themselves, and no unit is named that the reader may not see."""
    counted = {facet.key: {one.value: one.count for one in facet.values if one.count} for facet in found.facets}
    assert counted.get("kind", {}) == dict(Counter(hit.kind for hit in found.hits)), told
    years = Counter(str(hit.year) for hit in found.hits if hit.year is not None)
    assert all(years[value] == count for value, count in counted.get("year", {}).items()), told
    shown = {int(value) for value in counted.get("units", {})}
    assert shown == set(sources.unit_names(user, shown)), told


def _wish(chance: random.Random, texts: list[str], units: tuple[int, ...]) -> dict[str, Any]:
    pieces = []
    for _ in range(chance.randint(1, 2)):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        pieces.append(text[start : start + chance.randint(1, 6)].strip() or "局")
    text = chance.choice([" ", " 或 ", " 非 ", " -", "* "]).join(pieces)
    filters: dict[str, tuple[str, ...]] = {}
    if chance.random() < 0.3:
        filters["units"] = (str(chance.choice(units)),)
    if chance.random() < 0.2:
        filters["kind"] = (chance.choice(["archives.item", "personnel.person", "ledger.entry"]),)
    return {"text": text, "filters": filters, "is_fuzzy": chance.random() < 0.3}


def _texts_and_urls(world: World) -> tuple[list[str], list[tuple[str, str]]]:
    """Titles, numbers and words of everything, foreign or not, and where each entry leads."""
    director = world.users["archivist"]
    access = tokens_of(director) | tokens_of(world.users["director"])
    hits = engine.backend().search(Request(access=access, limit=5000)).hits
    texts = [text for hit in hits for text in (hit.title.text, hit.snippet.text, *hit.numbers) if text]
    return texts, [(hit.key, hit.url) for hit in hits]


def test_narrowing_by_a_foreign_unit_gives_nothing_away(world: World):
    foreign = str(world.cast.audit_office.pk)
    clerk = world.users["clerk"]
    assert everything(clerk, filters={"units": (foreign,)}).total == 0
    assert everything(world.users["outsider"], filters={"units": (foreign,)}).total > 0


def test_no_id_number_is_in_the_index(world: World):
    from bianzhi.personnel.models import Person

    for person in Person.objects.all():
        assert everything(world.users["director"], text=person.id_number).total == 0
        assert everything(world.users["director"], text=f"{person.id_number[:10]}*").total == 0


def test_the_pages_say_nothing_of_foreign_records(world: World):
    client = at_desk(world.users["clerk"])
    for secret in ("芝麻开门", "不宜公开", "领导职数的批复"):
        page = client.get("/search/", {"q": secret}).content.decode()
        assert "共找到 0 项" in page
        assert client.get("/search/suggest/", {"q": secret}).json() == {"suggestions": []}
