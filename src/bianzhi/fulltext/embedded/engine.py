"""The embedded engine: builds side by side in one folder, a pointer to the one in use, locks for writers.

<root>/current          name of the build in use, replaced at once
<root>/builds/<name>/   one index each; unfinished ones are cleared away by the next build
<root>/*.lock           held by the process that writes, and by the one that builds
"""

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tantivy import Index, IndexWriter, Order, Query, Searcher

from bianzhi.fulltext.backend import EngineDown, IndexMissing, Writer
from bianzhi.fulltext.documents import Doc, Hit, Request, Results, Suggestion
from bianzhi.fulltext.embedded.schema import VERSION, document, open_index
from bianzhi.fulltext.embedded.translating import Translator, filters_of
from bianzhi.fulltext.hits import hit, suggestions
from bianzhi.fulltext.locking import only_one
from bianzhi.fulltext.plan import Clause, plan, plan_suggestion
from bianzhi.fulltext.syntax import parse, words_in
from bianzhi.fulltext.tokens import from_json

HEAP: Final = 64_000_000
WAIT: Final = 20.0
MORE: Final = 6
"""Of so many times the suggestions wanted, those with different titles are taken."""


class TantivyWriter:
    """Changes to one index; see `backend.Writer`."""

    def __init__(self, index: Index, *, is_new: bool = False) -> None:
        self._writer: IndexWriter = index.writer(HEAP, 1)
        self.is_new = is_new
        """Whether nothing can be in the place of what is added."""

    def replace(self, subject: str, docs: Iterable[Doc]) -> int:
        """Put these in the place of everything of a subject."""
        rows = list(docs)
        with _told():
            if not self.is_new:
                self._writer.delete_documents_by_term("subject", subject)
            for doc in rows:
                self._writer.add_document(document(doc))
        return len(rows)

    def commit(self) -> None:
        """Let readers see what was written."""
        with _told():
            self._writer.commit()

    def close(self) -> None:
        """Give the lock of the folder back; what was not committed is gone."""
        with _told():
            self._writer.rollback()
            self._writer.wait_merging_threads()


class TantivyBuild:
    """A new index beside the one in use; see `backend.Build`."""

    def __init__(self, backend: "TantivyBackend", folder: Path, writer: TantivyWriter) -> None:
        self._backend = backend
        self._folder = folder
        self._writer = writer
        self.is_in_use = False

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    @property
    def writer(self) -> Writer:
        """Its writer."""
        return self._writer

    def switch(self, catch_up: Callable[[Writer], None]) -> None:
        """Catch up and take the place of the old index, while nobody else writes."""
        self._writer.commit()
        self._writer.is_new = False
        with self._backend.locked():
            catch_up(self._writer)
            self._writer.commit()
            with _told():
                self._backend.point_to(self._folder.name)
            self.is_in_use = True


