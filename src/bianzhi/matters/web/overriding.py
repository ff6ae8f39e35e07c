"""放行: the director lets a case through rules that may be set aside, with a reason and a document."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.documents.web.forms import DocumentFormMixin
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.models import Case
from bianzhi.matters.services.overriding import override_rules
from bianzhi.matters.web.applying import case_or_404
from bianzhi.matters.web.links import case_url


class OverrideForm(DocumentFormMixin):
    """Why the rules are set aside, and by which document."""

    document_label = "放行依据"
    wide = ("reason",)

    codes = forms.CharField(widget=forms.HiddenInput, max_length=100)
    reason = forms.CharField(label="放行理由", max_length=300, min_length=4, widget=forms.Textarea)


@dataclass(frozen=True, slots=True)
class Override:
    """What may be set aside for this case, and the form that does it."""

    objections: list[Objection]
    form: OverrideForm


def override_of(request: PageRequest, case: Case, coming: Sequence[Objection] | None = None) -> Override | None:
    """What stands against a case that this user may set aside; None when there is nothing, or nobody may.

    Of a draft it is what stands against sending it in; of a case under way, against what is to come (`coming`).
    """
    is_over = case.discarded_at is not None or (case.instance is not None and not case.instance.is_live)
    if is_over or not request.user.can("rules.override"):
        return None
    if case.instance is None:
        coming = objections_to_sending(case, by=request.user, today=request.today)
    kept = set(filter(None, case.override_codes.split(",")))
    found = [each for each in coming or () if each.severity is Severity.OVERRIDE and each.code not in kept]
    if not found:
        return None
    codes = ",".join(sorted({each.code for each in found}))
    return Override(found, OverrideForm(user=request.user, initial={"codes": codes}))


@page("rules.override")
@require_POST
def override(request: PageRequest, pk: int) -> HttpResponse:
    """Set the named rules aside for this case."""
    case = case_or_404(request, pk)
    form = OverrideForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            _override(request, case, form)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, case_url(case), "已放行，理由和依据记入审计；申请人可以提交。")
    context = {"case": case, "override": Override([], form), "back": case_url(case)}
    return render(request, "matters/override_page.html", context, status=422)


@unit_of_work
def _override(request: PageRequest, case: Case, form: OverrideForm) -> Case:
    """The document and the override as one: a refused override leaves no document behind."""
    codes = set(filter(None, form.cleaned_data["codes"].split(",")))
    kept = set(filter(None, case.override_codes.split(",")))
    return override_rules(
        actor=request.user,
        case_id=case.pk,
        codes=codes | kept,
        reason=form.cleaned_data["reason"],
        document_id=form.approval_document(request.user).pk,
        today=request.today,
    )
