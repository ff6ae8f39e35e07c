"""One act upon the structure in progress: the rows it writes, the event it leaves, the record of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations.models import Lineage, LineageRole, Organization, ReorganizationEvent
from bianzhi.organizations.models.periods import PeriodModel

SUMMARY_LENGTH = 500


@dataclass(slots=True)
class Act:
    """Who does what from which day by which document; collects every row written for the audit record."""

    by: Actor
    kind: str
    document: ApprovalDocument
    effective_on: date
    rows: list[SealedModel] = field(default_factory=list)

    def add(self, row: SealedModel) -> None:
        """Insert a row."""
        row.save(force_insert=True)
        self.rows.append(row)

    def end(self, row: PeriodModel, day: date | None = None) -> None:
        """End a period on a day (that of the act if not said); one that would hold no day at all is superseded."""
        last = day or self.effective_on
        if row.valid_from >= last:
            row.superseded_at = timezone.now()
        else:
            row.valid_to = last
        row.save(update_fields=["valid_to", "superseded_at"])
        self.rows.append(row)

    def supersede(self, row: PeriodModel) -> None:
        """Take a wrong row out of force, its content kept."""
        row.superseded_at = timezone.now()
        row.save(update_fields=["superseded_at"])
        self.rows.append(row)

    def leave_event(
        self, *, summary: str, parts: Iterable[tuple[int, str]], facts: Mapping[str, Any] | None = None
    ) -> ReorganizationEvent:
        """Write the event of the history and the part of each unit in it."""
        event = ReorganizationEvent(
            kind=self.kind,
            effective_on=self.effective_on,
            document=self.document,
            summary=summary[:SUMMARY_LENGTH],
            facts=dict(facts or {}),
        )
        self.add(event)
        for organization_id, role in parts:
            self.add(Lineage(event=event, organization_id=organization_id, role=role))
        return event

    def finish(
        self, action: str, subject: Organization, *, name: str, summary: str, facts: Mapping[str, Any] | None = None
    ) -> ReorganizationEvent:
        """Leave the event of one unit, record the act with every row it wrote, and put the news out."""
        event = self.leave_event(summary=summary, parts=[(subject.pk, LineageRole.SUBJECT)], facts=facts)
        self.note(action, subject, name=name, summary=summary, facts=facts)
        return event

    def note(
        self, action: str, subject: Organization, *, name: str, summary: str, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Record the act with every row it wrote, and put the news out."""
        subject.known_as = name
        told = {
            "document": self.document.doc_no,
            "effective_on": self.effective_on,
            "summary": summary,
            **(facts or {}),
        }
        record(action, actor=self.by, subject=subject, wrote=self.rows, facts=told)
        outbox.put(
            action,
            key=subject.pk,
            payload={"ids": [subject.pk], "kind": self.kind, "effective_on": self.effective_on.isoformat()},
        )
