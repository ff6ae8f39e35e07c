"""Starting, cancelling and taking up again the comparison of a month; its results are taken in by `taking_in`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.common.models import Job, JobState
from bianzhi.exchange.models import Delivery, DeliveryState, Run, RunState, Source
from bianzhi.exchange.rules.periods import objections_to_period
from bianzhi.exchange.rules.running import (
    ENGINES,
    NOT_RESUMABLE,
    objections_to_departments,
    objections_to_order,
    objections_to_outdated,
    objections_to_parts,
)
from bianzhi.exchange.selectors.deliveries import rosters_of
from bianzhi.exchange.selectors.inputs import newer_finished, newest_finished, unfinished_run
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if

RUN: Final = "exchange.run"
RUN_JOB: Final = "exchange.run"


@unit_of_work
def start_run(*, actor: Actor, period: str, today: date, engine: str = "duckdb", allow_missing: bool = False) -> Run:
    """Ask for the comparison of a month's accepted deliveries, in the background.

    Raises Denied without exchange.run, Refused: X10 (month), X11 (one is under way), X12 (a later month is settled),
    X13 (which departments have nothing accepted, unless `allow_missing`), X14 (which parts are missing).
    """
    policies.require(actor, RUN)
    list(Source.objects.select_for_update().order_by("pk").values_list("pk"))
    _close_orphans(actor)
    rosters = rosters_of(period)
    deliveries = [delivery for code in sorted(rosters) for delivery in rosters[code]]
    delivered = sorted(rosters)
    unfinished = unfinished_run()
    newest = newest_finished()
    refuse_if(
        [
            *objections_to_period(period, today),
            *_objections_to_engine(engine),
            *objections_to_order(period, newest.period if newest else "", str(unfinished) if unfinished else ""),
            *objections_to_departments(delivered, period, allow_missing=allow_missing),
            *objections_to_parts(_torn(period, {delivery.source_id for delivery in deliveries})),
        ]
    )
    run = Run.objects.create(
        period=period,
        engine=engine,
        previous=newest_finished(before=period),
        inputs={"departments": delivered, "deliveries": [_told(each) for each in deliveries]},
        started_by_id=actor.pk,
    )
    run.deliveries.set(deliveries)
    run.folder = f"exchange/runs/{run.pk}"
    run.job = jobs.enqueue(RUN_JOB, title=f"核对 {period} 各部门数据", params={"run": run.pk}, actor=actor)
    run.save(update_fields=["folder", "job"])
    facts = {"period": period, "engine": engine, "departments": delivered, "deliveries": run.inputs["deliveries"]}
    record("exchange.run_started", actor=actor, subject=run, facts=facts)
    outbox.put("exchange.run_started", key=run.pk, payload={"run": run.pk, "period": period})
    return run


@unit_of_work
def cancel_run(*, actor: Actor, run_id: int) -> Run:
    """Stop a comparison that is waiting or running; nothing of it is taken in, and it can be taken up again.

    Raises Run.DoesNotExist, Denied, Refused (X15) when it has ended.
    """
    policies.require(actor, RUN)
    run = Run.objects.select_for_update(of=("self",)).select_related("job").get(pk=run_id)
    if run.state not in (RunState.WAITING, RunState.RUNNING):
        _refuse_ended(run, "取消")
    if run.job is not None:
        jobs.cancel(run.job)
    run.state, run.finished_at = RunState.CANCELLED, timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record("exchange.run_cancelled", actor=actor, subject=run, facts={"period": run.period})
    outbox.put("exchange.run_cancelled", key=run.pk, payload={"run": run.pk})
    return run


@unit_of_work
def resume_run(*, actor: Actor, run_id: int) -> Run:
    """Take up a comparison that failed or was cancelled; the stages that were through are not computed again.

    Raises Run.DoesNotExist, Denied, Refused: X11, X12 as `start_run`, X15 when it is not one to be taken up, a newer
    one of the month is through, or what it works on was replaced.
    """
    policies.require(actor, RUN)
    list(Source.objects.select_for_update().order_by("pk").values_list("pk"))
    _close_orphans(actor)
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state not in (RunState.FAILED, RunState.CANCELLED):
        _refuse_ended(run, "继续")
    unfinished, newest = unfinished_run(), newest_finished()
    order = objections_to_order(run.period, newest.period if newest else "", str(unfinished) if unfinished else "")
    refuse_if([*order, *_objections_to_outdated(run)])
    if run.job is None or not jobs.resume(run.job):
        run.job = jobs.enqueue(RUN_JOB, title=f"核对 {run.period} 各部门数据", params={"run": run.pk}, actor=actor)
    run.state, run.error, run.finished_at = RunState.WAITING, "", None
    run.save(update_fields=["state", "error", "finished_at", "job"])
    record("exchange.run_resumed", actor=actor, subject=run, facts={"period": run.period})
    outbox.put("exchange.run_resumed", key=run.pk, payload={"run": run.pk})
    return run


@unit_of_work
def note_running(*, actor: Actor, run_id: int) -> Run | None:
    """The worker has taken the run up; None when nobody wants it any more."""
    found = Run.objects.filter(pk=run_id, state__in=(RunState.WAITING, RunState.RUNNING))
    if not found.update(state=RunState.RUNNING, error=""):
        return None
    return Run.objects.select_related("previous").get(pk=run_id)


@unit_of_work
def note_failure(*, actor: Actor, run_id: int, error: str) -> Run:
    """The run could not be brought to its end; what its stages have computed stays for the next attempt."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state in (RunState.WAITING, RunState.RUNNING):
        run.state, run.error, run.finished_at = RunState.FAILED, error, timezone.now()
        run.save(update_fields=["state", "error", "finished_at"])
        record("exchange.run_failed", actor=actor, subject=run, facts={"period": run.period, "error": error[:500]})
        outbox.put("exchange.run_failed", key=run.pk, payload={"run": run.pk})
    return run


