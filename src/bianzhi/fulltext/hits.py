"""Hits as readers see them, made of what the index kept."""

from typing import Any

from bianzhi.fulltext.documents import Hit, Suggestion
from bianzhi.fulltext.passages import marked, passage
from bianzhi.fulltext.syntax import Word


def hit(kept: dict[str, Any], score: float, words: list[Word], *, is_fuzzy: bool) -> Hit:
    """One hit with its title and a passage of its text marked."""
    return Hit(
        key=kept["key"],
        subject=kept["subject"],
        kind=kept["kind"],
        title=marked(kept.get("title", ""), words, is_fuzzy=is_fuzzy),
        snippet=passage(kept.get("body", ""), words, is_fuzzy=is_fuzzy),
        url=kept["url"],
        subtitle=kept.get("subtitle", ""),
        page=kept.get("page"),
        numbers=tuple(kept.get("numbers", ())),
        units=tuple(kept.get("units", ())),
        year=kept.get("year"),
        day=kept.get("day"),
        retention=kept.get("retention", ""),
        extra=dict(kept.get("extra", {})),
        score=score,
    )


def suggestions(found: list[dict[str, Any]], limit: int) -> list[Suggestion]:
    """Different titles, in the order found."""
    chosen: dict[tuple[str, str], Suggestion] = {}
    for kept in found:
        suggestion = Suggestion(kept.get("title", ""), kept["kind"], kept["url"], kept.get("subtitle", ""))
        chosen.setdefault((suggestion.title, suggestion.subtitle), suggestion)
    return list(chosen.values())[:limit]
