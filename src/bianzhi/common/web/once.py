"""A form sent twice does its act once.

Every form that acts carries a token. The first sending claims it; what comes later is led to what was done:

    if url := done_at(request, token): …lead there
    if not claim(request, token): …say AT_IT
    with acting(request, token) as led_to:
        led_to(url_of(act()))
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django import forms
from django.core.cache import cache

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.forms import BaseForm
from bianzhi.kernel.digests import sm3_hex

DONE: Final = "acts_done"
KEPT: Final = 40
IN_PROGRESS_SECONDS: Final = 120
AT_IT: Final = "同一份表单正在办理，请稍候查看结果，不要重复提交。"
TWICE: Final = "这份表单刚才已经办理，没有重复登记。"


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


@contextmanager
def acting(request: PageRequest, token: str) -> Iterator[Callable[[str], None]]:
    """The act of a claimed form; it tells where its result is. One that told nothing was none: it may be sent again."""
    places: list[str] = []
    try:
        yield places.append
    finally:
        if not places:
            cache.delete(_key(request, token))
        elif token:
            request.session[DONE] = [*request.session.get(DONE, []), [token, places[-1]]][-KEPT:]


def _key(request: PageRequest, token: str) -> str:
    """A token comes from outside: its digest has no character a cache stumbles over, and one length."""
    return f"act-{request.user.pk}-{sm3_hex(token)}"
