"""Who held quota on a day: the facts about organisations that the ledger's rules ask for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from bianzhi.ledger.rules.permissibility import Receiver
from bianzhi.organizations.models import InternalBodyVersion, OrganizationStatus, OrganizationVersion

BATCH = 500


@dataclass(slots=True)
class Holders:
    """The versions of some organisations, asked for any day without further queries."""

    _versions: dict[int, list[OrganizationVersion]]

    @classmethod
    def load(cls, organization_ids: Iterable[int]) -> Self:
        """Read every version that still counts, in one query for each 500 organisations."""
        ids = sorted(set(organization_ids))
        versions: dict[int, list[OrganizationVersion]] = defaultdict(list)
        for start in range(0, len(ids), BATCH):
            rows = OrganizationVersion.objects.current().filter(organization_id__in=ids[start : start + BATCH])
            for version in rows.order_by("organization_id", "valid_from"):
                versions[version.organization_id].append(version)
        return cls(dict(versions))

    def alive(self, organization_id: int, day: date) -> Receiver | None:
        """The organisation as it is on a day, None before it was set up and once it is abolished."""
        for version in self._versions.get(organization_id, []):
            ended = version.valid_to is not None and version.valid_to <= day
            if version.valid_from <= day and not ended and not _is_abolished(version):
                return receiver_of(version)
        return None

    def known(self, organization_id: int, day: date) -> Receiver | None:
        """The organisation on a day, or as it last was before (first will be after) it: for what leaves it."""
        alive = self.alive(organization_id, day)
        if alive is not None:
            return alive
        versions = self._versions.get(organization_id, [])
        before = [version for version in versions if version.valid_from <= day]
        return receiver_of((before[-1:] or versions[:1])[0]) if versions else None

    def end_of(self, organization_id: int) -> date | None:
        """The first day on which the organisation is no longer there; None while no end is known."""
        living = [each for each in self._versions.get(organization_id, []) if not _is_abolished(each)]
        return living[-1].valid_to if living else None

    def later(self, organization_id: int, day: date) -> list[OrganizationVersion]:
        """What the organisation becomes after a day, version by version."""
        versions = self._versions.get(organization_id, [])
        return [version for version in versions if version.valid_from > day and not _is_abolished(version)]


def _is_abolished(version: OrganizationVersion) -> bool:
    return version.status == OrganizationStatus.ABOLISHED


def tier_of(organization_id: int, day: date) -> str | None:
    """The tier a unit draws its quota from on a day; None for an organisation nobody knows."""
    receiver = Holders.load([organization_id]).known(organization_id, day)
    return receiver.tier if receiver is not None else None


def tiers_on(day: date) -> dict[int, str]:
    """The tier of every organisation on a day, in one query; of one not there that day the last (else the first)."""
    tiers: dict[int, str] = {}
    versions = OrganizationVersion.objects.current().order_by("valid_from")
    for organization_id, tier, valid_from in versions.values_list("organization_id", "tier", "valid_from"):
        if organization_id not in tiers or valid_from <= day:
            tiers[organization_id] = tier
    return tiers


def bodies_on(body_days: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """The organisation each internal body belongs to on its day; bodies not there then are left out."""
    wanted = set(body_days)
    versions = InternalBodyVersion.objects.current().filter(body_id__in={body_id for body_id, _ in wanted})
    owners: dict[tuple[int, date], int] = {}
    by_body: dict[int, list[InternalBodyVersion]] = defaultdict(list)
    for version in versions:
        by_body[version.body_id].append(version)
    for body_id, day in wanted:
        for version in by_body[body_id]:
            if version.valid_from <= day and (version.valid_to is None or day < version.valid_to):
                owners[body_id, day] = version.organization_id
    return owners


def body_ends(body_ids: Iterable[int]) -> dict[tuple[int, int], date | None]:
    """The first day on which a body is no longer part of a unit, by (unit, body); None while no end is known."""
    versions = InternalBodyVersion.objects.current().filter(body_id__in=set(body_ids)).order_by("valid_from")
    return {(version.organization_id, version.body_id): version.valid_to for version in versions}


def receiver_of(version: OrganizationVersion) -> Receiver:
    """A version of an organisation as the ledger's rules see it."""
    return Receiver(
        organization_id=version.organization_id,
        name=version.name,
        org_type=version.org_type,
        institution_class=version.institution_class,
        tier=version.tier,
        is_grouping=version.is_grouping,
        is_held_for=version.quota_holder_id is not None,
    )
