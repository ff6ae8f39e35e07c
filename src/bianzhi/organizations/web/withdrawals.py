"""Taking down a nameplate, no longer using an alias."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.objections import Refused
from bianzhi.organizations import scopes, services
from bianzhi.organizations.models import Nameplate, OrganizationAlias
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.web import changes, forms
from bianzhi.organizations.web.actions import Action
from bianzhi.organizations.web.pages import shown_organization


@page(CHANGE, also=DIRECT)
@require_http_methods(["GET", "POST"])
def nameplate_page(request: PageRequest, pk: int) -> HttpResponse:
    """Take a nameplate down."""
    plate = scopes.restrict(Nameplate.objects.open_ended(), request.user).filter(pk=pk).first()
    if plate is None:
        raise Http404("没有这块牌子，或者它已撤下。")
    action = Action(
        "withdraw",
        f"撤下牌子：{plate.name}",
        forms.EndForm,
        lambda by, _, document, form: services.withdraw_nameplate(
            actor=by, nameplate_id=plate.pk, document=document, **form.values()
        ),
    )
    form = forms.EndForm(request.POST or None, user=request.user)
    return changes.answer(request, shown_organization(request, plate.organization_id), action, form)


@page(CHANGE)
@require_POST
def alias(request: PageRequest, pk: int) -> HttpResponse:
    """Stop using an alias."""
    row = scopes.restrict(OrganizationAlias.objects.all(), request.user).filter(pk=pk).first()
    if row is None:
        raise Http404("没有这个别名。")
    back = reverse("organizations:detail", args=[row.organization_id])
    try:
        services.withdraw_alias(actor=request.user, alias_id=row.pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, f"{back}?tab=duties", f"已停用别名“{row.name}”。")
