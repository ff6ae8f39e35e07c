"""What becomes of the place somebody leaves: withdrawn (R19), back to its pool (R20), or free for who waits (R03)."""

from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules.lines import Place, body, move, unit
from bianzhi.ledger.selectors.balances import by_body
from bianzhi.ledger.services import EntryDraft, post_entry
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.units import is_frozen, quota_label
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.services.locking import freed_to
from bianzhi.personnel.services.slots import activate_dormant_slots


@unit_of_work
def release_quota(
    *, actor: Actor, today: date, occupancy: Occupancy, on: date, document: ApprovalDocument
) -> LedgerEntry | None:
    """Settle the place an occupancy leaves on `on`: wake a waiting slot, else withdraw or return pooled quota.

    Returns the ledger entry when quota moved. Nothing moves while the unit is over its number: the exit then only
    makes the excess smaller.
    """
    organization_id, quota_type = occupancy.organization_id, occupancy.quota_type
    activate_dormant_slots(actor=actor, today=today, organization_id=organization_id, quota_type=quota_type)
    targets = freed_to(organization_id, quota_type, on)
    if not targets or headroom(organization_id, quota_type, on).available < 1:
        return None
    what = "只减不增，收回核销" if is_frozen(quota_type) else "人走编收，归还编制池"
    draft = EntryDraft(
        kind=EntryKind.FROZEN_RELEASE if is_frozen(quota_type) else EntryKind.POOL,
        document=document,
        effective_on=on,
        summary=f"{occupancy.person.name}出编空出{quota_label(quota_type)} 1 名，{what}",
        lines=move(_held_at(occupancy, on), targets[0], 1),
    )
    return post_entry(actor=actor, draft=draft)


def _held_at(occupancy: Occupancy, on: date) -> Place:
    """The account the place is on: the internal body's, where quota is fixed to it, else the unit's own."""
    organization_id, quota_type = occupancy.organization_id, occupancy.quota_type
    body_id = occupancy.internal_body_id
    if body_id is not None and by_body(organization_id, on).get((body_id, quota_type), 0) > 0:
        return body(organization_id, body_id, quota_type)
    return unit(organization_id, quota_type)
