"""What falls on which day for the calendar: until when findings are to be looked into."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from bianzhi.common.agenda import Entry
from bianzhi.common.web.tones import Tone
from bianzhi.exchange.models import Finding
from bianzhi.exchange.web.links import finding_url
from bianzhi.exchange.web.words import kind_label
from bianzhi.kernel import clock


def finding_days(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Agenda source: findings assigned within the user's scope that are not settled; one query."""
    if not user.can("exchange.findings"):
        return
    rows = Finding.objects.visible_to(user).unsettled().filter(due_on__gte=first, due_on__lte=last)
    today = clock.today()
    for finding in rows.select_related("assignee").order_by("due_on", "pk"):
        due_on = finding.due_on or last
        yield Entry(
            uid=f"finding-{finding.pk}",
            label="差异核实",
            title=f"{finding.person_name or finding.unit} {kind_label(finding.kind)}",
            starts=due_on,
            ends=due_on,
            url=finding_url(finding),
            note=f"承办人 {finding.assignee.display_name}" if finding.assignee else "",
            tone=Tone.BAD if due_on < today else Tone.WARN,
        )
