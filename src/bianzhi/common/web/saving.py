"""How a form is saved and a button answered: with a notice, or with the reasons of a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse

from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused


@dataclass(frozen=True, slots=True)
class Done:
    """Where what was done is shown, and what is said of it."""

    url: str
    words: str
    level: Literal["success", "info", "warning"] = "success"


Act = Callable[[], Done]
"""Does it; raises Refused."""


def saved(request: PageRequest, form: once.TokenForm, act: Act, *, twice: str = "") -> HttpResponse | None:
    """The way on after saving; None when the form is to be shown, with what stands against it.

    With `twice` the same form sent again saves nothing: it leads to what was saved with these words, or is shown
    while the first sending goes on. One that failed may be sent again.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    token = form.cleaned_data["token"] if twice else ""
    if known := once.done_at(request, token):
        return redirect_with_notice(request, known, twice, level="info")
    if not once.claim(request, token):
        form.add_error(None, once.AT_IT)
        return None
    with once.acting(request, token) as led_to:
        try:
            done = act()
        except Refused as refusal:
            form.add_objections(refusal)
            return None
        led_to(done.url)
    return redirect_with_notice(request, done.url, done.words, level=done.level)


def pressed(request: PageRequest, back: str, act: Act) -> HttpResponse:
    """The answer to a button: the way on, or back with the reasons."""
    try:
        done = act()
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, done.url, done.words, level=done.level)
