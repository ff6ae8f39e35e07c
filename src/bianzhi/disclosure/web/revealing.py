"""查看完整信息: first what for, then the value; every look is on record."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import MissingPermission, PageRequest, signed_in_page
from bianzhi.common.web.redirects import render_partial
from bianzhi.disclosure import revealables
from bianzhi.disclosure.services.revealing import reveal_field
from bianzhi.disclosure.web.forms import PurposeForm


@signed_in_page
@require_http_methods(["GET", "POST"])
def reveal(request: PageRequest, kind: str, pk: int) -> HttpResponse:
    """One masked value of one row."""
    revealable = revealables.get(kind)
    if revealable is None:
        raise Http404("没有这项信息。")
    permission = revealable.field_class.permission
    if not request.user.can(permission):
        raise MissingPermission(permission)
    row, value = revealable.find(request.user, pk), ""
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        value = reveal_field(actor=request.user, revealable=revealable, row=row, purpose=form.cleaned_data["purpose"])
    context = {
        "revealable": revealable,
        "row": row,
        "form": form,
        "value": value,
        "shown": request.method == "POST" and form.is_valid(),
        "back": revealable.back(row),
    }
    invalid = request.method == "POST" and not context["shown"]
    return render_partial(request, "disclosure/reveal.html", "value", context, invalid=invalid)
