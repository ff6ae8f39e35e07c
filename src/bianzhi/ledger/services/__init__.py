"""Writing the ledger: entries by meaning, and the locks that every quota decision takes first."""

from bianzhi.ledger.services.drafts import EntryDraft
from bianzhi.ledger.services.entries import post_entries, post_entry, reverse_entry
from bianzhi.ledger.services.history import import_history
from bianzhi.ledger.services.locks import lock_units
from bianzhi.ledger.services.moves import (
    abolish_unit_quota,
    allot,
    allot_to_body,
    change_type,
    issue_total,
    move_reserve,
    reduce,
    release_frozen,
    return_to_pool,
    set_posts,
    transfer,
    withdraw_total,
)

__all__ = [
    "EntryDraft",
    "abolish_unit_quota",
    "allot",
    "allot_to_body",
    "change_type",
    "import_history",
    "issue_total",
    "lock_units",
    "move_reserve",
    "post_entries",
    "post_entry",
    "reduce",
    "release_frozen",
    "return_to_pool",
    "reverse_entry",
    "set_posts",
    "transfer",
    "withdraw_total",
]
