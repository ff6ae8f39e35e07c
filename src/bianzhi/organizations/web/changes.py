"""The pages on which the structure is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.audit.actors import Actor
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.objections import Refused
from bianzhi.organizations import scopes, services
from bianzhi.organizations.models import InternalBodyVersion, Organization
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.web import forms
from bianzhi.organizations.web.actions import ACTIONS, Action, carry_out
from bianzhi.organizations.web.pages import shown_organization


@page(CHANGE, also=DIRECT)
@require_http_methods(["GET", "POST"])
def establish_page(request: PageRequest) -> HttpResponse:
    """设立 a unit; `?parent=` says under which."""
    parent = request.GET.get("parent", "")
    initial = {"parent": parent} if parent.isascii() and parent.isdigit() else {}
    form = forms.EstablishForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            organization = carry_out(
                actor=request.user, form=form, act=lambda document: _establish(request.user, document, form)
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            url = reverse("organizations:detail", args=[organization.pk])
            return redirect_with_notice(request, url, f"已设立“{form.cleaned_data['name']}”。")
    note = "名称用全称；副科级以上机构须填上级批准（备案）文件。"
    return _form_page(request, form, title="新设机构", note=note, back=reverse("organizations:index"))


def _establish(by: Actor, document: ApprovalDocument, form: Any) -> Organization:
    row = services.NewOrganization(**form.values())
    return services.establish(actor=by, document=document, organization=row)


@page(CHANGE, also=DIRECT)
@require_http_methods(["GET", "POST"])
def act_page(request: PageRequest, pk: int, act: str) -> HttpResponse:
    """One change of one unit."""
    organization = shown_organization(request, pk)
    if act in PLAIN:
        return _plain_page(request, organization, act)
    action = ACTIONS.get(act)
    if action is None:
        raise Http404("没有这种办理事项。")
    form = action.form(request.POST or None, user=request.user)
    if action.starts_from_facts and organization.shown is not None:
        form.start_from(organization.shown)
    return answer(request, organization, action, form)


@page(CHANGE, also=DIRECT)
@require_http_methods(["GET", "POST"])
def body_page(request: PageRequest, pk: int, act: str) -> HttpResponse:
    """Change, move or close an internal body."""
    current = scopes.restrict(InternalBodyVersion.objects.open_ended(), request.user)
    body = current.filter(body=pk).first()
    action = BODY_ACTIONS.get(act)
    if body is None or action is None:
        raise Http404("没有这个内设机构，或者它已撤销。")
    initial = {name: getattr(body, name) for name in ("name", "kind", "rank", "sort_order", "duties")}
    form = action.form(request.POST or None, user=request.user, initial=initial if act == "change" else {})
    organization = shown_organization(request, body.organization_id)
    bound = Action(
        act,
        f"{action.label}：{body.name}",
        action.form,
        lambda by, _, document, cleaned: action.carry_out(by, body, document, cleaned),
        action.note,
    )
    return answer(request, organization, bound, form)


def _change_body(by: Actor, body: InternalBodyVersion, document: ApprovalDocument, form: forms.BodyForm) -> object:
    values = form.values()
    day = values.pop("effective_on")
    changes = {name: value for name, value in values.items() if getattr(body, name) != value}
    return services.change_body(actor=by, body_id=body.body_id, document=document, effective_on=day, changes=changes)


def _move_body(by: Actor, body: InternalBodyVersion, document: ApprovalDocument, form: forms.MoveBodyForm) -> object:
    return services.move_body(actor=by, body_id=body.body_id, document=document, **form.values())


def _close_body(by: Actor, body: InternalBodyVersion, document: ApprovalDocument, form: forms.EndForm) -> object:
    return services.close_body(actor=by, body_id=body.body_id, document=document, **form.values())


@dataclass(frozen=True, slots=True)
class BodyAction:
    """One change of an internal body."""

    label: str
    form: type[forms.StructureForm]
    carry_out: Callable[[Actor, InternalBodyVersion, ApprovalDocument, Any], object]
    note: str = ""


BODY_ACTIONS = {
    "change": BodyAction("内设机构更名（调整）", forms.BodyForm, _change_body),
    "move": BodyAction("内设机构划转", forms.MoveBodyForm, _move_body, "科内人员须先随单位划转或调整。"),
    "close": BodyAction("撤销内设机构", forms.EndForm, _close_body, "科内仍有人员或核定编制时不能撤销。"),
}


def answer(request: PageRequest, organization: Organization, action: Action, form: forms.StructureForm) -> HttpResponse:
    """The page of a change: the form, or the change done and back to the unit."""
    back = reverse("organizations:detail", args=[organization.pk])
    if request.method == "POST" and form.is_valid():
        try:
            carry_out(
                actor=request.user,
                form=form,
                act=lambda document: action.carry_out(request.user, organization, document, form),
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, back, f"已办理：{action.label}。")
    return _form_page(request, form, title=action.label, note=action.note, back=back, organization=organization)


def _alias(by: Actor, organization: Organization, form: BaseForm) -> object:
    return services.add_alias(actor=by, organization_id=organization.pk, **form.cleaned_data)


def _credit_code(by: Actor, organization: Organization, form: BaseForm) -> object:
    return services.set_uscc(actor=by, organization_id=organization.pk, **form.cleaned_data)


PLAIN: dict[str, tuple[str, type[BaseForm], Any]] = {
    "alias": ("登记别名", forms.AliasForm, _alias),
    "credit-code": ("统一社会信用代码", forms.CreditCodeForm, _credit_code),
}
"""Acts that need no document."""


def _plain_page(request: PageRequest, organization: Organization, act: str) -> HttpResponse:
    title, form_class, service = PLAIN[act]
    initial = {"uscc": organization.uscc} if act == "credit-code" else {}
    form = form_class(request.POST or None, initial=initial)
    back = reverse("organizations:detail", args=[organization.pk])
    if request.method == "POST" and form.is_valid():
        try:
            service(request.user, organization, form)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, back, f"已办理：{title}。")
    return _form_page(request, form, title=title, note="", back=back, organization=organization)


def _form_page(
    request: PageRequest,
    form: BaseForm,
    *,
    title: str,
    note: str,
    back: str,
    organization: Organization | None = None,
) -> HttpResponse:
    context = {"form": form, "title": title, "note": note, "back": back, "organization": organization}
    template = "organizations/act.html" if isinstance(form, forms.StructureForm) else "organizations/plain_act.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)
