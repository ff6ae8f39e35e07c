"""How every page that acts works: try it out, do it once, say what was let through, and let the director override."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.http import HttpResponse, HttpResponseRedirect

from bianzhi.audit.rehearsal import rehearsed
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.web import as_of, once
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.web.direct import DirectEntryForm
from bianzhi.documents.web.forms import DocumentFormMixin
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.personnel.services.decisions import Override

CHECK: Final = "check"


def at_present(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Acts happen today: a page that acts, opened while a past day is shown, is opened as of today instead."""

    @wraps(view)
    def shown(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD") and request.as_of != request.today:
            return HttpResponseRedirect(as_of.without_day(request))
        return view(request, *args, **kwargs)

    return shown


class ActForm(once.TokenForm):
    """A form whose fields stand in named sections, and which can carry the director's override."""

    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()

    override_codes = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    override_reason = forms.CharField(label="放行理由", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checked = False
        self.fields["override_reason"].css = "span-all"  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """The sections with their fields, as far as the form has them."""
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.sections]
        return [(title, bound) for title, bound in found if bound]

    @property
    def overridable(self) -> str:
        """Rule codes the user may set aside here, when nothing else stands in the way; else ""."""
        standing = [each for each in self.objections if each.severity is not Severity.WARN]
        if not standing or any(each.severity is not Severity.OVERRIDE for each in standing):
            return ""
        return ",".join(sorted({each.code for each in standing})) if self.user.can("rules.override") else ""

    def override(self, document: ApprovalDocument | None = None) -> Override | None:
        """The director's decision, when a reason was typed."""
        codes = {code for code in self.cleaned_data.get("override_codes", "").split(",") if code}
        reason = self.cleaned_data.get("override_reason", "")
        return Override(frozenset(codes), reason, document) if codes and reason else None


class DocumentedActForm(ActForm, DocumentFormMixin):
    """An act that rests on a document and that no case does."""


class DirectActForm(ActForm, DirectEntryForm):
    """An act of the office by hand that daily business does by a case: document and reason."""


@dataclass(frozen=True)
class Done:
    """What a page says and where it goes after its act."""

    url: str
    notice: str


@dataclass
class ActPage:
    """One page that acts. `act` does it and returns the service's answer; `done` says where to go with it."""

    request: PageRequest
    form: Any
    act: Callable[[], Any]
    done: Callable[[Any], Done]
    title: str
    submit: str
    back: str
    lead: str = ""
    facts: Sequence[tuple[Any, ...]] = ()
    template: str = "personnel/act.html"
    context: dict[str, Any] = field(default_factory=dict)

    def respond(self) -> HttpResponse:
        """The page, the form with what stands against the act, or the way to the result."""
        if self.request.method != "POST":
            return self._show()
        token = self.request.POST.get("token", "")
        if url := once.done_at(self.request, token):
            return redirect_with_notice(self.request, url, once.TWICE, level="info")
        if not self.is_sound():
            return self._show(invalid=True)
        if self.request.POST.get("intent") == CHECK:
            return self._check()
        if not once.claim(self.request, token):
            self.form.add_error(None, once.AT_IT)
            return self._show(invalid=True)
        return self._carry_out(token)

    def is_sound(self) -> bool:
        """Whether what was typed can be read."""
        return bool(self.form.is_valid())

    def _carry_out(self, token: str) -> HttpResponse:
        with once.acting(self.request, token) as led_to:
            try:
                result = as_one(self.act)
            except Refused as refusal:
                self.form.add_objections(refusal)
                return self._show(invalid=True)
            done = self.done(result)
            led_to(done.url)
        remarks = "".join(f"提醒：{remark.message}。" for remark in remarks_of(result))
        return redirect_with_notice(self.request, done.url, f"{done.notice}{remarks}")

    def _check(self) -> HttpResponse:
        self.form.add_objections(rehearse(self.act))
        self.form.checked = True
        return self._show(invalid=any(each.severity is not Severity.WARN for each in self.form.objections))

    def _show(self, *, invalid: bool = False) -> HttpResponse:
        context = {
            "form": self.form,
            "title": self.title,
            "submit": self.submit,
            "back": self.back,
            "lead": self.lead,
            "facts": self.facts,
            **self.context,
        }
        return render_partial(self.request, self.template, "form", context, invalid=invalid)


def as_one(act: Callable[[], Any]) -> Any:
    """The act with all it needs (a new document, a new person) as one unit of work: all of it or nothing."""
    return unit_of_work(act)()


def rehearse(act: Callable[[], Any]) -> tuple[Objection, ...]:
    """What stands against an act, or what it would let through: done with every lock and rule, and undone."""
    try:
        return rehearsed(lambda: remarks_of(act()))
    except Refused as refusal:
        return refusal.objections


def remarks_of(result: Any) -> tuple[Objection, ...]:
    """The objections a service let through, however it returns them."""
    if isinstance(result, tuple) and result and isinstance(result[-1], tuple):
        return result[-1]
    remarks: tuple[Objection, ...] = getattr(result, "remarks", ())
    return remarks
