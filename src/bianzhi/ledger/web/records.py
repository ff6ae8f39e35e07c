"""Who wrote what, from the audit record, for the pages of the ledger."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Record:
    """One act in the record, with the rules that were set aside for it."""

    seq: int
    recorded_at: datetime
    actor: str
    action: str
    override_reason: str
    let_through: tuple[dict[str, Any], ...]


def records_of(entries: Iterable[AuditEntry]) -> list[Record]:
    """The acts of audit entries in words."""
    return [_record(entry) for entry in entries]


def _record(entry: AuditEntry) -> Record:
    facts: dict[str, Any] = json.loads(entry.facts)
    override = facts.get("override") or {}
    return Record(
        seq=entry.seq,
        recorded_at=entry.recorded_at,
        actor=entry.actor_name,
        action=catalogue.label(entry.action),
        override_reason=str(override.get("reason", "")),
        let_through=tuple(facts.get("let_through") or ()),
    )
