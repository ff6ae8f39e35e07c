"""编制增减、划转、类型和总量 (P08): moves of the ledger, each of which can be reversed (冲正)."""

from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.services import allot, change_type, issue_total, reduce, reverse_entry, transfer, withdraw_total
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules import establishment as said
from bianzhi.organizations.services import lock_structure


def increase(order: Order) -> Done:
    """核增 from the district's reserve or a pool. Raises Refused: R05, R06 (the reserve is short), R11, R19."""
    unit_id, granted = int(order.form["unit"]), _granted(order)
    entry = allot(
        actor=order.actor, basis=order.basis, organization_id=unit_id, amounts=granted, kind=EntryKind.INCREASE
    )
    return Done(f"核增{said.in_words(granted)}", (unit_id,), entries=(entry,))


def decrease(order: Order) -> Done:
    """核减; frozen types are withdrawn for good (R19). Raises Refused: R02, unless an excess was approved."""
    unit_id, taken = int(order.form["unit"]), _granted(order)
    entry = reduce(
        actor=order.actor,
        basis=order.basis,
        organization_id=unit_id,
        amounts=taken,
        allows_overstaffing=_keeps_excess(order),
    )
    return Done(f"核减{said.in_words(taken)}", (unit_id,), entries=(entry,))


def move(order: Order) -> Done:
    """编制划转 between two units. Raises Refused: R02, R05, R07 (between tiers without an upper document)."""
    source_id, target_id, moved = int(order.form["source"]), int(order.form["target"]), _granted(order)
    entry = transfer(
        actor=order.actor,
        basis=order.basis,
        from_organization_id=source_id,
        to_organization_id=target_id,
        amounts=moved,
        allows_overstaffing=_keeps_excess(order),
    )
    return Done(f"划转{said.in_words(moved)}", (source_id, target_id), entries=(entry,))


def convert(order: Order) -> Done:
    """编制类型（经费形式）调整 within a unit, type by type. Raises Refused: R02, R05, R06, R19."""
    unit_id = int(order.form["unit"])
    entries, told = [], []
    for row in said.rows(order.form, "changes"):
        before, after, number = str(row["from_type"]), str(row["to_type"]), int(row["amount"])
        entries.append(
            change_type(
                actor=order.actor,
                basis=order.basis,
                organization_id=unit_id,
                from_measure=before,
                to_measure=after,
                amount=number,
                allows_overstaffing=_keeps_excess(order),
            )
        )
        told.append(f"{measures.label(before)} {number} 名调整为{measures.label(after)}")
    return Done("，".join(told), (unit_id,), entries=tuple(entries))


def change_total(order: Order) -> Done:
    """上级下达 or 收回 the district's total of a tier. Raises Refused without an upper document (R06, R08)."""
    tier = str(order.form["tier"])
    issues = order.form.get("direction") != "withdraw"
    act = issue_total if issues else withdraw_total
    entries = tuple(
        act(actor=order.actor, basis=order.basis, measure=measure, tier=tier, amount=number)
        for measure, number in _granted(order).items()
    )
    return Done(f"上级{'下达' if issues else '收回'}{said.in_words(_granted(order))}", entries=entries)


def reverse(order: Order, entry_ids: list[int], reason: str) -> None:
    """冲正 what an order posted, the last first. Raises Refused when it was passed on or people stand on it."""
    lock_structure()
    found = LedgerEntry.objects.in_bulk(entry_ids)
    for entry_id in reversed(entry_ids):
        reverse_entry(actor=order.actor, entry=found[entry_id], document=order.document, reason=reason)


def _granted(order: Order) -> dict[str, int]:
    return {measure: number for measure, number in said.amounts(order.form, "quota").items() if number}


def _keeps_excess(order: Order) -> bool:
    return bool(order.form.get("allows_overstaffing"))
