"""Entries of the sources as docs of the index, and the tokens of access both sides use."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from bianzhi.fulltext.documents import Doc
from bianzhi.kernel.masking import mask_numbers
from bianzhi.kernel.pinyin import initials, organisation_pinyin
from bianzhi.search import sources
from bianzhi.search.sources import Entry, Source


def subject_of(kind: str, pk: int) -> str:
    """What the index calls a thing."""
    return f"{kind}:{pk}"


def docs_of(source: Source, ids: Sequence[int]) -> dict[str, list[Doc]]:
    """The docs of things by subject; of a thing that is not to be found any more an empty list."""
    docs: dict[str, list[Doc]] = {subject_of(source.kind, pk): [] for pk in ids}
    for entry in source.entries(ids):
        docs.setdefault(entry.subject, []).append(_doc(source.kind, entry))
    return docs


def tokens_of(user: Any) -> frozenset[str]:
    """Everything by which a user finds anything: only of kinds for which the permission is held."""
    return frozenset(token for source in offered_to(user) for token in _named(source.kind, source.tokens(user)))


def offered_to(user: Any) -> Iterator[Source]:
    """The kinds a user may look for."""
    return (source for source in sources.sources() if user.can(source.permission))


def _named(kind: str, tokens: Iterable[str]) -> Iterator[str]:
    return (f"{kind}|{token}" for token in tokens)


def _doc(kind: str, entry: Entry) -> Doc:
    """Whole ID and telephone numbers go into no index: what shows one whole is an audited act of its own."""
    title = mask_numbers(entry.title)
    return Doc(
        key=entry.key,
        subject=entry.subject,
        kind=kind,
        title=title,
        body=mask_numbers(entry.body),
        subtitle=mask_numbers(entry.subtitle),
        url=entry.url,
        access=tuple(_named(kind, entry.access)),
        page=entry.page,
        numbers=_masked(entry.numbers),
        units=tuple(str(pk) for pk in entry.units),
        persons=_masked(entry.persons),
        year=entry.year,
        retention=entry.retention,
        day=None if entry.dated_on is None else _number(entry.dated_on),
        initials=() if entry.page is not None else entry.initials or (initials(organisation_pinyin(title)),),
        extra={name: mask_numbers(value) for name, value in entry.extra.items()},
    )


def _masked(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(mask_numbers(text) for text in texts)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
