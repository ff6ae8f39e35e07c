"""The moves an establishment office makes, by name; each is one entry through `post_entry`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules.lines import Line, Place, body, move, unit
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.selectors.holders import tier_of
from bianzhi.ledger.services.drafts import EntryDraft
from bianzhi.ledger.services.entries import post_entry
from bianzhi.organizations.models import ReorganizationEvent, Tier
from bianzhi.organizations.services import lock_structure


@dataclass(frozen=True, slots=True)
class Basis:
    """By what document, from which day, and in which words quota moves.

    `overrides` are the rules a director sets aside for it, `override_reason` why (kept in the audit record).
    """

    document: ApprovalDocument
    effective_on: date
    summary: str
    event: ReorganizationEvent | None = None
    overrides: Collection[str] = ()
    override_reason: str = ""


def source_of(measure: str, tier: str) -> Place:
    """Where a unit's measure is allotted from: the tier's reserve, a pool of the district, or, for posts, above."""
    quota = quota_types().get(measure)
    if quota is None:
        return Place("upper", measure, tier)
    return Place(quota.pool, measure, tier if quota.pool == "reserve" else Tier.DISTRICT)


@unit_of_work
def issue_total(*, actor: Actor, basis: Basis, measure: str, tier: str, amount: int) -> LedgerEntry:
    """Take over `amount` issued by the upper level into the reserve (or pool) of a tier (R06, R08)."""
    lines = move(_issued_by(measure, tier), source_of(measure, tier), amount)
    return _post(actor, EntryKind.TOTAL_ISSUED, basis, lines)


@unit_of_work
def withdraw_total(*, actor: Actor, basis: Basis, measure: str, tier: str, amount: int) -> LedgerEntry:
    """Give `amount` of the reserve back to the upper level."""
    lines = move(source_of(measure, tier), _issued_by(measure, tier), amount)
    return _post(actor, EntryKind.TOTAL_WITHDRAWN, basis, lines)


@unit_of_work
def allot(
    *,
    actor: Actor,
    basis: Basis,
    organization_id: int,
    amounts: Mapping[str, int],
    kind: EntryKind = EntryKind.INCREASE,
) -> LedgerEntry:
    """Allot quota (or posts) of several measures to a unit from where each comes from."""
    lock_structure()
    tier = _tier(organization_id, basis.effective_on)
    lines = [
        line
        for measure, amount in amounts.items()
        for line in move(source_of(measure, tier), unit(organization_id, measure), amount)
    ]
    return _post(actor, kind, basis, lines)


@unit_of_work
def reduce(
    *,
    actor: Actor,
    basis: Basis,
    organization_id: int,
    amounts: Mapping[str, int],
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Take quota back from a unit into the reserve; frozen types (R19) are withdrawn for good.

    Raises Refused (R02) where people and reserved slots would no longer fit, unless `allows_overstaffing`:
    then the excess is kept as 超编 to be worked off.
    """
    tier = _tier(organization_id, basis.effective_on)
    lines = [
        line
        for measure, amount in amounts.items()
        for line in move(unit(organization_id, measure), _returns_to(measure, tier), amount)
    ]
    return _post(actor, EntryKind.DECREASE, basis, lines, allows_overstaffing=allows_overstaffing)


