"""Taking in what a run has found: all of it in one transaction, with the end of the run and of its job."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import Run, RunState
from bianzhi.exchange.rules.running import NOT_RESUMABLE, objections_to_order, objections_to_outdated
from bianzhi.exchange.selectors.inputs import newer_finished, newest_finished
from bianzhi.exchange.selectors.results import manifest_of
from bianzhi.exchange.services.taking import begin_taking
from bianzhi.exchange.services.taking_changes import take_changes
from bianzhi.exchange.services.taking_findings import take_findings
from bianzhi.exchange.services.taking_links import take_aliases, take_identity_events, take_reviews
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if

Progress = Callable[[int, int, str], None]
PARTS = 5


@unit_of_work
def take_in(
    *,
    actor: Actor,
    run_id: int,
    folder: Path,
    today: date,
    progress: Progress,
    finish: Callable[[Mapping[str, Any]], None] | None = None,
) -> Run:
    """Take in the tables of a run: findings, pairs, aliases, person keys, changes; the bulk stays in the files.

    Done before, nothing changes. `finish` is called last, inside the transaction. Raises Refused when the run was
    cancelled meanwhile or a newer one of its month is done (X15), or a later month is settled (X12); then nothing is
    taken in.
    """
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != RunState.DONE:
        refuse_if(_objections(run))
        _take(run, folder, today, progress)
        facts = {"period": run.period, "counts": _canonical(run.counts)}
        record("exchange.run_done", actor=actor, subject=run, facts=facts)
        outbox.put("exchange.run_done", key=run.pk, payload={"run": run.pk, "period": run.period})
    if finish is not None:
        finish({"run": run.pk})
    return run


def _take(run: Run, folder: Path, today: date, progress: Progress) -> None:
    act = begin_taking(run, folder, today)
    manifest = manifest_of(folder)
    counts: dict[str, Any] = dict(manifest.get("counts") or {})
    progress(0, PARTS, "正在登记差异")
    counts |= take_findings(act)
    progress(1, PARTS, "正在登记疑似同一人")
    counts["reviews"] = take_reviews(act)
    progress(2, PARTS, "正在登记单位别名")
    counts["aliases"] = take_aliases(act)
    progress(3, PARTS, "正在登记人员标识变化")
    counts["identity_events"] = take_identity_events(act)
    progress(4, PARTS, "正在登记变动")
    counts |= take_changes(act)
    run.counts, run.stages = counts, list(manifest.get("stages") or ())
    told = {name: manifest[name] for name in ("rules", "versions", "constraints") if name in manifest}
    run.inputs = {**run.inputs, **told}
    run.state, run.finished_at, run.error = RunState.DONE, timezone.now(), ""
    run.save(update_fields=["counts", "stages", "inputs", "state", "finished_at", "error"])


def _objections(run: Run) -> list[Objection]:
    if run.state not in (RunState.WAITING, RunState.RUNNING):
        message = f"{run}{run.get_state_display()}，结果不再登记"
        raise Refused([Objection(NOT_RESUMABLE, message, Severity.BLOCK, {}, "需要的请重新核对")])
    newest, newer = newest_finished(), newer_finished(run)
    order = objections_to_order(run.period, newest.period if newest else "", "")
    return [*order, *objections_to_outdated(str(run), str(newer) if newer else "", [])]


def _canonical(counts: Any) -> Any:
    """The counts as the audit writes them, which has no floats."""
    if isinstance(counts, Mapping):
        return {str(name): _canonical(value) for name, value in counts.items()}
    if isinstance(counts, list):
        return [_canonical(value) for value in counts]
    return str(counts) if isinstance(counts, float) else counts
