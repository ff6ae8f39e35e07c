"""Keys no row can have and characters no text can hold are answered before a database stumbles over them."""

import pytest

from bianzhi.common.web import lookups

HUGE = 10**30


@pytest.mark.parametrize(
    "path",
    ["/personnel/people/?q=%00", "/search/?q=a%00b", f"/jobs/{2**63}/", f"/jobs/{HUGE}/", f"/organizations/{HUGE}/"],
)
def test_an_address_no_row_can_have_is_not_found(by_clerk, path):
    assert by_clerk.get(path).status_code == 404


def test_a_length_that_is_no_number_is_refused(by_clerk):
    sent = {"data": b"name=x", "content_type": "application/x-www-form-urlencoded"}
    assert by_clerk.generic("POST", "/views/save/", **sent, CONTENT_LENGTH="abc").status_code == 400


@pytest.mark.parametrize(
    ("text", "key"), [("12", 12), (" 7 ", 7), ("财政局", None), ("１２", None), (str(2**63), None)]
)
def test_an_option_is_known_by_a_key_a_row_can_have(text, key):
    assert lookups.key_in(text) == key


@pytest.mark.parametrize("key", ["organization", "organization-node", "document", "person", "ledger.body"])
@pytest.mark.parametrize("text", [str(2**63), str(HUGE), "0", "没有这样的名称"])
def test_nothing_is_chosen_by_a_key_or_name_nothing_has(clerk, key, text):
    assert lookups.find(key).get(clerk, text) is None
