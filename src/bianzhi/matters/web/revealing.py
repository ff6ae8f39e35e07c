"""显示完整身份证号 of a form, for a stated purpose."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import render_partial
from bianzhi.matters.rules.fields import specs_from_json
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.matters.services.revealing import PERMISSION, reveal_numbers
from bianzhi.matters.web.applying import case_or_404
from bianzhi.matters.web.links import case_url
from bianzhi.matters.web.showing import id_numbers
from bianzhi.personnel.web.forms.persons import RevealForm


@page(PERMISSION)
@require_http_methods(["GET", "POST"])
def reveal(request: PageRequest, pk: int) -> HttpResponse:
    """First what for, then the numbers."""
    case = case_or_404(request, pk)
    numbers = id_numbers(specs_from_json(case.version.fields), as_submitted(case, request.today).form)
    if case.instance is None or not numbers:
        raise Http404("这份申请表中没有身份证号。")
    form = RevealForm(request.POST or None)
    shown: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        labels = [label for label, _ in numbers]
        reveal_numbers(actor=request.user, case_id=case.pk, labels=labels, purpose=form.cleaned_data["purpose"])
        shown = numbers
    context = {"case": case, "form": form, "numbers": shown, "back": case_url(case)}
    invalid = request.method == "POST" and not shown
    return render_partial(request, "matters/reveal.html", "numbers", context, invalid=invalid)
