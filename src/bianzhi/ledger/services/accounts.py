"""Opening accounts: one for each place, made when quota first gets there."""

from collections.abc import Iterable

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.codesets import codes
from bianzhi.ledger.models import Account, AccountKind, MeasureKind
from bianzhi.ledger.rules.lines import Place

BATCH = 500


@unit_of_work
def open_accounts(*, actor: Actor, places: Iterable[Place], tiers: dict[int, str]) -> dict[str, Account]:
    """The account of each place, by key; those that do not exist yet are opened.

    `tiers` gives the tier of each organisation named by a unit or body place.
    """
    wanted = {place.key: place for place in places}
    found = _existing(wanted)
    missing = [_new_account(place, tiers) for key, place in sorted(wanted.items()) if key not in found]
    if missing:
        Account.objects.bulk_create(missing, batch_size=BATCH, ignore_conflicts=True)
        found = _existing(wanted)
        opened = [found[account.key] for account in missing]
        record("ledger.accounts_opened", actor=actor, subject=opened[0], facts={"count": len(opened)}, wrote=opened)
    return found


def _existing(wanted: dict[str, Place]) -> dict[str, Account]:
    keys = sorted(wanted)
    return {
        account.key: account
        for start in range(0, len(keys), BATCH)
        for account in Account.objects.filter(key__in=keys[start : start + BATCH])
    }


def _new_account(place: Place, tiers: dict[int, str]) -> Account:
    organization_id = place.organization_id
    return Account(
        key=place.key,
        kind=place.kind,
        measure_kind=MeasureKind.POST if place.measure in codes("post_level") else MeasureKind.QUOTA,
        measure=place.measure,
        tier=place.tier if organization_id is None else tiers[organization_id],
        organization_id=organization_id,
        internal_body_id=place.body_id,
        may_be_negative=place.kind == AccountKind.UPPER,
    )
