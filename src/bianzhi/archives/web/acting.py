"""How the pages of keeping act: a form, what stands against it, and where its result is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A page with one form. `act` does what the form says and gives the address and the notice of its result."""

    request: PageRequest
    form: Any
    act: Callable[[], tuple[str, str]]
    title: str
    submit: str
    back: str
    lead: str = ""
    is_upload: bool = False

    def respond(self) -> HttpResponse:
        """The page, the form with what stands against the act, or the way to the result."""
        posted = self.request.method == "POST"
        if posted and self.form.is_valid():
            try:
                url, notice = self.act()
            except Refused as refusal:
                self.form.add_objections(refusal)
            else:
                return redirect_with_notice(self.request, url, notice)
        context = {
            "form": self.form,
            "title": self.title,
            "submit": self.submit,
            "back": self.back,
            "lead": self.lead,
            "is_upload": self.is_upload,
        }
        return render(self.request, "archives/keeping_form.html", context, status=422 if posted else 200)


def done_or_told(request: PageRequest, act: Callable[[], object], back: str, notice: str) -> HttpResponse:
    """Do an act that asks nothing; go back with the notice, or with why it was refused."""
    try:
        act()
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, notice)
