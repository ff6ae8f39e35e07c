"""任免 (T05) and 在岗情况."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Appointment, DutyPeriod, Person
from bianzhi.personnel.rules.capacity import NO_USE
from bianzhi.personnel.selectors.dossier import Dossier, dossier_of
from bianzhi.personnel.selectors.quota_use import post_use
from bianzhi.personnel.services.appointments import appoint, end_appointment
from bianzhi.personnel.services.duty import set_duty_state
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.positions import AppointmentForm, DutyForm, EndAppointmentForm
from bianzhi.personnel.web.issuing import chosen_unit
from bianzhi.personnel.web.person import back_to, standing_of, visible_person


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def appoint_page(request: PageRequest, pk: int) -> HttpResponse:
    """任职 at the person's own unit, or at the unit of `?unit=`."""
    dossier = dossier_of(visible_person(request, pk), request.today)
    found = dossier.person
    organization_id = _unit_of(request, dossier)
    form = AppointmentForm(
        request.POST or None,
        user=request.user,
        organization_id=organization_id,
        today=request.today,
        initial={"effective_on": request.today, "is_principal": not dossier.positions},
    )
    return ActPage(
        request=request,
        form=form,
        act=partial(_appoint, request, form, found),
        done=partial(_appointed, found),
        title=f"{found.name}　任职",
        submit="登记任职",
        back=back_to(found),
        facts=standing_of(dossier),
        lead=f"任职单位：{names_on([organization_id], request.today).get(organization_id, '')}。",
        context=_beside(request, found, organization_id),
    ).respond()


def _unit_of(request: PageRequest, dossier: Dossier) -> int:
    """The unit of the appointment: the chosen one, else where the person is or was on quota, else employed."""
    unit, stay = chosen_unit(request), dossier.last_occupancy or dossier.engagement
    if unit is not None:
        return int(unit.pk)
    return stay.organization_id if stay is not None else 0


def _beside(request: PageRequest, found: Person, organization_id: int) -> dict[str, Any]:
    return {
        "crumb": (found.name, back_to(found)),
        "side": "personnel/posts_panel.html",
        "above": "personnel/appoint_unit.html",
        "posts": posts_of(organization_id, request),
    }


def _appoint(request: PageRequest, form: AppointmentForm, found: Person) -> Any:
    document = form.approval_document(request.user)
    order = form.order(found, document)
    return appoint(actor=request.user, today=request.today, order=order, override=form.override(document))


def _appointed(found: Person, result: Any) -> Done:
    appointment: Appointment = result[0]
    flags = "".join(
        f"已标记为{word}。"
        for is_so, word in ((appointment.is_high_rank, "高配"), (appointment.exceeds_posts, "超职数"))
        if is_so
    )
    return Done(back_to(found), f"已登记{found.name}任{appointment.position}。{flags}")


def posts_of(organization_id: int, request: PageRequest) -> list[tuple[str, Any]]:
    """核定 and 实配 of every level of leadership posts of a unit."""
    found = post_use([organization_id], request.today)
    return [(entry.name, found.get((organization_id, entry.code), NO_USE)) for entry in codes("post_level")]


@page("personnel.move")
@require_http_methods(["GET", "POST"])
@at_present
def end_appointment_page(request: PageRequest, pk: int) -> HttpResponse:
    """免职、离任."""
    rows = Appointment.objects.open_ended().select_related("person", "document")
    appointment = get_object_or_404(restrict(rows, request.user), pk=pk)
    found = appointment.person
    form = EndAppointmentForm(request.POST or None, user=request.user, initial={"effective_on": request.today})

    return ActPage(
        request=request,
        form=form,
        act=partial(_end, request, form, appointment),
        done=lambda _: Done(back_to(found), f"已免去{found.name}的{appointment.position}。"),
        title=f"{found.name}　免职",
        submit="登记免职",
        back=back_to(found),
        facts=[
            ("职务", appointment.position),
            ("单位", names_on([appointment.organization_id], request.today).get(appointment.organization_id, "")),
            ("任职日期", appointment.valid_from.isoformat()),
            ("任职文件", appointment.document.doc_no),
        ],
        context={"crumb": (found.name, back_to(found))},
    ).respond()


def _end(request: PageRequest, form: EndAppointmentForm, appointment: Appointment) -> Appointment:
    return end_appointment(
        actor=request.user,
        today=request.today,
        appointment_id=appointment.pk,
        effective_on=form.cleaned_data["effective_on"],
        document=form.approval_document(request.user),
        reason=form.cleaned_data["reason"],
    )


@page("personnel.change")
@require_http_methods(["GET", "POST"])
@at_present
def duty_page(request: PageRequest, pk: int) -> HttpResponse:
    """在岗情况变更."""
    found = visible_person(request, pk)
    form = DutyForm(request.POST or None, user=request.user, initial={"effective_on": request.today})

    def act() -> DutyPeriod | None:
        return set_duty_state(actor=request.user, person_id=found.pk, **_duty_facts(form))

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(back_to(found), f"已变更{found.name}的在岗情况。"),
        title=f"{found.name}　在岗情况变更",
        submit="登记变更",
        back=back_to(found),
        facts=standing_of(dossier_of(found, request.today)),
        lead="试用、借出、不在岗期间仍占用编制。",
        context={"crumb": (found.name, back_to(found))},
    ).respond()


def _duty_facts(form: DutyForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("state", "reason", "effective_on", "note", "document")}
