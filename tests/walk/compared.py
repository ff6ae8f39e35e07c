"""What a month's comparison found in the walked district: about the clerk's own unit, and about another."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.exchange.models import LinkReview, UnitAlias
from bianzhi.exchange.services.links import decide_link
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Occupancy
from tests.exchange.hub import Hub, make_sources

PERIOD = "2026-10"


def compare_something(clerk: User, own: Organization, other: Organization, today: Any) -> None:
    """A run with a finding and a change of each unit, two pairs (one judged) and a name of a unit."""
    with TemporaryDirectory(prefix="walk-") as folder:
        people: Any = SimpleNamespace(office_clerk=clerk)
        hub = Hub(people, Path(folder), today=today, sources=make_sources(actor=System("测试")))
        names = names_on([own.pk, other.pk], today)
        on_quota = Occupancy.objects.as_of(today).select_related("person")
        stays = [(on_quota.filter(organization=unit).order_by("pk")[0], names[unit.pk]) for unit in (own, other)]
        hub.run(
            PERIOD,
            findings=[
                hub.finding(stay, kind="ghost_payroll", unit=name, rows=[hub.row(stay, "finance", unit=name)])
                for stay, name in stays
            ],
            events=[
                hub.event("exit", stay.person.name, from_unit=name, id_number=stay.person.id_number)
                for stay, name in stays
            ],
            records_asked=[
                {**hub.row(stays[0][0], source), "fingerprint": source} for source in ("establishment", "finance", "hr")
            ],
            pairs_for_review=[_pair("finance", 0.9), _pair("hr", 0.8)],
            unit_aliases=[_alias(names[own.pk])],
        )
    decide_link(actor=clerk, review_id=LinkReview.objects.order_by("-score")[0].pk, same=True)
    assert UnitAlias.objects.exists()


def _pair(right: str, score: float) -> dict[str, Any]:
    sides = {"left_fingerprint": "establishment", "right_fingerprint": right}
    return {"key": right, "rule": "FUZZY_REVIEW", "score": score, "evidence": {"steps": []}, **sides}


def _alias(unit: str) -> dict[str, Any]:
    found = {"source": "finance", "text": "某局", "unit": unit, "unit_code": None}
    return {**found, "support": 9, "share": 0.99, "is_exact": False}
