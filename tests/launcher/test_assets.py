"""A failing npm is explained by its reason, wherever in its output that stands."""

from __future__ import annotations

from launcher.assets import _reason

REFUSED = """npm error code ECONNREFUSED
npm error FetchError: request to http://127.0.0.1:9/zrender failed, reason: connect ECONNREFUSED 127.0.0.1:9
npm error     at ClientRequest.<anonymous> (index.js:130:14)
npm error A complete log of this run can be found in: /root/.npm/_logs/debug-0.log"""


def test_a_refused_connection_is_said_in_one_line():
    assert _reason(REFUSED) == "request to http://127.0.0.1:9/zrender failed, reason: connect ECONNREFUSED 127.0.0.1:9"


def test_anything_else_is_told_by_its_end():
    assert _reason("first\n\nsecond\n") == "first\nsecond"
