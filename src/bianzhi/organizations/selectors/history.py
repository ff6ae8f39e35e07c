"""The history of a unit (沿革, T18): every version and every event, with the document behind each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bianzhi.kernel.codesets import codes
from bianzhi.organizations import figures
from bianzhi.organizations.models import (
    Lineage,
    LineageKind,
    LineageRole,
    Organization,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.selectors.units import names_on


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of T18: what happened on a day, and how the unit stood after it."""

    date: date
    title: str
    summary: str
    doc_no: str
    document_id: int | None = None
    name: str = ""
    affiliation: str = ""
    funding: str = ""
    duties: str = ""
    quota: int | None = None
    posts: int | None = None
    url: str = ""
    related: tuple[tuple[int, str], ...] = ()
    recorded_at: datetime | None = None


def versions(organization: Organization | int) -> QuerySet[OrganizationVersion]:
    """Every version not corrected away, oldest first."""
    rows: QuerySet[OrganizationVersion] = OrganizationVersion.objects.filter(
        organization=organization, superseded_at__isnull=True
    )
    return rows.select_related("document").order_by("valid_from")


def events(organization: Organization | int, until: date) -> list[ReorganizationEvent]:
    """The events a unit had a part in, effective by a day, newest first."""
    rows = ReorganizationEvent.objects.filter(parts__organization=organization, effective_on__lte=until)
    return list(rows.select_related("document").distinct().order_by("-effective_on", "-pk"))


def history(organization: Organization | int, until: date) -> list[HistoryRow]:
    """T18 of a unit up to a day, newest first, with what other apps add (a constant number of queries)."""
    organization_id = organization if isinstance(organization, int) else organization.pk
    found = events(organization_id, until)
    stood = list(versions(organization_id))
    others = _others(found, organization_id)
    added = figures.events_of(organization_id, until)
    days = sorted({event.effective_on for event in found} | {event.date for event in added})
    totals = figures.totals_of(organization_id, days)
    superiors = {pk for version in stood for pk in (version.parent_id, version.supervising_department_id) if pk}
    names = names_on(superiors | {pk for related in others.values() for pk in related}, until)
    standing = _Standing(stood, names)
    rows = [
        HistoryRow(
            date=event.date,
            title=event.title,
            summary=event.text,
            doc_no=event.doc_no,
            url=event.url,
            recorded_at=event.recorded_at,
            **standing.facts_on(event.date, totals),
        )
        for event in reversed(added)
    ]
    rows += [
        HistoryRow(
            date=event.effective_on,
            title=event.get_kind_display(),
            summary=event.summary,
            doc_no=event.document.doc_no,
            document_id=event.document_id,
            url=reverse("organizations:event", args=[event.pk]),
            recorded_at=event.recorded_at,
            related=tuple((pk, names.get(pk, f"机构 {pk}")) for pk in others.get(event.pk, ())),
            **standing.facts_on(event.effective_on, totals),
        )
        for event in found
    ]
    return sorted(rows, key=_order, reverse=True)


def _order(row: HistoryRow) -> tuple[date, bool, float]:
    """By day, and within a day by registration; what has no time of registration comes first in its day."""
    at = row.recorded_at
    return row.date, at is not None, at.timestamp() if at else 0.0


def _others(found: Iterable[ReorganizationEvent], organization_id: int) -> dict[int, list[int]]:
    """Ids of the other units of each event."""
    parts = Lineage.objects.filter(
        event__in=[event.pk for event in found if event.kind in SHARED],
        role__in=[LineageRole.SOURCE, LineageRole.TARGET],
    )
    related: dict[int, list[int]] = {}
    for event_id, other in parts.exclude(organization=organization_id).values_list("event_id", "organization_id"):
        related.setdefault(event_id, []).append(other)
    return related


SHARED = frozenset({LineageKind.MERGED, LineageKind.SPLIT, LineageKind.TRANSFERRED, LineageKind.ABOLISHED})


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a unit stood from day to day."""

    versions: Sequence[OrganizationVersion]
    names: Mapping[int, str]

    def facts_on(self, day: date, totals: Mapping[date, figures.Total]) -> dict[str, Any]:
        """The columns of T18 that tell how the unit stood after what happened on a day."""
        begun = [version for version in self.versions if version.valid_from <= day]
        total = totals.get(day) or figures.Total()
        counted = {"quota": total.quota, "posts": total.posts}
        if not begun:
            return counted
        version = begun[-1]
        superior = version.supervising_department_id or version.parent_id
        return counted | {
            "name": version.name,
            "affiliation": self.names.get(superior, "") if superior else "",
            "funding": codes("funding_form").label(version.funding_form),
            "duties": version.duties,
        }
