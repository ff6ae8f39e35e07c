"""The engine on a server: an alias for the index in use, builds under names of their own.

Writers of all processes take turns: what a thing is has to be read and written by one before the next reads it, or
the older of two states, with access that was since withdrawn, could be the last one written. The lock is given from
outside, for the server has none.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from opensearchpy import NotFoundError, OpenSearch, OpenSearchException
from opensearchpy.helpers import bulk

from bianzhi.fulltext.backend import EngineDown, IndexMissing, Writer
from bianzhi.fulltext.documents import Doc, Request, Results, Suggestion
from bianzhi.fulltext.hits import hit, suggestions
from bianzhi.fulltext.plan import plan, plan_suggestion
from bianzhi.fulltext.server.mapping import BODY, source_of
from bianzhi.fulltext.server.translating import whole
from bianzhi.fulltext.syntax import parse, words_in
from bianzhi.fulltext.tokens import from_json

ALIAS: Final = "bianzhi-search-v1"
AT_ONCE: Final = 1_000
SUBJECTS: Final = 200
"""Docs, and things whose docs are replaced, that are sent in one go: a server takes questions of limited size."""
WAIT: Final = 20.0
"""Seconds a writer waits for the one before it."""
MORE: Final = 6

Lock = Callable[[float], AbstractContextManager[None]]
"""Makes the holder the only writer among all processes; waits so many seconds, then raises IndexBusy."""


class OpenSearchWriter:
    """Changes to one index; see `backend.Writer`."""

    def __init__(self, client: OpenSearch, index: str, *, is_new: bool = False) -> None:
        self._client = client
        self._index = index
        self._docs: dict[str, list[Doc]] = {}
        self._waiting = 0
        self.is_new = is_new
        """Whether nothing can be in the place of what is added."""

    def replace(self, subject: str, docs: Iterable[Doc]) -> int:
        """Put these in the place of everything of a subject."""
        self._docs[subject] = list(docs)
        self._waiting += len(self._docs[subject])
        count = len(self._docs[subject])
        if self._waiting >= AT_ONCE or len(self._docs) >= SUBJECTS:
            self._send()
        return count

    def commit(self) -> None:
        """Write what waits and let readers see it."""
        self._send()
        self._client.indices.refresh(index=self._index)

    def _send(self) -> None:
        """Write the new docs over the old and remove what is left of the old."""
        subjects, docs = list(self._docs), [doc for some in self._docs.values() for doc in some]
        self._docs, self._waiting = {}, 0
        bulk(self._client, ({"_index": self._index, "_id": doc.key, "_source": source_of(doc)} for doc in docs))
        if self.is_new or not subjects:
            return
        self._client.indices.refresh(index=self._index)
        keys = [doc.key for doc in docs]
        left = {"bool": {"filter": [{"terms": {"subject": subjects}}], "must_not": [{"terms": {"key": keys}}]}}
        self._client.delete_by_query(index=self._index, body={"query": left}, conflicts="proceed")


class OpenSearchBuild:
    """A new index beside the one in use; see `backend.Build`."""

    def __init__(self, client: OpenSearch, index: str, lock: Lock) -> None:
        self._client = client
        self._lock = lock
        self._writer = OpenSearchWriter(client, index, is_new=True)
        self.place = index
        self.is_in_use = False

    @property
    def writer(self) -> Writer:
        """Its writer."""
        return self._writer

    def switch(self, catch_up: Callable[[Writer], None]) -> None:
        """Catch up and take the place of the old index, while nobody else writes."""
        self._writer.commit()
        self._writer.is_new = False
        with self._lock(WAIT):
            catch_up(self._writer)
            self._writer.commit()
            self._take_the_place()

    def _take_the_place(self) -> None:
        old = _indices_in_use(self._client)
        actions = [{"remove": {"index": index, "alias": ALIAS}} for index in old]
        self._client.indices.update_aliases(
            body={"actions": [*actions, {"add": {"index": self.place, "alias": ALIAS}}]}
        )
        self.is_in_use = True
        for index in old:
            self._client.indices.delete(index=index)


class OpenSearchBackend:
    """An index on a server; see `backend.SearchBackend`."""

    name = "opensearch"

    def __init__(self, client: OpenSearch, lock: Lock) -> None:
        self._client = client
        self._lock = lock

    @classmethod
    def at(cls, url: str, lock: Lock) -> "OpenSearchBackend":
        """The server at an address; user and password may be part of it."""
        return cls(OpenSearch(hosts=[url], timeout=30), lock)

    def exists(self) -> bool:
        """Whether the alias names an index."""
        with _told():
            return bool(_indices_in_use(self._client))

    def count(self) -> int:
        """Docs in the index."""
        with _told():
            return int(self._client.count(index=ALIAS)["count"])

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Change the index in use; one process at a time."""
        with _told(), self._lock(0.0):
            if not self.exists():
                raise IndexMissing(ALIAS)
            yield OpenSearchWriter(self._client, ALIAS)

    @contextmanager
    def build(self) -> Iterator[OpenSearchBuild]:
        """Build anew beside the index in use."""
        index = f"{ALIAS}-{secrets.token_hex(6)}"
        with _told():
            self._client.indices.create(index=index, body=BODY)
            build = OpenSearchBuild(self._client, index, self._lock)
            try:
                yield build
            finally:
                if not build.is_in_use:
                    self._client.indices.delete(index=index)

    def search(self, request: Request) -> Results:
        """Answer a reader."""
        node = parse(request.text)
        if not request.access or (node is None and request.text.strip()):
            return Results(0)
        clause = None if node is None else plan(node, is_fuzzy=request.is_fuzzy)
        filters = [(field, values) for field, values in sorted(request.filters.items()) if values]
        body: dict[str, Any] = {
            "query": whole(clause, request.access, filters),
            "from": request.offset,
            "size": request.limit,
            "track_total_hits": True,
            "_source": ["kept"],
            "aggs": {name: {"terms": {"field": name, "size": request.facet_size}} for name in request.facets},
        }
        if request.order != "score":
            body["sort"] = [{"day": "asc" if request.order == "oldest" else "desc"}]
        with _told():
            answer = self._client.search(index=ALIAS, body=body)
        words = list(words_in(node))
        hits = tuple(
            hit(from_json(row["_source"]["kept"]), row["_score"] or 0.0, words, is_fuzzy=request.is_fuzzy)
            for row in answer["hits"]["hits"]
        )
        return Results(int(answer["hits"]["total"]["value"]), hits, _facets(answer, request))

    def suggest(self, text: str, *, access: frozenset[str], limit: int = 8) -> list[Suggestion]:
        """Titles and numbers that begin like what has been typed."""
        clause = plan_suggestion(text)
        if clause is None or not access:
            return []
        query = whole(clause, access, ())
        query["bool"]["filter"].append({"term": {"is_page": False}})
        with _told():
            answer = self._client.search(index=ALIAS, body={"query": query, "size": limit * MORE, "_source": ["kept"]})
        return suggestions([from_json(row["_source"]["kept"]) for row in answer["hits"]["hits"]], limit)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        raise IndexMissing(ALIAS) from error
    except OpenSearchException as error:
        raise EngineDown(f"{type(error).__name__}: {error}") from error


def _indices_in_use(client: OpenSearch) -> list[str]:
    try:
        return sorted(client.indices.get_alias(name=ALIAS))
    except NotFoundError:
        return []


def _facets(answer: dict[str, Any], request: Request) -> dict[str, tuple[tuple[str, int], ...]]:
    counted = answer.get("aggregations", {})
    return {
        name: tuple((str(bucket["key"]), int(bucket["doc_count"])) for bucket in counted[name]["buckets"])
        for name in request.facets
        if name in counted
    }
