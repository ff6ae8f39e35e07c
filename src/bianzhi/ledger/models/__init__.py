"""The double-entry quota ledger."""

from bianzhi.ledger.models.accounts import Account, AccountKind, MeasureKind
from bianzhi.ledger.models.entries import EntryKind, LedgerEntry, Posting

__all__ = ["Account", "AccountKind", "EntryKind", "LedgerEntry", "MeasureKind", "Posting"]
