"""A backup from beginning to end: made, proved, put on record; then what the policy no longer keeps is taken away."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError

from bianzhi.audit.actors import Actor
from bianzhi.recovery.rules.retention import Policy
from bianzhi.recovery.services.noting import note_backup, note_removed
from bianzhi.recovery.sets.label import Label
from bianzhi.recovery.sets.making import Progress, make, quiet
from bianzhi.recovery.sets.refusing import Damaged, NoRoom
from bianzhi.recovery.sets.retaining import retain
from bianzhi.recovery.sets.sealing import BackupKey
from bianzhi.recovery.sets.verifying import verify


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be backed up where. Without a policy no older set is taken away."""

    folder: Path
    incremental: bool = False
    key: BackupKey | None = None
    policy: Policy | None = None


@dataclass(slots=True)
class Outcome:
    """The set that was made. `unrecorded` says why the database did not take the entry, "" where it did."""

    path: Path
    label: Label
    problems: list[str]
    removed: list[str] = field(default_factory=list)
    unrecorded: str = ""


def back_up(order: Order, *, actor: Actor, progress: Progress = quiet) -> Outcome:
    """Make a set and prove it. Raises Refused. Nothing is taken away for a set that is not whole."""
    path, label, removed = _made(order, actor, progress)
    outcome = Outcome(path, label, _problems(path, order.key, progress), removed)
    try:
        note_backup(actor=actor, label=label, folder=str(order.folder), problems=outcome.problems)
        if order.policy and not outcome.problems:
            outcome.removed += prune(order.folder, order.policy, actor=actor)
    except DatabaseError as error:
        outcome.unrecorded = str(error)
    return outcome


def prune(folder: Path, policy: Policy, *, actor: Actor) -> list[str]:
    """Take away what the policy no longer keeps; returns the names. Raises Refused."""
    removed = retain(folder, policy)
    if removed:
        note_removed(actor=actor, names=removed, folder=str(folder))
    return removed


def _made(order: Order, actor: Actor, progress: Progress) -> tuple[Path, Label, list[str]]:
    """The set, its label, and the sets that had to make room: on a full disk, those the policy no longer keeps."""
    removed: list[str] = []
    try:
        path, label = make(order.folder, incremental=order.incremental, key=order.key, progress=progress)
    except NoRoom:
        removed = prune(order.folder, order.policy, actor=actor) if order.policy else []
        if not removed:
            raise
        path, label = make(order.folder, incremental=order.incremental, key=order.key, progress=progress)
    return path, label, removed


def _problems(path: Path, key: BackupKey | None, progress: Progress) -> list[str]:
    try:
        return verify(path, key=key, progress=progress).problems
    except Damaged as damaged:
        return [str(damaged)]
