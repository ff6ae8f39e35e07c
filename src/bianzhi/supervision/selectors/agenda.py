"""What falls on which day for the calendar: until when units have to put things right."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from bianzhi.common.agenda import Entry
from bianzhi.common.web.tones import Tone
from bianzhi.kernel import clock
from bianzhi.organizations.selectors.units import names_on
from bianzhi.supervision.models import OrderState, RectificationOrder


def rectification_days(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Agenda source: open orders of the units within the user's scope; two queries."""
    if not user.can("supervision.view"):
        return
    rows = RectificationOrder.objects.visible_to(user).filter(
        state=OrderState.ISSUED, due_on__gte=first, due_on__lte=last
    )
    orders = list(rows.order_by("due_on", "pk"))
    today = clock.today()
    names = names_on({order.organization_id for order in orders}, today) if orders else {}
    for order in orders:
        yield Entry(
            uid=f"rectification-{order.pk}",
            label="整改期限",
            title=f"{names.get(order.organization_id, '')} {order.number}".strip(),
            starts=order.due_on,
            ends=order.due_on,
            url=reverse("supervision:order", args=[order.pk]),
            note=f"签发于 {order.issued_on}",
            tone=Tone.BAD if order.due_on < today else Tone.WARN,
            changed_at=order.recorded_at,
        )
