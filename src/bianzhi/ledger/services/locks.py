"""The lock every quota decision takes before it counts.

On PostgreSQL the account rows of the units are locked in ascending id, so no two decisions about the same
unit and no two crossing ones can deadlock; on SQLite an IMMEDIATE transaction is the lock already.

Where a unit is given something, the lock of the structure (`organizations.services.lock_structure`) comes before the
accounts: whether the unit is there and may hold it is judged by its versions. A transaction of several entries of which
a later one gives takes it before the first.
"""

from collections.abc import Collection, Iterable

from django.db import transaction

from bianzhi.ledger.models import Account


def lock_units(organization_ids: Iterable[int], measures: Collection[str] | None = None) -> list[Account]:
    """Lock the accounts of these units (of these measures, or all), in ascending id, to the transaction's end.

    Raises RuntimeError outside a transaction. Take all units of a decision in one call.
    """
    accounts = Account.objects.filter(organization_id__in=set(organization_ids))
    if measures is not None:
        accounts = accounts.filter(measure__in=set(measures))
    return _locked(accounts.values_list("pk", flat=True))


def lock_accounts(account_ids: Iterable[int]) -> list[Account]:
    """Lock these accounts in ascending id."""
    return _locked(account_ids)


def _locked(ids: Iterable[int]) -> list[Account]:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("accounts are locked inside a transaction only")
    return list(Account.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(of=("self",)))
