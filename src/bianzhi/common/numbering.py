"""Giving out serial numbers without gaps or doubles, inside the caller's transaction."""

from django.db import transaction

from bianzhi.common.models import SerialCounter


def next_numbers(series: str, count: int = 1) -> range:
    """The next `count` numbers of a series.

    The counter row is locked to the end of the transaction, so two writers never get the same number
    and a rolled-back one leaves no gap. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"serial number outside a transaction: {series}")
    SerialCounter.objects.get_or_create(series=series)
    counter = SerialCounter.objects.select_for_update().get(series=series)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return range(first, counter.last + 1)