class TantivyBackend:
    """An index of Tantivy in a folder; see `backend.SearchBackend`."""

    name = "tantivy"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opening = threading.Lock()
        self._opened: Index | None = None
        self._seen: tuple[str, int] = ("", 0)

    def exists(self) -> bool:
        """Whether there is an index this version can read."""
        try:
            self._index()
        except IndexMissing:
            return False
        return True

    def count(self) -> int:
        """Docs in the index."""
        return int(self._index().searcher().num_docs)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Change the index in use; one process at a time."""
        with self.locked():
            folder = self._folder_in_use()
            try:
                changes = TantivyWriter(open_index(str(folder)))
            except (ValueError, OSError) as error:
                raise IndexMissing(str(folder)) from error
            try:
                yield changes
            finally:
                changes.close()

    @contextmanager
    def build(self) -> Iterator[TantivyBuild]:
        """Build anew beside the index in use; one process at a time."""
        with only_one(self._root / "build.lock"):
            self._clear_away()
            folder = self._root / "builds" / f"v{VERSION}-{secrets.token_hex(6)}"
            with _told():
                folder.mkdir(parents=True)
                build = TantivyBuild(self, folder, TantivyWriter(open_index(str(folder), is_new=True), is_new=True))
            try:
                yield build
            finally:
                build._writer.close()
                self._clear_away()

    def search(self, request: Request) -> Results:
        """Answer a reader."""
        with _told():
            return self._answer(request)

    def _answer(self, request: Request) -> Results:
        node = parse(request.text)
        if not request.access or (node is None and request.text.strip()):
            return Results(0)
        index = self._index()
        searcher, translator = index.searcher(), Translator(index.schema)
        clause = None if node is None else plan(node, is_fuzzy=request.is_fuzzy)
        query = translator.whole(clause, request.access, filters_of(request))
        total, found = self._found(searcher, query, request)
        words = list(words_in(node))
        hits: tuple[Hit, ...] = tuple(
            hit(_kept(searcher, address), score, words, is_fuzzy=request.is_fuzzy) for score, address in found
        )
        return Results(total, hits, _facets(searcher, query, request) if total else {})

    def suggest(self, text: str, *, access: frozenset[str], limit: int = 8) -> list[Suggestion]:
        """Titles and numbers that begin like what has been typed."""
        clause = plan_suggestion(text)
        if clause is None or not access:
            return []
        with _told():
            return self._suggestions(clause, access, limit)

    def _suggestions(self, clause: Clause, access: frozenset[str], limit: int) -> list[Suggestion]:
        index = self._index()
        searcher, translator = index.searcher(), Translator(index.schema)
        query = translator.records_only(translator.whole(clause, access, ()))
        found = searcher.search(query, limit * MORE, count=False).hits
        return suggestions([_kept(searcher, address) for _, address in found], limit)

    def locked(self) -> Any:
        """Be the only writer of the index in use. Raises IndexBusy."""
        return only_one(self._root / "writer.lock", wait=WAIT)

    def point_to(self, name: str) -> None:
        """Let every reader use a build from now on."""
        fresh = self._root / f"current.{secrets.token_hex(4)}"
        with fresh.open("w", encoding="utf-8") as pointer:
            pointer.write(name)
            pointer.flush()
            os.fsync(pointer.fileno())
        fresh.replace(self._root / "current")

    @staticmethod
    def _found(searcher: Searcher, query: Query, request: Request) -> tuple[int, list[tuple[float, Any]]]:
        by_day = {} if request.order == "score" else {"order_by_field": "day"}
        order = Order.Asc if request.order == "oldest" else Order.Desc
        limit = max(request.limit, 1)
        found = searcher.search(query, limit, count=True, offset=request.offset, order=order, **by_day)
        hits = [(float(score or 0), address) for score, address in found.hits]
        return int(found.count or 0), hits[: request.limit]  # type: ignore[attr-defined]

    def _index(self) -> Index:
        """The index in use as it is now: another process may have written to it, or put another in its place."""
        folder = self._folder_in_use()
        try:
            seen = (folder.name, (folder / "meta.json").stat().st_mtime_ns)
            with self._opening:
                if self._opened is None or seen[0] != self._seen[0]:
                    self._opened = open_index(str(folder))
                    self._opened.config_reader("manual")
                if seen != self._seen:
                    self._opened.reload()
                    self._seen = seen
                return self._opened
        except (ValueError, OSError) as error:
            self._opened, self._seen = None, ("", 0)
            raise IndexMissing(str(folder)) from error

    def _folder_in_use(self) -> Path:
        try:
            name = (self._root / "current").read_text("utf-8").strip()
        except OSError as error:
            raise IndexMissing(str(self._root)) from error
        if not name.startswith(f"v{VERSION}-") or "/" in name:
            raise IndexMissing(f"{name}: of another version")
        return self._root / "builds" / name

    def _clear_away(self) -> None:
        """Remove builds that are not in use: their makers are gone, for only one builds at a time."""
        try:
            in_use = self._folder_in_use().name
        except IndexMissing:
            in_use = ""
        for folder in (self._root / "builds").glob("*"):
            if folder.name != in_use:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what Tantivy and the disk fail at as the engine's failure."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise EngineDown(f"{type(error).__name__}: {error}") from error


def _kept(searcher: Searcher, address: Any) -> dict[str, Any]:
    return from_json(searcher.doc(address).get_first("kept") or b"{}")


def _facets(searcher: Searcher, query: Query, request: Request) -> dict[str, tuple[tuple[str, int], ...]]:
    if not request.facets:
        return {}
    asked = {name: {"terms": {"field": name, "size": request.facet_size}} for name in request.facets}
    answered = searcher.aggregate(query, asked)
    return {
        name: tuple((str(bucket["key"]), int(bucket["doc_count"])) for bucket in answered[name]["buckets"])
        for name in request.facets
    }
