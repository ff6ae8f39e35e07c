"""Meetings and appointments: planning, changing, calling off."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.forms import DayField, LookupListField
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.web.saving import Done, pressed, saved
from bianzhi.kernel.clock import CHINA
from bianzhi.office.models import CalendarEvent, EventKind
from bianzhi.office.selectors.calendar import clashing, when_in_words
from bianzhi.office.services import events
from bianzhi.office.services.events import PLAN, EventFacts

HOURS = [(f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d}") for hour in range(7, 22) for minute in (0, 30)]


class EventForm(once.TokenForm):
    """What, when, where, with whom."""

    wide = ("title", "participants", "text")

    kind = forms.ChoiceField(label="种类", choices=EventKind.choices, initial=EventKind.MEETING)
    place = forms.CharField(label="地点", max_length=120, required=False)
    title = forms.CharField(label="事项", max_length=120)
    first = DayField(label="开始日期", help_text="可写 2026-03-05、20260305")
    last = DayField(label="结束日期", required=False, help_text="当天结束的可不填")
    starts = forms.ChoiceField(label="开始时间", choices=HOURS, initial="09:00")
    ends = forms.ChoiceField(label="结束时间", choices=HOURS, initial="10:00")
    all_day = forms.BooleanField(label="全天", required=False)
    participants = LookupListField("colleague", label="参加人", required=False, help_text="会收到消息；您本人不用填")
    text = forms.CharField(label="说明", max_length=2000, required=False, widget=forms.Textarea)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "first" in cleaned and "last" in cleaned:
            cleaned["last"] = cleaned["last"] or cleaned["first"]
        return cleaned

    def facts(self) -> EventFacts:
        """What the services take."""
        cleaned = self.cleaned_data
        all_day = cleaned["all_day"]
        return EventFacts(
            title=cleaned["title"],
            starts_at=_moment(cleaned["first"], "00:00" if all_day else cleaned["starts"]),
            ends_at=_moment(cleaned["last"], "00:00" if all_day else cleaned["ends"]),
            kind=cleaned["kind"],
            all_day=all_day,
            place=cleaned["place"],
            text=cleaned["text"],
            participants=frozenset(user.pk for user in cleaned["participants"]),
        )


def _moment(day: date, hour: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), CHINA)


def _initial(event: CalendarEvent) -> dict[str, Any]:
    starts, ends = event.starts_at.astimezone(CHINA), event.ends_at.astimezone(CHINA)
    return {
        "kind": event.kind,
        "title": event.title,
        "place": event.place,
        "text": event.text,
        "first": starts.date(),
        "last": ends.date(),
        "starts": "09:00" if event.all_day else f"{starts:%H:%M}",
        "ends": "10:00" if event.all_day else f"{ends:%H:%M}",
        "all_day": event.all_day,
        "participants": [row.user for row in _present(event) if row.user.is_active],
    }


def _present(event: CalendarEvent) -> Any:
    return event.participants.filter(removed_at__isnull=True).select_related("user").order_by("user__display_name")


@page(PLAN)
@require_http_methods(["GET", "POST"])
def event_new(request: PageRequest) -> HttpResponse:
    """Plan an event; the same form sent twice plans one."""
    initial = {"first": request.GET.get("day") or request.today}
    form = EventForm(request.POST or None, user=request.user, initial=initial)

    def plan() -> Done:
        return _planned(events.plan_event(actor=request.user, facts=form.facts()), "日程已安排")

    answer = saved(request, form, plan, twice="这项日程已经安排。")
    return answer or _form_page(request, form, "安排日程", reverse("office:calendar"))


@page(PLAN)
@require_http_methods(["GET", "POST"])
def event_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change one's own event."""
    event, back = get_visible_or_404(CalendarEvent, request.user, pk), reverse("office:event", args=[pk])
    if request.method == "GET" and not _may_change(event, request.user):
        return redirect_with_notice(request, back, "只有发起人能修改未取消的日程。", level="warning")
    form = EventForm(request.POST or None, user=request.user, initial=_initial(event))

    def change() -> Done:
        return _planned(events.change_event(actor=request.user, event_id=pk, facts=form.facts()), "日程已修改")

    return saved(request, form, change) or _form_page(request, form, "修改日程", back)


def _form_page(request: PageRequest, form: EventForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "office/event_form.html", context, status=422 if request.method == "POST" else 200)


def _planned(event: CalendarEvent, done: str) -> Done:
    """Say it is done, and who has something else at that time."""
    people = {event.organizer_id, *(row.user_id for row in _present(event))}
    busy = [] if event.all_day else clashing(people, event.starts_at, event.ends_at, without=event.pk)
    also = f"，请注意：{'、'.join(busy)} 该时段另有日程" if busy else ""
    return Done(reverse("office:event", args=[event.pk]), f"{done}{also}。", "warning" if busy else "success")


@page(PLAN)
@require_safe
def event_page(request: PageRequest, pk: int) -> HttpResponse:
    """One event."""
    event = get_visible_or_404(CalendarEvent.objects.select_related("organizer"), request.user, pk)
    people = "、".join(row.user.display_name for row in _present(event))
    pairs = [
        ("种类", event.get_kind_display()),
        ("时间", when_in_words(event)),
        ("地点", event.place),
        ("发起人", event.organizer.display_name),
        ("参加人", people or "无"),
        ("最近修改", f"{event.changed_at.astimezone(CHINA):%Y-%m-%d %H:%M}"),
    ]
    context = {"event": event, "pairs": pairs, "may_change": _may_change(event, request.user)}
    return render(request, "office/event.html", context)


def _may_change(event: CalendarEvent, user: Any) -> bool:
    return event.organizer_id == user.pk and not event.is_cancelled


@page(PLAN)
@require_POST
def event_cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Call one's own event off."""
    get_visible_or_404(CalendarEvent, request.user, pk)
    back = reverse("office:event", args=[pk])

    def cancel() -> Done:
        events.cancel_event(actor=request.user, event_id=pk, reason=typed(request, "reason"))
        return Done(back, "日程已取消，已通知参加人。")

    return pressed(request, back, cancel)
