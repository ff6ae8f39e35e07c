"""出编: the mode, its papers, and R12's clock in plain sight."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.dates import DateError, require_date
from bianzhi.kernel.retirement import occupancy_end
from bianzhi.personnel.models import Person
from bianzhi.personnel.rules.exits import first_day_off_quota
from bianzhi.personnel.rules.modes import ORG_TRANSFER_OUT, RETIREMENTS
from bianzhi.personnel.selectors.retirements import retirement_month
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.personnel.services.decisions import Outcome
from bianzhi.personnel.services.exits import delist
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.movements import ExitForm
from bianzhi.personnel.web.links import movement_url
from bianzhi.personnel.web.person import back_to, standing_of
from bianzhi.personnel.web.transferring import on_quota_here


@dataclass(frozen=True, slots=True)
class Clock:
    """R12 for one exit: the last day on quota and the last day to file it."""

    last_day: date
    deadline: date
    days: int
    is_late: bool


def clock_of(mode: str, event_on: date, today: date) -> Clock:
    """Until when an exit is to be filed, by the office's calendar of working days."""
    last_day = first_day_off_quota(mode, event_on) - timedelta(days=1)
    days = filing_days()
    deadline = exit_deadline(last_day, working_calendar(last_day), days)
    return Clock(last_day, deadline, days, today > deadline)


def exit_modes() -> list[tuple[str, str]]:
    """The modes an official can choose; an exit by reorganisation is made there."""
    return [(code, label) for code, label in codes("exit_mode").choices() if code != ORG_TRANSFER_OUT]


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def exit_page(request: PageRequest, pk: int) -> HttpResponse:
    """First the mode, then the papers it asks for."""
    found, dossier, _ = on_quota_here(request, pk)
    mode = request.GET.get("mode", "")
    if mode and mode not in dict(exit_modes()):
        raise Http404("没有这种出编类型，或不在此办理。")
    facts = standing_of(dossier)
    context = {"person": found, "facts": facts, "modes": exit_modes(), "mode": mode}
    if not mode:
        return render(request, "personnel/exit_mode.html", context)
    month = retirement_month(found) if mode in RETIREMENTS else None
    event_on = occupancy_end(month) - timedelta(days=1) if month is not None and mode == "O01" else request.today
    form = ExitForm(request.POST or None, user=request.user, mode=mode, initial={"event_on": event_on})
    return ActPage(
        request=request,
        form=form,
        act=partial(_delist, request, form, found),
        done=_done,
        title=f"{found.name}　出编",
        submit="办理出编",
        back=back_to(found),
        facts=facts,
        lead=f"出编类型：{codes('exit_mode').label(mode)}。所列证明材料须全部核验。",
        context={
            **context,
            "crumb": (found.name, back_to(found)),
            "side": "personnel/exit_side.html",
            "clock": clock_of(mode, event_on, request.today),
        },
    ).respond()


@page("personnel.move")
@require_safe
def clock(request: PageRequest) -> HttpResponse:
    """R12's clock for the day typed so far, as a fragment."""
    mode = request.GET.get("mode", "")
    found: Clock | None = None
    problem = ""
    if mode not in codes("exit_mode"):
        return HttpResponse(status=400)
    try:
        found = clock_of(mode, require_date(request.GET.get("event_on", "")).day, request.today)
    except DateError as error:
        problem = str(error)
    return render(request, "personnel/exit_clock.html", {"clock": found, "problem": problem})


def _delist(request: PageRequest, form: ExitForm, found: Person) -> Outcome:
    order = form.order(found, form.approval_document(request.user))
    return delist(actor=request.user, today=request.today, order=order)


def _done(outcome: Outcome) -> Done:
    movement = outcome.movement
    notice = f"已为{movement.person.name}办理出编，业务编号 {movement.number}，可打印核销回执。"
    return Done(movement_url(movement), notice)
