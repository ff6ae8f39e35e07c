"""The peer: SQLite FTS5 over the same pairs of characters, contentless, with the unit of each page beside it."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from benchmarks.search_data import BenchPage, Question
from bianzhi.fulltext.units import pairs_of, units_of, words_of


class Fts5:
    """An index of bigrams in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.executescript(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;
            CREATE TABLE page (id INTEGER PRIMARY KEY, unit INTEGER);
            CREATE VIRTUAL TABLE words USING fts5(pairs, content = '', tokenize = "unicode61 tokenchars '~_'");
            """
        )

    def build(self, pages: Iterable[BenchPage]) -> None:
        """Write everything in one transaction."""
        with self._connection:
            for page in pages:
                self._connection.execute("INSERT INTO page VALUES (?, ?)", (page.key, page.unit))
                tokens = " ".join(pairs_of(units_of(f"{page.title}\n{page.text}")))
                self._connection.execute("INSERT INTO words (rowid, pairs) VALUES (?, ?)", (page.key, tokens))
        self._connection.execute("CREATE INDEX page_unit ON page (unit)")

    def top_ten(self, question: Question, units: frozenset[int] | None) -> int:
        """The ten best and how many there are, as a page of results needs them."""
        match, limit, values = _match(question), *_limit(units)
        source = f"FROM words JOIN page ON page.id = words.rowid WHERE words MATCH ? {limit}"
        self._connection.execute(f"SELECT page.id {source} ORDER BY rank LIMIT 10", (match, *values)).fetchall()
        return int(self._connection.execute(f"SELECT count(*) {source}", (match, *values)).fetchone()[0])


def _match(question: Question) -> str:
    parts = []
    for word in question.words:
        units = words_of(word)
        parts.append(f'"{units[0]}" *' if len(units) == 1 else '"' + " ".join(pairs_of(units)) + '"')
    return " AND ".join(parts)


def _limit(units: frozenset[int] | None) -> tuple[str, list[int]]:
    if units is None:
        return "", []
    return f"AND page.unit IN ({', '.join('?' * len(units))})", sorted(units)
