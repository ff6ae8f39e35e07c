"""Units in the full-text index: found by any name they bear or bore, by codes, and by the words of their duties."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse

from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.organizations.models import Lineage, Nameplate, Organization, OrganizationAlias, OrganizationVersion
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.organizations.selectors.units import names_on
from bianzhi.search.jobs.changes import note
from bianzhi.search.sources import Entry, Source

KIND: Final = "organizations.organization"
EVERYTHING: Final = "all"


def all_ids() -> Iterator[int]:
    """Every unit that has a name."""
    rows = Organization.objects.filter(versions__superseded_at__isnull=True).distinct().order_by("pk")
    return rows.values_list("pk", flat=True).iterator(chunk_size=2000)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """One entry each, named as today, with the other names in its text."""
    today, others = clock.today(), _other_names(ids)
    versions: dict[int, list[OrganizationVersion]] = defaultdict(list)
    rows = OrganizationVersion.objects.filter(organization_id__in=ids, superseded_at__isnull=True)
    for row in rows.select_related("organization").order_by("organization_id", "valid_from"):
        versions[row.organization_id].append(row)
    for pk, known in versions.items():
        begun = [version for version in known if version.valid_from <= today]
        shown = begun[-1] if begun else known[0]
        former = {version.name for version in known} - {shown.name}
        yield Entry(
            key=f"{KIND}:{pk}",
            subject=f"{KIND}:{pk}",
            title=shown.name,
            subtitle=" · ".join(filter(None, (shown.organization.code, shown.short_name, _end(shown)))),
            body="；".join([*sorted(former | others[pk]), *filter(None, [shown.duties])]),
            url=reverse("organizations:detail", args=[pk]),
            access=(EVERYTHING, f"id:{pk}"),
            numbers=tuple(filter(None, (shown.organization.code, shown.organization.uscc))),
            units=(pk,),
        )


def tokens(user: Any) -> Iterable[str]:
    """Everything for the district's offices; for others the units within their scope today."""
    ids = visible_organization_ids(user, clock.today())
    return [EVERYTHING] if ids is None else [f"id:{pk}" for pk in sorted(ids)]


def names(user: Any, ids: Iterable[int]) -> dict[int, str]:
    """Names of those units a user may see, for facets and hits."""
    visible = visible_organization_ids(user, clock.today())
    return names_on([pk for pk in ids if visible is None or pk in visible], clock.today())


def changed(message: OutboxMessage) -> None:
    """organizations.*: acts on units name them by `ids`, with those that took part in the same reorganisation."""
    ids = {int(pk) for pk in message.payload["ids"]}
    partners = Lineage.objects.filter(event__parts__organization_id__in=ids)
    note(KIND, ids | set(partners.values_list("organization_id", flat=True)))


def turned_over(today: date) -> dict[str, int]:
    """The daily look for versions that begin or end today: a name decided earlier holds from now on."""
    versions = OrganizationVersion.objects.filter(superseded_at__isnull=True)
    turning = versions.filter(Q(valid_from=today) | Q(valid_to=today))
    ids = set(turning.values_list("organization_id", flat=True))
    note(KIND, ids)
    return {"units": len(ids)}


def _other_names(ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    plates = Nameplate.objects.filter(organization_id__in=ids, superseded_at__isnull=True)
    aliases = OrganizationAlias.objects.filter(organization_id__in=ids, withdrawn_at__isnull=True)
    for pk, name in [*plates.values_list("organization_id", "name"), *aliases.values_list("organization_id", "name")]:
        found[pk].add(name)
    return found


def _end(version: OrganizationVersion) -> str:
    return f"已撤销（{version.valid_to}）" if version.valid_to and version.valid_to <= clock.today() else ""


SOURCE: Final = Source(
    kind=KIND,
    label="机构",
    icon="building",
    permission="organizations.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=10,
)
