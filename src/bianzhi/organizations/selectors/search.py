"""Finding organisations by any name people know them by."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from bianzhi.kernel.names import organisation_name_key
from bianzhi.organizations.models import Nameplate, OrganizationAlias, OrganizationVersion

CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit found; `by` says through which other name (曾用名：…), "" when through its own."""

    organization_id: int
    name: str
    by: str = ""
    is_grouping: bool = False
    is_in_force: bool = True


def search(text: str, *, day: date, within: Collection[int] | None = None, limit: int = 20) -> list[Hit]:
    """Units answering to a text, best first, named as of a day.

    Searched are full name, short name, 拼音首字母, code and credit code, former names, nameplates and aliases. `within`
    narrows to a data scope. Three queries, and one more for the names.
    """
    key = organisation_name_key(text)
    if not key:
        return []
    reasons: dict[int, tuple[int, str]] = {}
    for organization_id, rank, by in [*_by_version(key, day), *_by_nameplate(key), *_by_alias(key)]:
        if within is not None and organization_id not in within:
            continue
        if organization_id not in reasons or rank < reasons[organization_id][0]:
            reasons[organization_id] = (rank, by)
    shown = _shown(reasons, day)
    hits = [
        ((rank, bool(by), not in_force, len(name), name), Hit(pk, name, by, grouping, in_force))
        for pk, (rank, by) in reasons.items()
        for name, grouping, in_force in [shown[pk]]
    ]
    return [hit for _, hit in sorted(hits, key=lambda entry: entry[0])[:limit]]


def exactly_named(text: str, *, day: date) -> list[int]:
    """Ids of the units in force on a day whose full or short name is this, in any writing."""
    key = organisation_name_key(text)
    if not key:
        return []
    rows = OrganizationVersion.objects.as_of(day)
    return list(rows.filter(Q(name_folded=key) | Q(short_name=text.strip())).values_list("organization_id", flat=True))


def _by_version(key: str, day: date) -> list[tuple[int, int, str]]:
    condition = Q(name_folded__contains=key) | Q(short_name__icontains=key)
    if key.isascii():
        condition |= Q(name_initials__contains=key) | Q(organization__code__istartswith=key)
        condition |= Q(organization__uscc__istartswith=key)
    rows = OrganizationVersion.objects.filter(condition, superseded_at__isnull=True).values_list(
        "organization_id", "name", "name_folded", "short_name", "name_initials", "valid_to"
    )
    found = []
    for organization_id, name, folded, short, initials, valid_to in rows[:CANDIDATES]:
        is_former = valid_to is not None and valid_to <= day
        by = f"曾用名：{name}" if is_former else ""
        found.append((organization_id, _rank(key, folded, short, initials) + (4 if is_former else 0), by))
    return found


def _rank(key: str, folded: str, short: str, initials: str) -> int:
    """0 the name itself, 1 its beginning or the short name, 2 initials from the beginning, 3 anywhere."""
    words = initials.split()
    if key in (folded, short.casefold()):
        return 0
    if folded.startswith(key) or short.casefold().startswith(key) or key in words:
        return 1
    return 2 if any(word.startswith(key) for word in words) else 3


def _by_nameplate(key: str) -> list[tuple[int, int, str]]:
    rows = Nameplate.objects.filter(superseded_at__isnull=True, name__icontains=key)
    return [
        (organization_id, 3 if organisation_name_key(name) != key else 1, f"加挂牌子：{name}")
        for organization_id, name in rows.values_list("organization_id", "name")[:CANDIDATES]
    ]


def _by_alias(key: str) -> list[tuple[int, int, str]]:
    rows = OrganizationAlias.objects.filter(withdrawn_at__isnull=True, name_folded__contains=key)
    return [
        (organization_id, 3 if folded != key else 1, f"别名：{name}")
        for organization_id, name, folded in rows.values_list("organization_id", "name", "name_folded")[:CANDIDATES]
    ]


def _shown(ids: Collection[int], day: date) -> dict[int, tuple[str, bool, bool]]:
    """(name, is a grouping, is in force) as of a day; the last or first version stands in."""
    rows = (
        OrganizationVersion.objects.filter(organization__in=list(ids), superseded_at__isnull=True)
        .order_by("valid_from")
        .values_list("organization_id", "name", "is_grouping", "valid_from", "valid_to")
    )
    shown: dict[int, tuple[str, bool, bool]] = {}
    for pk, name, grouping, valid_from, valid_to in rows:
        if valid_from <= day or pk not in shown:
            in_force = valid_from <= day and (valid_to is None or valid_to > day)
            shown[pk] = (name, grouping, in_force)
    return shown
