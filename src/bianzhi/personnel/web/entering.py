"""入编: choose the unit, one of its usable slots, then fill in who comes."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.identifiers.id_number import parse_id_number
from bianzhi.kernel.names import person_name_key
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import ApprovalSlot, Occupancy, Person
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.slots import days_left, state_on, usable_slots
from bianzhi.personnel.services.decisions import Outcome
from bianzhi.personnel.services.entries import enlist as carry_out
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.movements import EntryForm
from bianzhi.personnel.web.issuing import chosen_unit
from bianzhi.personnel.web.links import movement_url, unit_page
from bianzhi.personnel.web.room import room_of

CHOOSE_SLOT = "personnel:enlist"


@page("personnel.move", also=DIRECT)
@require_safe
@at_present
def choose_slot(request: PageRequest) -> HttpResponse:
    """The usable slots of a unit; who has none is told what to do first."""
    unit = chosen_unit(request)
    context: dict[str, Any] = {"unit": unit, "problem": "" if unit else request.GET.get("unit", "").strip()}
    if unit is not None:
        slots = list(usable_slots(unit.pk, request.today))
        bodies = body_names({slot.internal_body_id for slot in slots if slot.internal_body_id}, request.today)
        context |= {
            "unit_name": names_on([unit.pk], request.today).get(unit.pk, ""),
            "slots": [
                (slot, bodies.get(slot.internal_body_id or 0, ""), days_left(slot, request.today)) for slot in slots
            ],
            "room": room_of(unit.pk, request.today),
        }
    return render(request, "personnel/enlist.html", context)


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def enlist_on_slot(request: PageRequest, pk: int) -> HttpResponse:
    """Somebody enters on this slot."""
    rows = ApprovalSlot.objects.select_related("approval", "replaces")
    slot = get_object_or_404(restrict(rows, request.user), pk=pk)
    form = EntryForm(
        request.POST or None,
        user=request.user,
        slot=slot,
        organization_id=slot.organization_id,
        today=request.today,
        initial={"effective_on": request.today},
    )
    unit_name = names_on([slot.organization_id], request.today).get(slot.organization_id, "")
    facts = [
        ("单位", unit_name, unit_page(slot.organization_id)),
        ("核准名额", slot.number, reverse("personnel:approval", args=[slot.approval_id])),
        ("编制类型", quota_label(slot.quota_type)),
        ("进入形式", codes("entry_mode").label(slot.entry_mode)),
        ("名额状态", state_on(slot, request.today)),
        ("有效期至", slot.approval.valid_until.isoformat()),
    ]
    return _page(
        request, form, "入编", facts, slot.organization_id, f"{reverse(CHOOSE_SLOT)}?unit={slot.organization_id}"
    )


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def reinstate(request: PageRequest) -> HttpResponse:
    """恢复在编、漏登补录 (I15): without a slot, by a decision of the office and with its reason."""
    unit = chosen_unit(request)
    if unit is None:
        context = {"problem": request.GET.get("unit", "").strip()}
        return render(request, "personnel/reinstate_unit.html", context)
    form = EntryForm(
        request.POST or None,
        user=request.user,
        slot=None,
        organization_id=unit.pk,
        today=request.today,
        initial={"effective_on": request.today},
    )
    facts = [
        ("单位", names_on([unit.pk], request.today).get(unit.pk, ""), unit_page(unit.pk)),
        ("进入形式", "恢复在编（撤销处分、复职、漏登补录）"),
    ]
    return _page(request, form, "恢复在编（补录）", facts, unit.pk, reverse(CHOOSE_SLOT))


def _page(
    request: PageRequest, form: EntryForm, title: str, facts: list[tuple[Any, ...]], organization_id: int, back: str
) -> HttpResponse:
    return ActPage(
        request=request,
        form=form,
        act=partial(_enlist, request, form),
        done=done,
        title=title,
        submit="办理入编",
        back=back,
        facts=facts,
        lead="已在本平台登记过的人员，填写姓名和身份证号即可，其余信息以已登记的为准。",
        context={
            "crumb": ("入编", reverse(CHOOSE_SLOT)),
            "side": "personnel/enlist_side.html",
            "room": room_of(organization_id, request.today),
            "objections": (),
        },
    ).respond()


def _enlist(request: PageRequest, form: EntryForm) -> Outcome:
    document = form.approval_document(request.user)
    override = form.override(document)
    return carry_out(actor=request.user, today=request.today, order=form.order(document), override=override)


def done(outcome: Outcome) -> Done:
    """The page of the movement, where its notice can be printed."""
    movement = outcome.movement
    return Done(movement_url(movement), f"已为{movement.person.name}办理入编，业务编号 {movement.number}。")


@page("personnel.move")
@require_POST
def known_person(request: PageRequest) -> HttpResponse:
    """Whether the ID number typed belongs to somebody the register knows, as a fragment beside the form."""
    text = request.POST.get("id_number", "")
    context: dict[str, Any] = {"typed": text, "problem": "", "known": None}
    try:
        number = parse_id_number(text)
    except ValueError as error:
        context["problem"] = str(error) if text.strip() else ""
        return render(request, "personnel/known_person.html", context)
    known = Person.objects.with_id_number(number.value).first()
    context["number"] = number
    if known is not None:
        stay = Occupancy.objects.open_ended().filter(person=known).first()
        units = names_on([stay.organization_id], request.today) if stay else {}
        typed_name = person_name_key(request.POST.get("name", ""))
        context |= {
            "known": known,
            "unit_name": units.get(stay.organization_id, "") if stay else "",
            "other_name": bool(typed_name) and typed_name != known.name_folded,
        }
    return render(request, "personnel/known_person.html", context)
