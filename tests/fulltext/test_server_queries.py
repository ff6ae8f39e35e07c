"""What is asked of an OpenSearch server: the access filter is part of every query, counts and suggestions included."""

import json
from typing import Any

import pytest
from opensearchpy import NotFoundError, OpenSearch

from bianzhi.fulltext.backend import IndexMissing
from bianzhi.fulltext.documents import FACETS, Request
from bianzhi.fulltext.server import OpenSearchBackend
from bianzhi.fulltext.server.mapping import BODY, source_of
from tests.fulltext.conftest import doc

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
    engine = OpenSearchBackend(client)
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
    assert OpenSearchBackend(client).search(Request(text="渔业", access=frozenset())).total == 0
    assert client.asked == []


def test_every_field_of_a_doc_is_one_the_index_knows():
    sent = source_of(doc("1", "题名", "正文", numbers=("1号",), units=("1",), year=2024, day=20240101, retention="Y"))
    assert set(sent) - {"initials"} <= set(BODY["mappings"]["properties"])
    assert json.loads(sent["kept"])["body"] == "正文"
    assert "access" not in json.loads(sent["kept"])


def test_a_server_without_the_index_says_that_it_is_missing():
    engine = OpenSearchBackend(Client())
    assert not engine.exists()
    with pytest.raises(IndexMissing), engine.writer():
        pass
