"""What is asked of an OpenSearch server: the access filter is part of every query, counts and suggestions included."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from opensearchpy import ConnectionError as NoConnection
from opensearchpy import NotFoundError, OpenSearch

from bianzhi.fulltext.backend import EngineDown, IndexMissing
from bianzhi.fulltext.documents import FACETS, Request
from bianzhi.fulltext.server import OpenSearchBackend
from bianzhi.fulltext.server import engine as server_engine
from bianzhi.fulltext.server.mapping import BODY, source_of
from tests.fulltext.conftest import doc, free

ACCESS = {"terms": {"access": ["a", "b"]}}


class Client(OpenSearch):
    """Takes down what it is asked and answers with nothing found."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.indices: Any = self

    def search(self, **question):
        self.asked.append(question["body"])
        return {"hits": {"total": {"value": 0}, "hits": []}}

    def get_alias(self, name):
        raise NotFoundError(404, "no alias", {})


def test_a_search_with_facets_and_a_suggestion_carry_the_tokens_inside():
    client = Client()
    engine = OpenSearchBackend(client, free)
    access = frozenset(["b", "a"])
    engine.search(Request(text="渔业许可 非 罚款", access=access, filters={"year": ("2024",)}, facets=FACETS))
    engine.suggest("渔业", access=access)
    for body in client.asked:
        assert ACCESS in body["query"]["bool"]["filter"]
    assert {"terms": {"year": ["2024"]}} in client.asked[0]["query"]["bool"]["filter"]
    assert set(client.asked[0]["aggs"]) == set(FACETS)
    assert '"match_phrase": {"text": {"query": "渔业 业许 许可"' in json.dumps(client.asked[0], ensure_ascii=False)


def test_a_reader_without_tokens_asks_the_server_nothing():
    client = Client()
    assert OpenSearchBackend(client, free).search(Request(text="渔业", access=frozenset())).total == 0
    assert client.asked == []


def test_every_field_of_a_doc_is_one_the_index_knows():
    sent = source_of(doc("1", "题名", "正文", numbers=("1号",), units=("1",), year=2024, day=20240101, retention="Y"))
    assert set(sent) - {"initials"} <= set(BODY["mappings"]["properties"])
    assert json.loads(sent["kept"])["body"] == "正文"
    assert "access" not in json.loads(sent["kept"])


def test_a_server_without_the_index_says_that_it_is_missing():
    engine = OpenSearchBackend(Client(), free)
    assert not engine.exists()
    with pytest.raises(IndexMissing), engine.writer():
        pass


class Gone(OpenSearch):
    """A server nobody reaches."""

    def __init__(self) -> None:
        self.indices: Any = self

    def _refuse(self, *_: object, **__: object) -> None:
        raise NoConnection("N/A", "connection refused", Exception())

    search = count = get_alias = create = _refuse


def test_every_operation_tells_that_the_server_is_down():
    engine = OpenSearchBackend(Gone(), free)
    wish = Request(text="渔业", access=frozenset(["a"]))
    for act in (
        engine.exists,
        engine.count,
        lambda: engine.search(wish),
        lambda: engine.suggest("渔", access=wish.access),
    ):
        with pytest.raises(EngineDown):
            act()
    for entered in (engine.writer, engine.build):
        with pytest.raises(EngineDown), entered():
            pass


class Shelves(OpenSearch):
    """Takes down what is written and removed, in its order."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, Any]] = []
        self.indices: Any = self

    def get_alias(self, name: str) -> list[str]:
        return [name]

    def refresh(self, index: str) -> None:
        self.acts.append(("refresh", index))

    def delete_by_query(self, **asked: Any) -> None:
        self.acts.append(("remove", asked["body"]["query"]["bool"]))


def test_many_changes_go_in_portions_each_with_what_it_leaves_behind(monkeypatch):
    client = Shelves()
    monkeypatch.setattr(server_engine, "bulk", lambda to, rows: to.acts.append(("write", [row["_id"] for row in rows])))
    with OpenSearchBackend(client, free).writer() as writer:
        for number in range(server_engine.SUBJECTS + 1):
            writer.replace(f"item:{number}", [doc(f"{number}", "题名", subject=f"item:{number}")])
        writer.commit()
    written = [keys for act, keys in client.acts if act == "write"]
    removed = [query for act, query in client.acts if act == "remove"]
    assert [len(keys) for keys in written] == [server_engine.SUBJECTS, 1]
    assert [query["must_not"][0]["terms"]["key"] for query in removed] == written
    assert [len(query["filter"][0]["terms"]["subject"]) for query in removed] == [server_engine.SUBJECTS, 1]
    assert client.acts[-1][0] == "refresh"


def test_a_writer_reads_and_writes_while_nobody_else_does(monkeypatch):
    client = Shelves()

    @contextmanager
    def lock(wait: float) -> Iterator[None]:
        client.acts.append(("lock", wait))
        yield
        client.acts.append(("leave", None))

    monkeypatch.setattr(server_engine, "bulk", lambda to, rows: to.acts.append(("write", list(rows))))
    with OpenSearchBackend(client, lock).writer() as writer:
        client.acts.append(("read", None))
        writer.replace("item:1", [])
        writer.commit()
    assert [act for act, _ in client.acts] == ["lock", "read", "write", "refresh", "remove", "refresh", "leave"]
