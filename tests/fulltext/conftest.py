"""The engines of the tests: the embedded one always, OpenSearch where BIANZHI_TEST_OPENSEARCH names a server."""

import os
from contextlib import AbstractContextManager, nullcontext

import pytest
from opensearchpy import OpenSearch

from bianzhi.fulltext.backend import SearchBackend
from bianzhi.fulltext.documents import Doc, Request
from bianzhi.fulltext.embedded import TantivyBackend
from bianzhi.fulltext.server import OpenSearchBackend
from bianzhi.fulltext.server.engine import ALIAS

SERVER = os.environ.get("BIANZHI_TEST_OPENSEARCH", "")


def free(wait: float) -> AbstractContextManager[None]:
    """The lock of a writer who is alone anyway."""
    return nullcontext()


class Shelf:
    """An index with the docs a test puts in, and short questions to it."""

    def __init__(self, engine: SearchBackend) -> None:
        self.engine = engine

    def hold(self, *docs: Doc) -> None:
        """Build the index from these docs."""
        with self.engine.build() as build:
            for doc in docs:
                build.writer.replace(doc.subject, [doc])
            build.switch(lambda writer: None)

    def ask(self, text: str = "", access: str = "a", **wish):
        """Results for a reader who holds one token."""
        return self.engine.search(Request(text=text, access=frozenset([access]), **wish))

    def keys(self, text: str = "", access: str = "a", **wish) -> set[str]:
        """Keys of what a reader finds."""
        return {hit.key for hit in self.ask(text, access, limit=1000, **wish).hits}

    def titles(self, text: str, access: str = "a") -> list[str]:
        """What a reader is offered while typing."""
        return [one.title for one in self.engine.suggest(text, access=frozenset([access]))]


@pytest.fixture(params=["tantivy", *(["opensearch"] if SERVER else [])])
def shelf(request, tmp_path):
    return Shelf(TantivyBackend(tmp_path) if request.param == "tantivy" else _on_server())


def _on_server() -> OpenSearchBackend:
    """The server without an index of an earlier test."""
    client = OpenSearch(hosts=[SERVER])
    client.indices.delete(index=f"{ALIAS}-*", ignore=[404])
    return OpenSearchBackend(client, free)


def doc(key: str, title: str = "", body: str = "", *, access: str = "a", **facts) -> Doc:
    """A doc of its own subject."""
    return Doc(
        key=key, subject=facts.pop("subject", key), kind=facts.pop("kind", "item"), title=title, body=body,
        url=f"/{key}/", access=tuple(access.split()), **facts,
    )  # fmt: skip
