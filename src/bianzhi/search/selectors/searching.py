"""Finding: what a user may find of what they ask for, counted, narrowed and marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.fulltext.documents import FACETS, Hit, Order, Request, Results, Suggestion
from bianzhi.search import engine, sources
from bianzhi.search.entries import offered_to, tokens_of

PAGE_SIZE: Final = 20
LAST_PAGE: Final = 500
FACET_LABELS: Final[dict[str, str]] = {
    "kind": "种类",
    "units": "单位",
    "year": "年度",
    "retention": "保管期限",
    "persons": "人员",
}
RETENTIONS: Final[dict[str, str]] = {"Y": "永久", "D30": "30年", "D10": "10年"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as it comes from a page, a command or a saved search."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] | None = None
    is_fuzzy: bool = False
    order: Order = "score"
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value results fall under, how it is called, how many they are."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way of narrowing."""

    key: str
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results."""

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    unit_names: Mapping[int, str]


def find(user: Any, wish: Wish) -> Found:
    """A page of what the user may find. Raises IndexMissing.

    Narrowing by a unit the user may not see finds nothing: its connection with a visible record is not given away.
    """
    chosen = {key: values for key, values in (wish.filters or {}).items() if key in FACETS and values}
    units = sources.unit_names(user, _keys(chosen.get("units", ())))
    if "units" in chosen:
        chosen["units"] = tuple(value for value in chosen["units"] if value in {str(pk) for pk in units})
        if not chosen["units"]:
            return Found(0, (), (), {})
    request = Request(
        text=wish.text,
        access=tokens_of(user),
        filters=chosen,
        is_fuzzy=wish.is_fuzzy,
        order=wish.order,
        offset=(min(max(wish.page, 1), LAST_PAGE) - 1) * wish.size,
        limit=wish.size,
        facets=FACETS,
    )
    results = engine.backend().search(request)
    named = [*results.facets.get("units", ()), *((unit, 0) for hit in results.hits for unit in hit.units)]
    names = units | sources.unit_names(user, _keys([value for value, _ in named]))
    return Found(results.total, results.hits, _facets(results, chosen, names, user), names)


def suggest(user: Any, text: str, limit: int = 8) -> list[Suggestion]:
    """How what is being typed may go on. Raises IndexMissing."""
    return engine.backend().suggest(text, access=tokens_of(user), limit=limit)


def _facets(
    results: Results, chosen: Mapping[str, tuple[str, ...]], units: Mapping[int, str], user: Any
) -> tuple[Facet, ...]:
    labels: dict[str, Mapping[str, str]] = {
        "kind": {source.kind: source.label for source in offered_to(user)},
        "units": {str(pk): name for pk, name in units.items()},
        "retention": RETENTIONS,
    }
    made = (
        Facet(key, FACET_LABELS[key], _values(results.facets.get(key, ()), chosen.get(key, ()), labels.get(key)))
        for key in FACETS
    )
    return tuple(facet for facet in made if facet.values)


def _values(
    counted: Sequence[tuple[str, int]], chosen: Sequence[str], labels: Mapping[str, str] | None
) -> tuple[FacetValue, ...]:
    values = [
        FacetValue(value, labels[value] if labels is not None else value, count, value in chosen)
        for value, count in counted
        if labels is None or value in labels
    ]
    absent = [
        FacetValue(value, labels[value] if labels is not None else value, 0, True)
        for value in chosen
        if value not in dict(counted) and (labels is None or value in labels)
    ]
    return (*values, *absent)


def _keys(values: Sequence[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
