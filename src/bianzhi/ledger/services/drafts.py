"""What is asked of the ledger: an entry to be posted, and the rules a director sets aside for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules.lines import Line
from bianzhi.organizations.models import ReorganizationEvent


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to be posted.

    `carried_over` marks history taken over from elsewhere: what was decided long ago is recorded as it was, so
    only the arithmetic and the lives of the organisations are checked, not who might decide it today.
    `recorded_at` is set only for such history.
    """

    kind: EntryKind
    document: ApprovalDocument
    effective_on: date
    summary: str
    lines: Sequence[Line]
    allows_overstaffing: bool = False
    event: ReorganizationEvent | None = None
    reverses: LedgerEntry | None = None
    recorded_at: datetime | None = None
    carried_over: bool = False

    @property
    def moves_anew(self) -> bool:
        """Whether the entry is a decision of its own, so that every rule on it is asked."""
        return not self.carried_over and self.kind not in (EntryKind.OPENING, EntryKind.REVERSAL)

    def as_facts(self) -> dict[str, object]:
        """What the audit record keeps of it."""
        facts: dict[str, object] = {
            "kind": str(self.kind),
            "document": self.document.doc_no,
            "effective_on": self.effective_on,
            "lines": [[line.place.key, line.amount] for line in self.lines],
        }
        if self.allows_overstaffing:
            facts["allows_overstaffing"] = True
        if self.carried_over:
            facts["carried_over"] = True
        return facts
