"""Issuing a staffing approval: unit, its room as it is now, slots, document."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web import lookups
from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.objections import Objection
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.services.approvals import ApprovalOrder, IssuedApproval, issue_approval, usual_end
from bianzhi.personnel.web.acting import ActPage, Done, at_present, rehearse
from bianzhi.personnel.web.forms.approvals import ApprovalForm, BaseSlotLines, SlotLines
from bianzhi.personnel.web.links import approval_url
from bianzhi.personnel.web.room import room_of

PREFIX = "slots"


def chosen_unit(request: PageRequest) -> Organization | None:
    """The unit of `?unit=`, within the user's scope."""
    text = request.GET.get("unit", "").strip()
    return lookups.find("organization").get(request.user, text) if text else None


@page("approvals.issue", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def issue(request: PageRequest) -> HttpResponse:
    """First the unit, then the slip with the unit's figures beside it."""
    unit = chosen_unit(request)
    if unit is None:
        context = {"problem": request.GET.get("unit", "").strip(), "back": reverse("personnel:approvals")}
        return render(request, "personnel/issue_unit.html", context)
    form = ApprovalForm(request.POST or None, user=request.user)
    lines = lines_of(request, unit)
    answer = IssuePage(
        request=request,
        form=form,
        act=partial(_issue, request, form, lines, unit),
        done=_done,
        title="核发用编核准单",
        submit="核发核准单",
        back=reverse("personnel:approvals"),
        template="personnel/issue.html",
        context={
            "unit": unit,
            "unit_name": names_on([unit.pk], request.today).get(unit.pk, ""),
            "lines": lines,
            "room": room_of(unit.pk, request.today),
            "usual_end": usual_end(request.today),
            "is_posted": request.method == "POST",
        },
    )
    answer.lines = lines
    return answer.respond()


class IssuePage(ActPage):
    """The form is sound when its lines are."""

    lines: BaseSlotLines

    def is_sound(self) -> bool:
        """Both are read, so that the reader sees every mistake at once."""
        lines_are_sound = self.lines.is_valid()
        return super().is_sound() and lines_are_sound


@page("approvals.issue")
@require_http_methods(["POST"])
def check(request: PageRequest) -> HttpResponse:
    """What stands against the lines filled in so far, while they are being filled in."""
    unit = chosen_unit(request)
    if unit is None:
        return HttpResponse(status=400)
    lines = lines_of(request, unit)
    objections: tuple[Objection, ...] = ()
    is_ready = lines.is_valid() and bool(lines.requests())
    if is_ready:
        order = ApprovalOrder(organization_id=unit.pk, requests=lines.requests())
        objections = rehearse(lambda: issue_approval(actor=request.user, today=request.today, order=order))
    context = {"room": room_of(unit.pk, request.today), "objections": objections, "is_ready": is_ready}
    return render(request, "personnel/check_panel.html", context)


def lines_of(request: PageRequest, unit: Organization) -> BaseSlotLines:
    """The slot lines of the form, with the unit's own internal bodies to choose from."""
    data: Any = request.POST if request.method == "POST" else None
    kwargs = {"organization": unit, "day": request.today, "user": request.user}
    lines: BaseSlotLines = SlotLines(data, prefix=PREFIX, form_kwargs=kwargs)  # type: ignore[assignment]
    return lines


def _issue(request: PageRequest, form: ApprovalForm, lines: BaseSlotLines, unit: Organization) -> IssuedApproval:
    document = form.approval_document(request.user)
    order = form.order(unit, lines.requests(), document)
    return issue_approval(actor=request.user, today=request.today, order=order, override=form.override(document))


def _done(issued: IssuedApproval) -> Done:
    return Done(
        approval_url(issued.approval), f"已核发{issued.approval.number}，共 {len(issued.slots)} 个名额，可打印通知单。"
    )
