"""Plans and filters in the query language of OpenSearch."""

from collections.abc import Iterable
from typing import Any

from bianzhi.fulltext.plan import AtLeast, Clause, Excluding, Liked, Misspelt, Phrase, Prefix, Term

Json = dict[str, Any]


def whole(clause: Clause | None, access: frozenset[str], filters: Iterable[tuple[str, tuple[str, ...]]]) -> Json:
    """What is found of what may be found: tokens of access and filters are a part of the query itself."""
    limits = [("access", tuple(sorted(access))), *filters]
    main = {"match_all": {}} if clause is None else translated(clause)
    return {"bool": {"must": [main], "filter": [{"terms": {field: list(values)}} for field, values in limits]}}


def translated(clause: Clause, boost: float = 1.0) -> Json:
    """One part of a plan."""
    if isinstance(clause, Term):
        return {"term": {clause.field: {"value": clause.value, "boost": boost}}}
    if isinstance(clause, Prefix):
        return {"prefix": {clause.field: {"value": clause.value}}}
    if isinstance(clause, Misspelt):
        return {"fuzzy": {clause.field: {"value": clause.value, "fuzziness": 1}}}
    if isinstance(clause, Phrase):
        return _phrase(clause, boost)
    if isinstance(clause, AtLeast):
        parts = [translated(part) for part in clause.parts]
        return {"bool": {"should": parts, "minimum_should_match": clause.count}}
    if isinstance(clause, Liked):
        better = [translated(part, factor) for part, factor in clause.better]
        return {"bool": {"must": [translated(clause.part)], "should": better}}
    return _excluding(clause)


def _phrase(phrase: Phrase, boost: float) -> Json:
    words = {"query": " ".join(phrase.pairs), "analyzer": "whitespace", "boost": boost}
    if phrase.is_open:
        return {"match_phrase_prefix": {phrase.field: {**words, "max_expansions": 10_000}}}
    return {"match_phrase": {phrase.field: words}}


def _excluding(clause: Excluding) -> Json:
    main = {"match_all": {}} if clause.part is None else translated(clause.part)
    return {"bool": {"must": [main], "must_not": [translated(part) for part in clause.without]}}
