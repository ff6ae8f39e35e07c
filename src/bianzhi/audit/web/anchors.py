"""The anchors as the audit administrator sees them: where they are kept, how far they reach, and a sheet to print."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bianzhi.audit.anchors import accepted_gaps, line, places
from bianzhi.audit.anchors.lines import Anchor, BadAnchor, read
from bianzhi.audit.chain import head
from bianzhi.audit.models import AuditEntry
from bianzhi.common.web.access import PageRequest, page

VIEW: Final = "audit.view"
SILENT_AFTER: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Shown:
    """One place on the page."""

    name: str
    state: str
    newest: Anchor | None
    error: str
    unanchored: int | None


def places_down(user: Any) -> int:
    """How many places do not take anchors just now, for the menu."""
    return len(places.down())


@page(VIEW)
@require_safe
def anchor_page(request: PageRequest) -> HttpResponse:
    """Every place with its newest anchor."""
    seq, digest = head()
    shown = [_shown(place, seq) for place in places.configured()]
    context = {
        "seq": seq,
        "digest": digest,
        "places": shown,
        "down": [one for one in shown if one.state != "正常"],
        "gaps": accepted_gaps(),
    }
    return render(request, "audit/anchors.html", context)


@page(VIEW)
@require_safe
def root_sheet(request: PageRequest) -> HttpResponse:
    """The head on a sheet of paper, for an office that has no other machine."""
    seq, digest = head()
    newest = AuditEntry.objects.filter(pk=seq).first()
    groups = [digest[start : start + 4] for start in range(0, len(digest), 4)]
    rows = [groups[start : start + 8] for start in range(0, len(groups), 8)]
    context = {"seq": seq, "rows": rows, "newest": newest, "line": line(), "now": timezone.now()}
    return render(request, "audit/root_sheet.html", context)


def _shown(place: places.Place, seq: int) -> Shown:
    noted = places.state_of(place)
    try:
        newest = _read(place.newest())
    except OSError as error:
        return Shown(place.name, "断开", None, places.in_words(error), None)
    unanchored = max(0, seq - newest.seq) if newest else seq
    if noted.is_down:
        return Shown(place.name, "断开", newest, noted.error, unanchored)
    return Shown(place.name, "静默" if _is_silent(newest) else "正常", newest, "", unanchored)


def _read(text: str) -> Anchor | None:
    try:
        return read(text)
    except BadAnchor:
        return None


def _is_silent(newest: Anchor | None) -> bool:
    now: datetime = timezone.now()
    return newest is None or newest.at is None or now - newest.at > SILENT_AFTER
