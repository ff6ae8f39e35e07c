"""The working calendar, a year on a page."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.accounts.services import calendar
from bianzhi.common.models import CalendarDay
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm, DayField
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.working_days import YEARS_AHEAD, load
from bianzhi.kernel.calendar import FIRST_ANNOUNCED_YEAR
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Refused

MANAGE = calendar.MANAGE
WEEKDAYS = "一二三四五六日"


class DayForm(BaseForm):
    """One day put right."""

    day = DayField(label="日期")
    is_working = forms.TypedChoiceField(
        label="安排", choices=[("1", "上班"), ("0", "休息")], coerce=lambda text: text == "1"
    )
    name = forms.CharField(label="名称", max_length=40, required=False, help_text="如 国庆节、国庆节调休上班")
    source = forms.CharField(label="依据", max_length=40, help_text="如 国办发明电〔2026〕7号")


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def calendar_page(request: PageRequest, year: int | None = None) -> HttpResponse:
    """The days of a year that differ from Monday–Friday, and the form that changes one."""
    last = request.today.year + YEARS_AHEAD
    year = request.today.year if year is None else year
    if not FIRST_ANNOUNCED_YEAR <= year <= last:
        raise Http404(f"工作日历从 {FIRST_ANNOUNCED_YEAR} 年到 {last} 年。")
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = calendar.set_day(actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, _url(row.day.year), f"已设置 {row.day.isoformat()}。")
    context = {"form": form, "year": year, **_year(request, year, last)}
    return render(request, "accounts/calendar.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
@require_POST
def calendar_confirm(request: PageRequest, year: int) -> HttpResponse:
    """Take a year as announced."""
    try:
        calendar.seed_calendar(actor=request.user, first=year, last=year)
        count = calendar.confirm_year(actor=request.user, year=year, source=sound(request.POST.get("source", "")))
    except Refused as refusal:
        return redirect_with_notice(request, _url(year), str(refusal), level="error")
    return redirect_with_notice(request, _url(year), f"{year} 年已按正式通知确认，{count} 天不再是暂定。")


def _year(request: PageRequest, year: int, last: int) -> dict[str, Any]:
    loaded = load(request.today)
    days = sorted(row for row in loaded.exceptions.values() if row.day.year == year)
    return {
        "years": range(request.today.year - 1, last + 1),
        "days": [(row, WEEKDAYS[row.day.weekday()], calendar.short_source(row.source)) for row in days],
        "is_provisional": any(row.provisional for row in days),
        "is_stored": CalendarDay.objects.filter(day__year=year).exists(),
    }


def _url(year: int) -> str:
    return reverse("accounts:calendar_year", args=[year])
