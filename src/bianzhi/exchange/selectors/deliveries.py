"""Deliveries that count: accepted, not replaced, and whole."""

from typing import BinaryIO

from bianzhi.exchange import files
from bianzhi.exchange.models import Delivery, DeliveryState, Source


def rosters_of(period: str) -> dict[str, list[Delivery]]:
    """Department → the accepted deliveries of a month, of those sources whose every part is there."""
    rosters: dict[str, list[Delivery]] = {}
    for source in Source.objects.order_by("pk"):
        rosters.setdefault(source.department, []).extend(whole_set(source, period))
    return {department: deliveries for department, deliveries in rosters.items() if deliveries}


def is_stuck(delivery: Delivery) -> bool:
    """Whether a delivery waits to be read, or is said to be read, and no job is left that would do it."""
    is_unread = delivery.state in (DeliveryState.RECEIVED, DeliveryState.READING)
    return is_unread and (delivery.job is None or delivery.job.is_finished)


def open_roster(delivery: Delivery) -> BinaryIO:
    """The roster (Parquet) of an accepted delivery. Raises FileNotFoundError, BrokenSeal (an OSError)."""
    return files.open_file(delivery.roster)


def whole_set(source: Source, period: str) -> list[Delivery]:
    """The accepted parts of a source for a month in their order; empty while one is missing."""
    accepted = list(
        Delivery.objects.filter(source=source, period=period, state=DeliveryState.ACCEPTED)
        .exclude(roster="")
        .select_related("source")
        .order_by("part", "pk")
    )
    for parts in {delivery.parts for delivery in accepted}:
        same = [delivery for delivery in accepted if delivery.parts == parts]
        if {delivery.part for delivery in same} == set(range(1, parts + 1)):
            return same
    return []


def last_whole_set(source: Source, period: str) -> list[Delivery]:
    """What a new delivery of `period` is compared with: the whole set of the month itself, else of the latest one."""
    months = (
        Delivery.objects.filter(source=source, period__lte=period, state=DeliveryState.ACCEPTED)
        .order_by("-period")
        .values_list("period", flat=True)
        .distinct()
    )
    for month in months:
        found = whole_set(source, month)
        if found:
            return found
    return []
