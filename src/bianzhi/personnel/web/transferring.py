"""调动: between units on a slot (T02, T03, T07), and inside a unit (T01, T04, T08)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web import lookups
from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import Dossier, dossier_of
from bianzhi.personnel.selectors.slots import usable_slots
from bianzhi.personnel.services.decisions import Outcome
from bianzhi.personnel.services.transfers import change_identity, change_quota_type, reassign_body, transfer
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.movements import BodyForm, IdentityForm, QuotaTypeForm, TransferForm
from bianzhi.personnel.web.issuing import chosen_unit
from bianzhi.personnel.web.links import movement_url
from bianzhi.personnel.web.person import back_to, standing_of, visible_person
from bianzhi.personnel.web.room import room_of

KINDS = (
    ("between", "调往其他单位"),
    ("body", "内设机构间调整"),
    ("quota", "编制类型变化"),
    ("identity", "身份变更"),
)


@page("personnel.move")
@require_safe
@at_present
def moves(request: PageRequest) -> HttpResponse:
    """Find the person to be transferred or to leave."""
    text = request.GET.get("person", "").strip()
    found = lookups.find("person").get(request.user, text) if text else None
    dossier = dossier_of(found, request.today) if found is not None else None
    context = {
        "person": found,
        "dossier": dossier,
        "facts": standing_of(dossier) if dossier else [],
        "problem": text if text and found is None else "",
    }
    return render(request, "personnel/moves.html", context)


def on_quota_here(request: PageRequest, pk: int) -> tuple[Person, Dossier, Occupancy]:
    """A visible person with the occupancy an act will end; Http404 for one who is on no quota."""
    found = visible_person(request, pk)
    dossier = dossier_of(found, request.today)
    if dossier.occupancy is None:
        raise Http404(f"{found.name}目前不在编，不能办理调动、出编。")
    return found, dossier, dossier.occupancy


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def transfer_page(request: PageRequest, pk: int) -> HttpResponse:
    """One of the four kinds of transfer of a person."""
    found, dossier, occupancy = on_quota_here(request, pk)
    kind = request.GET.get("kind", KINDS[0][0])
    context: dict[str, Any] = {
        "crumb": (found.name, back_to(found)),
        "above": "personnel/transfer_kinds.html",
        "kinds": [(key, label, f"{request.path}?kind={key}", key == kind) for key, label in KINDS],
        "person": found,
        "objections": (),
    }
    if kind == "between":
        return _between(request, found, dossier, context)
    form, act = _inside(request, found, occupancy, kind)
    context |= {"side": "personnel/check_panel.html", "room": room_of(occupancy.organization_id, request.today)}
    return _page(request, form, act, dossier, context)


def _between(request: PageRequest, found: Person, dossier: Dossier, context: dict[str, Any]) -> HttpResponse:
    unit = chosen_unit(request)
    if unit is None:
        typed = request.GET.get("unit", "").strip()
        context |= {"facts": standing_of(dossier), "problem": typed, "kept": [("kind", "between")]}
        return render(request, "personnel/transfer_unit.html", context)
    slots = list(usable_slots(unit.pk, request.today, for_transfers=True))
    unit_name = names_on([unit.pk], request.today).get(unit.pk, "")
    form = TransferForm(
        request.POST or None,
        user=request.user,
        slots=[(str(slot.pk), _slot_words(slot)) for slot in slots],
        organization_id=unit.pk,
        today=request.today,
        initial={"mode": "T03", "effective_on": request.today},
    )
    context |= {
        "side": "personnel/check_panel.html",
        "room": room_of(unit.pk, request.today),
        "unit": unit,
        "unit_name": unit_name,
        "no_slots": not slots,
    }

    def act() -> Outcome:
        document = form.approval_document(request.user)
        order = form.order(found, document)
        return transfer(actor=request.user, today=request.today, order=order, override=form.override(document))

    return _page(request, form, act, dossier, context, lead=f"调入单位：{unit_name}")


def _slot_words(slot: Any) -> str:
    mode = codes("entry_mode").label(slot.entry_mode)
    return f"{slot.number}（{quota_label(slot.quota_type)}，{mode}，至 {slot.approval.valid_until}）"


def _inside(request: PageRequest, found: Person, occupancy: Occupancy, kind: str) -> tuple[Any, Callable[[], Outcome]]:
    common: dict[str, Any] = {"user": request.user, "initial": {"effective_on": request.today}}
    if kind == "body":
        form: Any = BodyForm(
            request.POST or None, organization_id=occupancy.organization_id, today=request.today, **common
        )
        return form, partial(_reassign, request, form, found)
    if kind == "quota":
        form = QuotaTypeForm(request.POST or None, **common)
        return form, partial(_change_quota, request, form, found)
    if kind == "identity":
        form = IdentityForm(request.POST or None, **common)
        return form, partial(_change_identity, request, form, found)
    raise Http404("没有这种调动。")


def _reassign(request: PageRequest, form: BodyForm, found: Person) -> Outcome:
    order = form.order(found, form.approval_document(request.user))
    return reassign_body(actor=request.user, today=request.today, order=order)


def _change_quota(request: PageRequest, form: QuotaTypeForm, found: Person) -> Outcome:
    document = form.approval_document(request.user)
    override = form.override(document)
    order = form.order(found, document)
    return change_quota_type(actor=request.user, today=request.today, order=order, override=override)


def _change_identity(request: PageRequest, form: IdentityForm, found: Person) -> Outcome:
    order = form.order(found, form.approval_document(request.user))
    identity = form.cleaned_data["identity"]
    return change_identity(actor=request.user, today=request.today, order=order, identity=identity)


def _page(
    request: PageRequest,
    form: Any,
    act: Callable[[], Outcome],
    dossier: Dossier,
    context: dict[str, Any],
    lead: str = "",
) -> HttpResponse:
    found = dossier.person
    return ActPage(
        request=request,
        form=form,
        act=act,
        done=_done,
        title=f"{found.name}　调动",
        submit="办理调动",
        back=back_to(found),
        facts=standing_of(dossier),
        lead=lead,
        context=context,
    ).respond()


def _done(outcome: Outcome) -> Done:
    movement = outcome.movement
    label = codes("internal_mode").label(movement.mode)
    return Done(movement_url(movement), f"已为{movement.person.name}办理{label}，业务编号 {movement.number}。")