def _refuse_ended(run: Run, act: str) -> None:
    message = f"{run}{run.get_state_display()}，不能{act}"
    raise Refused([Objection(NOT_RESUMABLE, message, Severity.BLOCK, {}, "请刷新页面后按当前状态办理")])


def _objections_to_engine(engine: str) -> list[Objection]:
    if engine in ENGINES:
        return []
    return [Objection("X10", f"没有“{engine[:20]}”这种计算引擎", Severity.BLOCK, {}, "请选择 duckdb 或 spark")]


def _objections_to_outdated(run: Run) -> list[Objection]:
    newer = newer_finished(run)
    replaced = run.deliveries.exclude(state=DeliveryState.ACCEPTED).order_by("source", "part")
    names = list(dict.fromkeys(replaced.values_list("source__name", flat=True)))
    return objections_to_outdated(str(run), str(newer) if newer else "", names)


def _close_orphans(by: Actor) -> None:
    """A run whose job ended without a word to it (its worker was killed too often) has failed."""
    ended = (JobState.FAILED, JobState.CANCELLED, JobState.DONE)
    lost = Run.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING), job__state__in=ended)
    for run in lost.select_related("job").order_by("pk"):
        note_failure(actor=by, run_id=run.pk, error=run.job.error if isinstance(run.job, Job) else "")


def _torn(period: str, whole: Collection[int]) -> Mapping[str, tuple[int, Sequence[int]]]:
    """Sources whose accepted deliveries of the month do not make a whole: how many parts there are, and which came."""
    found: dict[str, tuple[int, list[int]]] = {}
    rows = Delivery.objects.filter(period=period, state=DeliveryState.ACCEPTED).exclude(source__in=list(whole))
    for delivery in rows.select_related("source").order_by("part"):
        parts, there = found.get(delivery.source.name, (1, []))
        found[delivery.source.name] = (max(parts, delivery.parts), [*there, delivery.part])
    return found


def _told(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "source": delivery.source.code,
        "department": delivery.source.department,
        "sha256": delivery.sha256,
        "roster": delivery.roster,
        "rows": delivery.rows,
    }
