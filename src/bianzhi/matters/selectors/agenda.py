"""What falls on which day for the calendar: the last day of each publication."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from bianzhi.common.agenda import Entry
from bianzhi.common.web.tones import Tone
from bianzhi.matters.models import Case, Publication, PublicationState


def publication_ends(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Agenda source: publications still open of the cases the user may see; one query."""
    if not user.can("publications.view"):
        return
    rows = Publication.objects.filter(
        state__in=(PublicationState.OPEN, PublicationState.SUSPENDED),
        closes_on__gte=first,
        closes_on__lte=last,
        case__in=Case.objects.visible_to(user).values("pk"),
    )
    for row in rows.order_by("closes_on", "pk"):
        suspended = row.state == PublicationState.SUSPENDED
        yield Entry(
            uid=f"publication-{row.pk}",
            label="公示截止",
            title=row.title,
            starts=row.closes_on,
            ends=row.closes_on,
            url=reverse("matters:publication", args=[row.pk]),
            note="有异议，暂停计时，截止日将顺延" if suspended else row.number,
            tone=Tone.WARN if suspended else Tone.INFO,
        )
