"""Keeping the index as the store is: the entries of what has changed are put in the place of the old ones."""

from collections.abc import Iterable, Sequence
from typing import Final

from bianzhi.fulltext.backend import Writer
from bianzhi.search import engine, sources
from bianzhi.search.entries import docs_of

BATCH: Final = 200


def refresh(kind: str, ids: Iterable[int]) -> int:
    """Put some things into the index as they are now; returns the number of entries.

    Raises IndexMissing where none is built, IndexBusy when another process keeps on writing.
    """
    with engine.backend().writer() as writer:
        count = write(writer, kind, sorted(set(ids)))
        writer.commit()
    return count


def write(writer: Writer, kind: str, ids: Sequence[int]) -> int:
    """Write the entries of some things without committing. A kind nobody registers any more has none."""
    known = {source.kind: source for source in sources.sources()}
    if kind not in known:
        return 0
    count = 0
    for start in range(0, len(ids), BATCH):
        for subject, docs in docs_of(known[kind], ids[start : start + BATCH]).items():
            count += writer.replace(subject, docs)
    return count
