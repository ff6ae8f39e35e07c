"""Reading originals again and again: what is no longer as it came is found, told and brought back from a backup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import FixityCheck, Original, OriginalState
from bianzhi.archives.storage import NotAsTold, name_of, originals
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.kernel.objections import Objection, Refused

MANAGE: Final = "archives.manage"
FIXITY_JOB: Final = "archives.fixity"
SCOPES: Final = {"all": "全部原件", "due": "到期应核验的原件", "restored": "从备份恢复的原件"}


@dataclass(frozen=True, slots=True)
class Read:
    """What reading one original again found."""

    original_id: int
    state: OriginalState


@unit_of_work
def check_originals(*, actor: Actor, scope: str = "all") -> FixityCheck:
    """Have originals read again in the background: all of them, or those whose time has come.

    Raises Denied without archives.manage, Refused: archives.fixity_running, archives.fixity_scope.
    """
    policies.require(actor, MANAGE)
    if scope not in ("all", "due"):
        raise Refused([Objection("archives.fixity_scope", "核验范围只能是全部或到期。", next_step="请重新选择")])
    running = FixityCheck.objects.select_for_update().filter(finished_at=None, job__isnull=False)
    if any(check.job is not None and not check.job.is_finished for check in running):
        message = "已有一次原件核验正在进行。"
        raise Refused([Objection("archives.fixity_running", message, next_step="请等它完成后再开始")])
    check = FixityCheck.objects.create(asked_by_id=actor.pk, scope=scope)
    title = f"核验档案原件（{SCOPES[scope]}）"
    check.job = jobs.enqueue(FIXITY_JOB, title=title, params={"check": check.pk}, actor=actor)
    check.save(update_fields=["job"])
    record("archives.fixity_asked", actor=actor, subject=check, facts={"scope": scope})
    return check


@unit_of_work
def note_reads(*, actor: Actor, check_id: int, reads: Sequence[Read], last: bool = False) -> FixityCheck:
    """Write down what some reads found; damage that was not known is recorded and told to who keeps the archive.

    What was destroyed by an appraisal since it was read stays so: that it is gone is no damage.
    """
    check = FixityCheck.objects.select_for_update().get(pk=check_id)
    now = timezone.now()
    found = {read.original_id: read.state for read in reads}
    rows = Original.objects.select_for_update().filter(pk__in=list(found)).exclude(state=OriginalState.DISPOSED)
    for original in rows.order_by("pk"):
        state = found[original.pk]
        if state != OriginalState.INTACT:
            _note_damage(actor, check, original, state)
        original.state, original.checked_at = state, now
        original.save(update_fields=["state", "checked_at"])
    check.checked += len(found)
    if last:
        check.finished_at = now
    check.save(update_fields=["checked", "findings", "finished_at"])
    return check


def _note_damage(actor: Actor, check: FixityCheck, original: Original, state: OriginalState) -> None:
    """Part of `note_reads`, which saves the check."""
    check.findings = [*check.findings, {"sha256": original.sha256, "state": state.value, "words": state.label}]
    if original.state == state:
        return
    facts = {"sha256": original.sha256, "state": state.value, "check": check.pk}
    record("archives.original_damaged", actor=actor, subject=original, facts=facts)
    outbox.put("archives.original_damaged", key=original.pk, payload={"original": original.pk, "state": state.value})


@unit_of_work
def restore_original(*, actor: Actor, original_id: int, copy: Path) -> Original:
    """Put a copy from a backup in the place of an original that is damaged or gone.

    The copy has to have both digests of the original; what lay in its place is kept aside. Raises Denied without
    archives.manage, Original.DoesNotExist, Refused: archives.disposed, archives.not_damaged, archives.backup_missing,
    archives.backup_differs.
    """
    policies.require(actor, MANAGE)
    original = Original.objects.select_for_update().get(pk=original_id)
    if original.state == OriginalState.DISPOSED:
        message = f"原件 {original} 已依规销毁，不得恢复。"
        raise Refused([Objection("archives.disposed", message, next_step="需要该内容的，请作为新档案重新接收")])
    if originals().verify(original.sha256, original.sm3) is OriginalState.INTACT:
        message = f"原件 {original} 经核验完好，不需要恢复。"
        raise Refused([Objection("archives.not_damaged", message, next_step="请重新核验后再看")])
    try:
        originals().restore(original.sha256, original.sm3, copy)
    except FileNotFoundError as error:
        message = f"备份中没有原件 {original}。"
        raise Refused([Objection("archives.backup_missing", message, next_step="请换一份备份")]) from error
    except NotAsTold as error:
        step = "这份备份也已损坏，请换一份"
        raise Refused([Objection("archives.backup_differs", f"{error}。", next_step=step)]) from error
    now = timezone.now()
    before, original.state, original.checked_at = original.state, OriginalState.INTACT, now
    original.save(update_fields=["state", "checked_at"])
    finding = {
        "sha256": original.sha256,
        "state": OriginalState.INTACT.value,
        "words": "已从备份恢复",
        "before": before,
    }
    FixityCheck.objects.create(asked_by_id=actor.pk, scope="restored", checked=1, findings=[finding], finished_at=now)
    facts = {"sha256": original.sha256, "sm3": original.sm3, "before": before}
    record("archives.original_restored", actor=actor, subject=original, facts=facts)
    return original


def copies_in(backup: Path, found: Iterable[Original]) -> dict[int, Path]:
    """Where a backup has copies of originals: a copy of BIANZHI_HOME, of its archive, or of its originals alone."""
    roots = (backup, backup / "originals", backup / "archive" / "originals")
    copies: dict[int, Path] = {}
    for original in found:
        for root in roots:
            place = root / name_of(original.sha256)
            if place.is_file():
                copies.setdefault(original.pk, place)
    return copies
