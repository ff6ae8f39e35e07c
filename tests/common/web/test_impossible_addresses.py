"""Keys no row can have and characters no text can hold are answered before a database stumbles over them."""

import pytest
from django.urls import reverse

from bianzhi.common.web import lookups
from bianzhi.search.models import SavedSearch

HUGE = 10**30


@pytest.mark.parametrize(
    "path",
    ["/personnel/people/?q=%00", "/search/?q=a%00b", f"/jobs/{2**63}/", f"/jobs/{HUGE}/", f"/organizations/{HUGE}/"],
)
def test_an_address_no_row_can_have_is_not_found(by_clerk, path):
    assert by_clerk.get(path).status_code == 404


def test_a_length_that_is_no_number_is_refused(by_clerk):
    sent = {"data": b"name=x", "content_type": "application/x-www-form-urlencoded"}
    answer = by_clerk.generic("POST", "/views/save/", **sent, CONTENT_LENGTH="abc")
    assert answer.status_code == 400
    assert "请求的长度写法不对" in answer.content.decode()


def test_what_django_will_not_read_is_answered_in_chinese_and_as_a_fragment_where_one_was_asked(by_clerk, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    for headers, start in (
        ({}, "<!DOCTYPE html>"),
        ({"HX-Request": "true"}, '<p class="alert alert-error">没有办理：'),
    ):
        answer = by_clerk.post("/views/save/", {"name": "甲", "list_key": "people", "query": ""}, headers=headers)
        assert answer.status_code == 400
        assert answer.content.decode().startswith(start)
        assert "项目太多" in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "key"), [("12", 12), (" 7 ", 7), ("财政局", None), ("１２", None), (str(2**63), None)]
)
def test_an_option_is_known_by_a_key_a_row_can_have(text, key):
    assert lookups.key_in(text) == key


@pytest.mark.parametrize("key", ["organization", "organization-node", "document", "person", "ledger.body"])
@pytest.mark.parametrize("text", [str(2**63), str(HUGE), "0", "没有这样的名称", "名" * 60_000, "名\0称"])
def test_nothing_is_chosen_by_a_key_or_name_nothing_has(clerk, key, text):
    assert lookups.find(key).get(clerk, text) is None


@pytest.mark.parametrize("charset", ["gbk", "utf-16", "latin-1"])
@pytest.mark.parametrize("address", ["/organizations/?date=0000-00-00&tab=二〇二六年", "/organizations/", "/nowhere/"])
def test_what_is_sent_in_another_encoding_is_refused_not_garbled(by_clerk, charset, address):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    for method in ("GET", "POST"):
        answer = by_clerk.generic(method, address, b"name=1", content_type=kind)
        assert answer.status_code == 400
        assert f"内容以 {charset} 编码提交，本系统只接受 UTF-8 编码" in answer.content.decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "klingon", "\xff"])
def test_utf8_by_any_name_is_taken_and_a_name_that_is_none_ignored(by_clerk, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert by_clerk.generic("GET", "/organizations/", content_type=kind).status_code == 200


def test_a_search_is_saved_without_what_no_database_keeps(by_clerk):
    by_clerk.post(reverse("search:save"), {"name": "编\0制", "query": "q=a\0b"})
    assert [(saved.name, saved.query) for saved in SavedSearch.objects.all()] == [("编制", "q=ab")]
