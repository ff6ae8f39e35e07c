"""Findings in the search box of the top bar."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from bianzhi.common.web.search import Result
from bianzhi.exchange.models import Finding
from bianzhi.exchange.web.links import finding_url
from bianzhi.exchange.web.words import kind_label


def find(user: Any, text: str, limit: int) -> Iterable[Result]:
    """Findings by the person's name or the unit, unsettled ones first, within the user's scope."""
    rows = Finding.objects.visible_to(user).filter(Q(person_name__icontains=text) | Q(unit__icontains=text))
    for row in rows.order_by("closed_on", "-pk")[:limit]:
        words = f"{row.unit}　{row.get_state_display()}　{row.last_period}"
        yield Result(f"{row.person_name or row.unit} {kind_label(row.kind)}", words, finding_url(row))
