"""Hidden fields somebody wrote by hand: where to go on to, and the token of a form; found by tests/proofs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from bianzhi.common.web import once
from bianzhi.common.web.redirects import address_within

NO_ADDRESSES = [
    "{}",
    "a b",
    "\ufffd",
    "common:help",
    "//evil.example/",
    "https://evil.example/",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("wanted", NO_ADDRESSES)
def test_only_an_address_of_this_site_is_gone_on_to(wanted):
    assert address_within(RequestFactory().get("/"), wanted) == ""


@pytest.mark.parametrize("wanted", ["/", "/help/?q=1", "http://testserver/help/"])
def test_an_address_of_this_site_is_taken_as_it_is(wanted):
    assert address_within(RequestFactory().get("/"), wanted) == wanted


@pytest.mark.parametrize("wanted", NO_ADDRESSES)
def test_a_view_saved_on_no_list_leads_to_the_start_page(by_clerk, wanted):
    answer = by_clerk.post("/views/save/", {"name": "甲", "list_key": "people", "query": "", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("wanted", NO_ADDRESSES)
def test_who_is_logged_in_and_asks_to_log_in_is_sent_to_the_start_page(by_clerk, wanted):
    answer = by_clerk.get("/accounts/login/", {"next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("token", [" ", "\t\r\n", "\x7f\x1b[31m", "编" * 10_000])
def test_a_token_is_claimed_once_whatever_it_is(token):
    request = RequestFactory().post("/")
    request.user = AnonymousUser()
    assert once.claim(request, token)  # type: ignore[arg-type]
    assert not once.claim(request, token)  # type: ignore[arg-type]
    with once.acting(request, token):  # type: ignore[arg-type]
        pass
    assert once.claim(request, token)  # type: ignore[arg-type]
