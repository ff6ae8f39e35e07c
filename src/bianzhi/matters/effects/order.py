"""A decided application: whose order it is, by what document, from which day, and what its form says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.services.moves import Basis
from bianzhi.matters.rules.establishment import Form
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.services.reorganizations import Decree

SUMMARY_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an effect is asked to carry out. `words` go into the history and the ledger."""

    actor: Actor
    form: Form
    document: ApprovalDocument
    day: date
    today: date
    words: str
    overrides: Collection[str] = ()
    override_reason: str = ""

    @property
    def basis(self) -> Basis:
        """For moves of quota."""
        return Basis(
            document=self.document,
            effective_on=self.day,
            summary=self.words[:SUMMARY_LENGTH],
            overrides=self.overrides,
            override_reason=self.override_reason,
        )

    @property
    def decree(self) -> Decree:
        """For reorganisations of units."""
        return Decree(document=self.document, effective_on=self.day, summary=self.words[:SUMMARY_LENGTH])


@dataclass(frozen=True, slots=True)
class Done:
    """What an effect did: its words, the units it made or changed, its event, the ledger entries it posted itself.

    `before` (JSON) is what a reversal needs to know besides: what stood there, and what was made.
    """

    words: str
    organization_ids: tuple[int, ...] = ()
    event: ReorganizationEvent | None = None
    entries: tuple[LedgerEntry, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)

    def as_result(self) -> dict[str, object]:
        """What the engine keeps of it, and what the paper and a reversal read."""
        result: dict[str, object] = {"words": self.words, "organizations": list(self.organization_ids)}
        if self.event is not None:
            result["event"] = self.event.pk
        if self.entries:
            result["entries"] = [entry.pk for entry in self.entries]
        if self.before:
            result["before"] = dict(self.before)
        return result
