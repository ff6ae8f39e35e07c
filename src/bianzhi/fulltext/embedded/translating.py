"""Plans and filters as Tantivy queries."""

from collections.abc import Iterable
from typing import Final

from tantivy import Occur, Query, Schema

from bianzhi.fulltext.documents import Request
from bianzhi.fulltext.plan import AtLeast, Clause, Excluding, Liked, Misspelt, Phrase, Prefix, Term
from bianzhi.fulltext.units import covering

_SPECIAL: Final = frozenset("\\.+*?()|[]{}^$#&-~")


class Translator:
    """Translates for one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def whole(
        self, clause: Clause | None, access: frozenset[str], filters: Iterable[tuple[str, tuple[str, ...]]]
    ) -> Query:
        """What is found of what may be found: tokens of access and filters are a part of the query itself."""
        limits = [("access", tuple(sorted(access))), *filters]
        parts = [(Occur.Must, self._limit(field, values)) for field, values in limits]
        main = Query.all_query() if clause is None else self.clause(clause)
        return Query.boolean_query([(Occur.Must, main), *parts])

    def records_only(self, query: Query) -> Query:
        """Without pages of records."""
        whole_records = Query.const_score_query(Query.term_query(self._schema, "is_page", 0), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, whole_records)])

    def clause(self, clause: Clause) -> Query:
        """One part of a plan."""
        if isinstance(clause, Term):
            return Query.term_query(self._schema, clause.field, clause.value, "freq")
        if isinstance(clause, Prefix):
            return Query.regex_query(self._schema, clause.field, f"{_literal(clause.value)}.*")
        if isinstance(clause, Misspelt):
            return Query.fuzzy_term_query(self._schema, clause.field, clause.value)
        if isinstance(clause, Phrase):
            return self._phrase(clause)
        if isinstance(clause, AtLeast):
            return self._at_least(clause)
        if isinstance(clause, Liked):
            better = [(Occur.Should, Query.boost_query(self.clause(part), boost)) for part, boost in clause.better]
            return Query.boolean_query([(Occur.Must, self.clause(clause.part)), *better])
        return self._excluding(clause)

    def _limit(self, field: str, values: tuple[str, ...]) -> Query:
        if len(values) == 1:
            found = Query.term_query(self._schema, field, values[0], "basic")
        else:
            found = Query.term_set_query(self._schema, field, values)
        return Query.const_score_query(found, 0.0)

    def _phrase(self, phrase: Phrase) -> Query:
        places = covering(len(phrase.pairs) + 1)
        words: list[str | tuple[int, str]] = [(place, phrase.pairs[place]) for place in places]
        if not phrase.is_open:
            return Query.phrase_query(self._schema, phrase.field, words)
        last = len(phrase.pairs) - 1
        patterns: list[str | tuple[int, str]] = [
            (place, _literal(phrase.pairs[place]) + (".*" if place == last else "")) for place in places
        ]
        return Query.regex_phrase_query(self._schema, phrase.field, patterns)

    def _at_least(self, clause: AtLeast) -> Query:
        if clause.count == len(clause.parts):
            return Query.boolean_query([(Occur.Must, self.clause(part)) for part in clause.parts])
        parts = [(Occur.Should, self.clause(part)) for part in clause.parts]
        return Query.boolean_query(parts, minimum_number_should_match=clause.count)

    def _excluding(self, clause: Excluding) -> Query:
        main = Query.all_query() if clause.part is None else self.clause(clause.part)
        without = [(Occur.MustNot, self.clause(part)) for part in clause.without]
        return Query.boolean_query([(Occur.Must, main), *without])


def filters_of(request: Request) -> list[tuple[str, tuple[str, ...]]]:
    """The filters that say something."""
    return [(field, values) for field, values in sorted(request.filters.items()) if values]


def _literal(text: str) -> str:
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)
