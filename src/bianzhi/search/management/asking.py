"""Searching from the command line: without the server and without a worker, so index and changes are seen to here."""

from collections.abc import Callable
from typing import Any

from bianzhi.fulltext.documents import Hit
from bianzhi.search import engine
from bianzhi.search.jobs.changes import apply_waiting
from bianzhi.search.jobs.rebuilding import rebuild
from bianzhi.search.selectors.searching import Found, Wish, find

Say = Callable[[str], object]


def ready(say: Say) -> None:
    """Build the index where there is none, then put into it what waits. Raises IndexBusy."""
    if not engine.backend().exists():
        say("检索索引尚未建立，正在建立……")
        say(f"检索索引已建立，共 {rebuild(lambda done, total, message: None)} 条。")
    while apply_waiting():
        pass


def answer(user: Any, wish: Wish) -> dict[str, Any]:
    """What was found, as plain data for JSON. Raises IndexMissing."""
    found = find(user, wish)
    return {
        "query": wish.text,
        "total": found.total,
        "page": wish.page,
        "hits": [_plain(hit, found) for hit in found.hits],
        "facets": {
            facet.key: [{"value": one.value, "label": one.label, "count": one.count} for one in facet.values]
            for facet in found.facets
        },
    }


def _plain(hit: Hit, found: Found) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "key": hit.key,
        "title": hit.title.text,
        "subtitle": hit.subtitle,
        "numbers": list(hit.numbers),
        "page": hit.page,
        "units": [found.unit_names[int(unit)] for unit in hit.units if int(unit) in found.unit_names],
        "year": hit.year,
        "retention": hit.retention,
        "snippet": hit.snippet.text,
        "marks": [list(span) for span in hit.snippet.spans],
        "url": hit.url,
    }