@unit_of_work
def transfer(
    *,
    actor: Actor,
    basis: Basis,
    from_organization_id: int,
    to_organization_id: int,
    amounts: Mapping[str, int],
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Move quota from one unit to another (编制划转); crossing tiers needs an upper document (R07)."""
    if from_organization_id == to_organization_id:
        raise _nothing_moves("划出单位与划入单位是同一个单位")
    lines = [
        line
        for measure, amount in amounts.items()
        for line in move(unit(from_organization_id, measure), unit(to_organization_id, measure), amount)
    ]
    return _post(actor, EntryKind.TRANSFER, basis, lines, allows_overstaffing=allows_overstaffing)


@unit_of_work
def change_type(
    *,
    actor: Actor,
    basis: Basis,
    organization_id: int,
    from_measure: str,
    to_measure: str,
    amount: int,
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Turn quota of one type into another inside a unit (e.g. 差额 → 全额): out to and in from the reserves."""
    if from_measure == to_measure:
        raise _nothing_moves("调整前后是同一种编制类型")
    lock_structure()
    tier = _tier(organization_id, basis.effective_on)
    lines = [
        *move(source_of(to_measure, tier), unit(organization_id, to_measure), amount),
        *move(unit(organization_id, from_measure), _returns_to(from_measure, tier), amount),
    ]
    return _post(actor, EntryKind.TYPE_CHANGE, basis, lines, allows_overstaffing=allows_overstaffing)


@unit_of_work
def return_to_pool(
    *,
    actor: Actor,
    basis: Basis,
    organization_id: int,
    amounts: Mapping[str, int],
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Give quota borrowed from a pool (周转池, 人才专项池) back to it (R20); lending is `allot` of kind POOL."""
    tier = _tier(organization_id, basis.effective_on)
    lines = [
        line
        for measure, amount in amounts.items()
        for line in move(unit(organization_id, measure), source_of(measure, tier), amount)
    ]
    return _post(actor, EntryKind.POOL, basis, lines, allows_overstaffing=allows_overstaffing)


@unit_of_work
def move_reserve(*, actor: Actor, basis: Basis, measure: str, from_tier: str, to_tier: str, amount: int) -> LedgerEntry:
    """Move reserve of a type between the district's own and the townships' total (needs an upper document, R07)."""
    if from_tier == to_tier:
        raise _nothing_moves("调出与调入是同一层级")
    lines = move(source_of(measure, from_tier), source_of(measure, to_tier), amount)
    return _post(actor, EntryKind.POOL, basis, lines)


@unit_of_work
def allot_to_body(
    *, actor: Actor, basis: Basis, organization_id: int, body_id: int, amounts: Mapping[str, int]
) -> LedgerEntry:
    """Fix part of a unit's quota to an internal body (定编到科室); a negative amount frees it again."""
    lines: list[Line] = []
    for measure, amount in amounts.items():
        own, part = unit(organization_id, measure), body(organization_id, body_id, measure)
        lines += move(own, part, amount) if amount > 0 else move(part, own, -amount)
    return _post(actor, EntryKind.BODY_ALLOTMENT, basis, lines)


@unit_of_work
def set_posts(
    *,
    actor: Actor,
    basis: Basis,
    organization_id: int,
    posts: Mapping[str, int],
    allows_overstaffing: bool = False,
) -> LedgerEntry | None:
    """Bring a unit's leadership posts to the given numbers by level; None when nothing changes.

    What there is now is read under the lock of the structure, so that two who bring it to a number do not add up.
    """
    lock_structure()
    now = approved([organization_id], basis.effective_on)
    tier = _tier(organization_id, basis.effective_on)
    lines: list[Line] = []
    for level, wanted in posts.items():
        change = wanted - now.get((organization_id, level), 0)
        above, own = Place("upper", level, tier), unit(organization_id, level)
        if change > 0:
            lines += move(above, own, change)
        elif change < 0:
            lines += move(own, above, -change)
    if not lines:
        return None
    return _post(actor, EntryKind.POSTS, basis, lines, allows_overstaffing=allows_overstaffing)


@unit_of_work
def release_frozen(*, actor: Actor, basis: Basis, organization_id: int, measure: str, amount: int = 1) -> LedgerEntry:
    """Withdraw the quota that an exit freed on a frozen type: it is not reopened (R19)."""
    tier = _tier(organization_id, basis.effective_on)
    lines = move(unit(organization_id, measure), Place("withdrawn", measure, tier), amount)
    return _post(actor, EntryKind.FROZEN_RELEASE, basis, lines)


@unit_of_work
def abolish_unit_quota(*, actor: Actor, basis: Basis, organization_id: int) -> LedgerEntry | None:
    """Return everything a unit holds on the day, bodies included; None when it holds nothing."""
    day = basis.effective_on
    tier = _tier(organization_id, day)
    by_measure = approved([organization_id], day)
    fixed = by_body(organization_id, day)
    in_bodies: dict[str, int] = defaultdict(int)
    lines: list[Line] = []
    for (body_id, measure), amount in fixed.items():
        in_bodies[measure] += amount
        lines += move(body(organization_id, body_id, measure), _returns_to(measure, tier), amount)
    for (_, measure), total in by_measure.items():
        own = total - in_bodies[measure]
        if own:
            lines += move(unit(organization_id, measure), _returns_to(measure, tier), own)
    return _post(actor, EntryKind.ABOLISHED, basis, lines) if lines else None


def _issued_by(measure: str, tier: str) -> Place:
    """The upper level as the source of a total; a pool has one total for the whole district, whatever tier is named."""
    return Place("upper", measure, source_of(measure, tier).tier)


def _returns_to(measure: str, tier: str) -> Place:
    quota = quota_types().get(measure)
    return Place("withdrawn", measure, tier) if quota is not None and quota.frozen else source_of(measure, tier)


def _tier(organization_id: int, day: date) -> str:
    return tier_of(organization_id, day) or Tier.DISTRICT


def _nothing_moves(fact: str) -> Refused:
    return Refused([Objection("R26", f"{fact}，没有编制变动", Severity.BLOCK, {}, "请重新选择")])


def _post(
    actor: Actor, kind: EntryKind, basis: Basis, lines: list[Line], *, allows_overstaffing: bool = False
) -> LedgerEntry:
    draft = EntryDraft(
        kind=kind,
        document=basis.document,
        effective_on=basis.effective_on,
        summary=basis.summary,
        lines=lines,
        allows_overstaffing=allows_overstaffing,
        event=basis.event,
    )
    return post_entry(actor=actor, draft=draft, overrides=basis.overrides, override_reason=basis.override_reason)
