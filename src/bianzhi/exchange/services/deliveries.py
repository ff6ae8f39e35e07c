"""A delivery from its arrival to the wish to read it, and what an official decides about a held one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.exchange import files
from bianzhi.exchange.models import Delivery, DeliveryState, Source
from bianzhi.exchange.rules.deliveries import (
    NO_CONTRACT,
    NOT_DELIVERABLE,
    NOT_HELD,
    REJECTED_BEFORE,
    clean_name,
    objections_to_part,
    objections_to_reason,
    objections_to_size,
    objections_to_twin,
)
from bianzhi.exchange.rules.periods import objections_to_period
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.selectors.deliveries import is_stuck, open_roster, rosters_of, whole_set
from bianzhi.exchange.selectors.reach import require_reach
from bianzhi.intake import gate
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.reconciliation.reading.limits import DELIVERED

__all__ = ["accept", "decide_delivery", "deliver", "open_roster", "read_again", "rosters_of", "stop_reading"]

DELIVER: Final = "exchange.deliver"
DECIDE: Final = "exchange.decide"
READ_JOB: Final = "exchange.read"
TITLE_LENGTH: Final = 200
NOT_COUNTING: Final = (DeliveryState.REJECTED, DeliveryState.SUPERSEDED)


@unit_of_work
def deliver(
    *,
    actor: Actor,
    source_id: int,
    period: str,
    file_name: str,
    data: bytes | Path,
    part: int = 1,
    parts: int = 1,
    signer: str = "",
    manifest: Mapping[str, Any] | None = None,
) -> Delivery:
    """Take a file in for a source and a month, and have it read in the background.

    The same content as the same part once more is the same delivery: it is returned as it stands, with `is_repeated`
    set. Order does not matter. Raises Source.DoesNotExist, Denied without exchange.deliver, Refused: X60 (another
    department's source), X10 (month), X61 (part, or the content of another part), X62 (source out of use), X63 (no
    contract), X64 (size), X65 (rejected before by an official), R27 (marked secret), U01–U03 (the gate).
    """
    policies.require(actor, DELIVER)
    source = Source.objects.select_for_update().get(pk=source_id)
    require_reach(actor, source)
    name = clean_name(file_name)
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    refuse_if(
        [
            *objections_to_period(period, clock.today()),
            *objections_to_part(part, parts),
            *objections_to_size(size, DELIVERED.file_bytes),
            *objections_to_secrecy(文件名=name),
            *_objections_to_source(source),
        ]
    )
    gate.look_at(data, name, gate.Wanted.TABLES, actor=actor)
    kept = files.keep(data)
    same = Delivery.objects.filter(source=source, period=period, sha256=kept.sha256, parts=parts)
    known = same.filter(part=part).first()
    if known is not None:
        return _again(actor, known)
    refuse_if(objections_to_twin(part, parts, [each.part for each in same.exclude(state__in=NOT_COUNTING)]))
    delivery = Delivery.objects.create(
        source=source,
        period=period,
        part=part,
        parts=parts,
        sha256=kept.sha256,
        sm3=kept.sm3,
        file_name=name,
        size=kept.size,
        manifest=dict(manifest or {}),
        signer=(signer or actor.display_name)[:80],
        received_by_id=actor.pk,
    )
    _have_it_read(actor, delivery)
    record("exchange.delivered", actor=actor, subject=delivery, facts=_facts(delivery))
    outbox.put("exchange.delivered", key=delivery.pk, payload=_told(delivery))
    return delivery


@unit_of_work
def decide_delivery(*, actor: Actor, delivery_id: int, accept_it: bool, reason: str) -> Delivery:
    """Accept or reject a delivery the breaker has held; the reason is kept and shown.

    Raises Delivery.DoesNotExist, Denied without exchange.decide, Refused: X66 (not held), X67 (no reason).
    """
    policies.require(actor, DECIDE)
    delivery = locked_delivery(delivery_id)
    refuse_if([*_objections_to_state(delivery), *objections_to_reason(reason)])
    delivery.decided_by_id, delivery.decided_at = actor.pk, timezone.now()
    said = f"{'接收' if accept_it else '退回'}理由：{reason.strip()}"
    delivery.reason = f"{delivery.reason}\n{said}".strip()
    replaced: list[int] = []
    if accept_it:
        replaced = accept(actor=actor, delivery=delivery)
    else:
        delivery.state = DeliveryState.REJECTED
    delivery.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    act = f"exchange.delivery_{delivery.state}"
    outcome = {"state": str(delivery.state), "superseded": replaced, "reason": reason.strip()}
    record(act, actor=actor, subject=delivery, facts={**_facts(delivery), **outcome})
    outbox.put(act, key=delivery.pk, payload=_told(delivery))
    return delivery


@unit_of_work
def read_again(*, actor: Actor, delivery_id: int) -> Delivery:
    """Have a delivery read once more, after its contract was mended or its reading was stopped.

    Raises Delivery.DoesNotExist, Denied, Refused: X60, X62, X63, X65.
    """
    policies.require(actor, DELIVER)
    delivery = locked_delivery(delivery_id)
    require_reach(actor, delivery.source)
    refuse_if(_objections_to_source(delivery.source))
    return _again(actor, delivery)


@unit_of_work
def accept(*, actor: Actor, delivery: Delivery) -> list[int]:
    """Make a read delivery count: what it replaces is marked so, and its keys are returned. The caller saves its state.

    The newer of two of the same part replaces the older, and a whole set what came before it in another division, in
    whatever order they were accepted: one that comes too late is marked as replaced itself. Whoever calls has
    authorised it and records it.
    """
    others = Delivery.objects.filter(source=delivery.source, period=delivery.period, state=DeliveryState.ACCEPTED)
    same = others.filter(part=delivery.part, parts=delivery.parts).exclude(pk=delivery.pk)
    if same.filter(pk__gt=delivery.pk).exists() or _has_newer_division(delivery):
        delivery.state = DeliveryState.SUPERSEDED
        return []
    replaced = _superseded(same)
    delivery.state = DeliveryState.ACCEPTED
    delivery.save(update_fields=["state", "roster"])
    there = set(others.filter(parts=delivery.parts).values_list("part", flat=True))
    if there == set(range(1, delivery.parts + 1)):
        replaced += _superseded(others.exclude(parts=delivery.parts).filter(pk__lt=delivery.pk))
    return replaced


def _superseded(older: QuerySet[Delivery]) -> list[int]:
    """Mark these as replaced; their keys."""
    keys = list(older.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=keys).update(state=DeliveryState.SUPERSEDED)
    return keys


def _has_newer_division(delivery: Delivery) -> bool:
    """Whether what counts for the month is a whole set in another division that came after this delivery."""
    there = whole_set(delivery.source, delivery.period)
    return bool(there) and there[0].parts != delivery.parts and min(each.pk for each in there) > delivery.pk


@unit_of_work
def stop_reading(*, actor: Actor, delivery_id: int) -> Delivery:
    """Stop the reading of a delivery: at once where nobody reads it now; it stays as received and can be read again.

    Raises Delivery.DoesNotExist, Denied, Refused: X60, X66.
    """
    policies.require(actor, DELIVER)
    delivery = locked_delivery(delivery_id)
    require_reach(actor, delivery.source)
    if delivery.state not in (DeliveryState.RECEIVED, DeliveryState.READING) or delivery.job is None:
        raise Refused([_not_in_state(delivery, "停止读取")])
    jobs.cancel(delivery.job)
    delivery.job.refresh_from_db(fields=["state"])
    if delivery.job.is_finished:
        delivery.state = DeliveryState.RECEIVED
        delivery.save(update_fields=["state"])
    record("exchange.reading_stopped", actor=actor, subject=delivery, facts=_facts(delivery))
    return delivery


def _again(actor: Actor, known: Delivery) -> Delivery:
    """The delivery that is there already; one that could not be read, or was stopped, is read once more."""
    if known.state == DeliveryState.REJECTED and known.decided_at is not None:
        message = f"该文件已于 {timezone.localtime(known.decided_at):%Y-%m-%d} 退回：{known.reason}"
        raise Refused([Objection(REJECTED_BEFORE, message, next_step="请更正后报送新的文件")])
    if known.state == DeliveryState.REJECTED or is_stuck(known):
        known.state, known.reason = DeliveryState.RECEIVED, ""
        known.save(update_fields=["state", "reason"])
        _have_it_read(actor, known)
        record("exchange.delivery_reread", actor=actor, subject=known, facts=_facts(known))
    known.is_repeated = True
    return known


def _have_it_read(actor: Actor, delivery: Delivery) -> None:
    title = f"读取 {delivery.source.name} {delivery.period} 报送《{delivery.file_name}》"
    delivery.job = jobs.enqueue(READ_JOB, title=title[:TITLE_LENGTH], params={"delivery": delivery.pk}, actor=actor)
    delivery.save(update_fields=["job"])


def locked_delivery(delivery_id: int) -> Delivery:
    """The delivery with its source, both locked, the source first: one at a time of a source is accepted.

    Of two parts accepted at once neither would see the other, and nobody would ask who is missing. Raises
    Delivery.DoesNotExist.
    """
    source_id = Delivery.objects.values_list("source_id", flat=True).get(pk=delivery_id)
    list(Source.objects.select_for_update().filter(pk=source_id).values_list("pk"))
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("source", "job")
    return rows.get(pk=delivery_id)


def _objections_to_source(source: Source) -> list[Objection]:
    if not source.is_active:
        return [Objection(NOT_DELIVERABLE, f"数据来源“{source.name}”已停用", next_step="请先在数据来源中启用")]
    if in_force(source) is None:
        step = "请先在数据来源中发布数据契约"
        return [Objection(NO_CONTRACT, f"“{source.name}”还没有生效的数据契约", next_step=step)]
    return []


def _objections_to_state(delivery: Delivery) -> list[Objection]:
    return [] if delivery.state == DeliveryState.HELD else [_not_in_state(delivery, "确认")]


def _not_in_state(delivery: Delivery, act: str) -> Objection:
    message = f"该报送{delivery.get_state_display()}，不能{act}"
    return Objection(NOT_HELD, message, next_step="请刷新页面后按当前状态办理")


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "source": delivery.source.code,
        "period": delivery.period,
        "part": f"{delivery.part}/{delivery.parts}",
        "sha256": delivery.sha256,
        "sm3": delivery.sm3,
        "file": delivery.file_name,
        "signer": delivery.signer,
    }


def _told(delivery: Delivery) -> dict[str, Any]:
    return {"delivery": delivery.pk, "source": delivery.source.code, "period": delivery.period}
