"""A form sent twice does its act once.

Every form that acts carries a token. The first sending claims it; what comes later is led to what was done.
"""

import uuid
from typing import Any, Final

from django import forms
from django.core.cache import cache

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.forms import BaseForm
from bianzhi.kernel.digests import sm3_hex

DONE: Final = "acts_done"
KEPT: Final = 40
IN_PROGRESS_SECONDS: Final = 120


class TokenForm(BaseForm):
    """A form with the token of its one act."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4().hex)


def done_at(request: PageRequest, token: str) -> str:
    """Where the result of the act with this token is; "" when it was not done."""
    done: list[list[str]] = request.session.get(DONE, [])
    return next((url for known, url in done if known == token), "") if token else ""


def claim(request: PageRequest, token: str) -> bool:
    """Take the token for the act about to be done; False while another sending of the same form is at it."""
    return not token or cache.add(_key(request, token), "1", IN_PROGRESS_SECONDS)


def release(request: PageRequest, token: str) -> None:
    """The act was refused: the same form may be sent again."""
    cache.delete(_key(request, token))


def remember(request: PageRequest, token: str, url: str) -> None:
    """The act was done, and this is where its result is."""
    if token:
        request.session[DONE] = [*request.session.get(DONE, []), [token, url]][-KEPT:]


def _key(request: PageRequest, token: str) -> str:
    """A token comes from outside: its digest has no character a cache stumbles over, and one length."""
    return f"act-{request.user.pk}-{sm3_hex(token)}"
