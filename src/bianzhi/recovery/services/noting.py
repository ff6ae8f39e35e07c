"""Backups and drills on record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.recovery.models import Drill
from bianzhi.recovery.sets.label import Label

MANAGE = "recovery.manage"
BACKUP_JOB, DRILL_JOB = "recovery.backup", "recovery.drill"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """What a drill came to; without a label it failed before there was a backup to restore."""

    begun_at: datetime
    label: Label | None = None
    age_minutes: int = 0
    seconds: int = 0
    steps: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@unit_of_work
def ask_for_backup(*, actor: Actor, incremental: bool) -> Job:
    """Put a backup into the queue. Raises Denied."""
    require(actor, MANAGE)
    job = jobs.enqueue(BACKUP_JOB, title="备份", params={"incremental": incremental}, actor=actor)
    record("recovery.backup_asked", actor=actor, subject=job, facts={"incremental": incremental})
    return job


@unit_of_work
def ask_for_drill(*, actor: Actor) -> Job:
    """Put a drill into the queue. Raises Denied."""
    require(actor, MANAGE)
    job = jobs.enqueue(DRILL_JOB, title="恢复演练", params={}, actor=actor)
    record("recovery.drill_asked", actor=actor, subject=job, facts={})
    return job


@unit_of_work
def note_backup(*, actor: Actor, label: Label, folder: str, problems: Sequence[str] = ()) -> None:
    """Record a finished set with its digests, so that the chain itself knows of it, and what its proof found wrong."""
    facts = {
        "folder": folder,
        "kind": label.kind,
        "made_at": label.moment,
        "audit_seq": label.audit_seq,
        "files": label.files,
        "new_files": label.new_files,
        "database_sm3": label.database["sm3"],
        "listing_sm3": label.listing["sm3"],
        "encrypted": bool(label.encrypted_with),
        "damaged": label.damaged,
        "is_good": not problems,
        "problems": list(problems[:SHOWN]),
    }
    subject = Subject("recovery.set", label.name, f"{label.name}（核验不通过，不可用）" if problems else label.name)
    record("recovery.backed_up", actor=actor, subject=subject, facts=facts)


@unit_of_work
def note_removed(*, actor: Actor, names: Sequence[str], folder: str) -> None:
    """Record which sets the policy took away."""
    facts = {"folder": folder, "names": list(names)}
    record("recovery.backups_removed", actor=actor, subject=Subject("recovery.folder", "", folder), facts=facts)


@unit_of_work
def note_drill(*, actor: Actor, facts: DrillFacts) -> Drill:
    """Keep the report of a drill."""
    label = facts.label
    drill = Drill.objects.create(
        begun_at=facts.begun_at,
        backup=label.name if label else "",
        backup_made_at=label.moment if label else None,
        audit_seq=label.audit_seq if label else 0,
        files=label.files if label else 0,
        size=label.size + int(label.database["size"]) if label else 0,
        is_good=not facts.problems,
        age_minutes=facts.age_minutes,
        seconds=facts.seconds,
        steps=[list(step) for step in facts.steps],
        problems=facts.problems[:SHOWN],
        actor_name=actor.display_name,
    )
    told = {"backup": drill.backup, "is_good": drill.is_good, "seconds": drill.seconds, "problems": drill.problems}
    record("recovery.drilled", actor=actor, subject=drill, facts=told, wrote=[drill])
    return drill
