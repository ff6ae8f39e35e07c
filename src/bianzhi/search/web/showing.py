"""Results as the template shows them: marked pieces, names of kinds and units, links that narrow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bianzhi.fulltext.documents import Hit, Passage
from bianzhi.fulltext.syntax import parse, words_in
from bianzhi.search import sources
from bianzhi.search.selectors.searching import PAGE_SIZE, Found
from bianzhi.search.web.asking import Asked


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, marked or not."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One result."""

    title: list[Piece]
    snippet: list[Piece]
    url: str
    icon: str
    kind: str
    subtitle: str
    units: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by."""

    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A facet with its values."""

    label: str
    choices: list[Choice]


def rows(found: Found, asked: Asked) -> list[Row]:
    """The hits of a page."""
    question = longest_word(asked.text)
    return [_row(hit, found.unit_names, question) for hit in found.hits]


def narrowings(found: Found, asked: Asked) -> list[Narrowing]:
    """The facets, each value with the link that chooses it or lets it go."""
    return [
        Narrowing(
            facet.label,
            [
                Choice(value.label, value.count, f"?{asked.toggled(facet.key, value.value)}", value.is_chosen)
                for value in facet.values
            ],
        )
        for facet in found.facets
    ]


def page_links(found: Found, asked: Asked) -> Mapping[str, Any]:
    """Where the pages before and after are, and how many there are."""
    last = max(1, -(-found.total // PAGE_SIZE))
    return {
        "number": asked.page,
        "last": last,
        "previous": f"?{asked.query(page=asked.page - 1)}" if asked.page > 1 else "",
        "next": f"?{asked.query(page=asked.page + 1)}" if asked.page < last else "",
    }


def longest_word(text: str) -> str:
    """What a page image is to mark: the longest word asked for."""
    return max((word.typed for word in words_in(parse(text))), key=len, default="")


def pieces(passage: Passage) -> Iterator[Piece]:
    """A passage cut at its marks."""
    at = 0
    for start, end in passage.spans:
        if start > at:
            yield Piece(passage.text[at:start], is_marked=False)
        yield Piece(passage.text[start:end], is_marked=True)
        at = end
    if at < len(passage.text):
        yield Piece(passage.text[at:], is_marked=False)


def _row(hit: Hit, unit_names: Mapping[int, str], question: str) -> Row:
    source = sources.source(hit.kind)
    url = hit.url
    if hit.page is not None and question:
        url += ("&" if "?" in url else "?") + urlencode({"q": question})
    names = [unit_names[int(unit)] for unit in hit.units if int(unit) in unit_names]
    return Row(
        title=list(pieces(hit.title)),
        snippet=list(pieces(hit.snippet)) if hit.snippet.spans or hit.page is not None else [],
        url=url,
        icon=source.icon,
        kind=source.label,
        subtitle=hit.subtitle,
        units=[name for name in names if name != hit.title.text],
    )
