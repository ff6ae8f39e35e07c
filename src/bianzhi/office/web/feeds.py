"""iCalendar: the own calendar as a file, and under a secret address that calendar programs read by themselves."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_POST, require_safe

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.common import agenda
from bianzhi.common.db.row_scope import go_beyond_scope
from bianzhi.common.web.access import PageRequest, page, public_page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import CalendarFeed
from bianzhi.office.rules.icalendar import Item, written
from bianzhi.office.selectors.calendar import cancelled_events
from bianzhi.office.services import feeds
from bianzhi.office.web.limits import Limit

VIEW: Final = "workbench.view"
ICS: Final = "text/calendar; charset=utf-8"
BACK: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)
READS: Final = Limit("office.feed", most=30, seconds=3600)
"""A calendar program asks once or a few times an hour."""
GUESSES: Final = Limit("office.feed.wrong", most=20, seconds=600)
"""Wrong addresses from one place: tokens cannot be guessed, and nobody shall try."""
USED_AGAIN_AFTER: Final = timedelta(minutes=10)


@page(VIEW)
@require_safe
def download(request: PageRequest) -> HttpResponse:
    """The own calendar as a file."""
    response = HttpResponse(_calendar_of(request.user, _site(request)), content_type=ICS)
    response.headers["Content-Disposition"] = 'attachment; filename="bianzhi.ics"'
    return response


@public_page
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever holds the secret address; no login, no cookie, only this one person's own entries."""
    place = request.META.get("REMOTE_ADDR", "")
    if GUESSES.is_used_up(place):
        return _too_often(GUESSES)
    go_beyond_scope("feed")
    found = CalendarFeed.objects.filter(
        token_digest=feeds.digest_of(token), revoked_at__isnull=True, user__is_active=True
    ).select_related("user")
    row = found.first()
    if row is None or not row.user.can(VIEW):
        GUESSES.note(place)
        return HttpResponse("没有这个日历，或者它已停用。", status=404, content_type="text/plain; charset=utf-8")
    if not READS.note(str(row.pk)):
        return _too_often(READS)
    if row.last_used_at is None or clock.now() - row.last_used_at > USED_AGAIN_AFTER:
        feeds.note_feed_read(actor=System("日历订阅"), feed_id=row.pk, now=clock.now())
    response = HttpResponse(_calendar_of(row.user, _site(request)), content_type=ICS)
    add_never_cache_headers(response)
    return response


def _too_often(limit: Limit) -> HttpResponse:
    response = HttpResponse("读取过于频繁，请稍后再试。", status=429, content_type="text/plain; charset=utf-8")
    response.headers["Retry-After"] = str(limit.seconds)
    return response


def _site(request: HttpRequest) -> str:
    """The address of this site: as configured, else as the caller reached it."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def _calendar_of(user: User, site: str) -> bytes:
    today = clock.today()
    first, last = today - BACK, today + AHEAD
    found = [*agenda.entries(user, first, last), *cancelled_events(user, first, last)]
    return written(f"编制通 · {user.display_name}", _items(found, site))


def _items(entries: Iterable[agenda.Entry], site: str) -> Iterator[Item]:
    here = salted_hmac("bianzhi.office.uid", "").hexdigest()[:12]  # this installation, whatever its address
    for entry in entries:
        yield Item(
            uid=f"{entry.uid}@{here}.bianzhi",
            starts=entry.starts,
            ends=entry.ends,
            summary=f"{entry.label}：{entry.title}",
            changed_at=entry.changed_at,
            description=entry.note,
            location=entry.place,
            category=entry.label,
            url=f"{site}{entry.url}" if entry.url else "",
            sequence=entry.revision,
            is_cancelled=entry.is_cancelled,
            is_busy=entry.has_hours,
        )


@page(VIEW)
@require_POST
def feed_open(request: PageRequest) -> HttpResponse:
    """Open a subscription; the answer shows its address, once."""
    _, token = feeds.open_feed(actor=request.user)
    url = f"{_site(request)}{reverse('office:feed', args=[token])}"
    response = render(request, "office/feed_opened.html", {"url": url})
    add_never_cache_headers(response)
    return response


@page(VIEW)
@require_POST
def feed_revoke(request: PageRequest) -> HttpResponse:
    """Stop the subscription."""
    back = reverse("office:calendar")
    try:
        feeds.revoke_feed(actor=request.user)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, "日历订阅已停用，原地址不能再读取。")
