"""What the reading of a delivery brings: accepted, held by the breaker, or unreadable."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange import files
from bianzhi.exchange.models import Contract, Delivery, DeliveryState
from bianzhi.exchange.rules.deliveries import LEAST_GONE, UnitLoss, breaking_losses, words_of_losses
from bianzhi.exchange.selectors.deliveries import last_whole_set
from bianzhi.exchange.services.deliveries import accept, locked_delivery
from bianzhi.reconciliation.reading.comparing import people_by_unit
from bianzhi.reconciliation.reading.report import ReadingReport

SHOWN_LOSSES: Final = 200


@unit_of_work
def begin_reading(*, actor: Actor, delivery_id: int, contract: Contract) -> Delivery | None:
    """The worker has taken the delivery up, under a contract; None when it does not wait to be read any more."""
    waiting = Delivery.objects.filter(pk=delivery_id, state__in=(DeliveryState.RECEIVED, DeliveryState.READING))
    if not waiting.update(state=DeliveryState.READING, contract=contract):
        return None
    return Delivery.objects.select_related("source", "contract").get(pk=delivery_id)


@unit_of_work
def put_back(*, actor: Actor, delivery_id: int) -> None:
    """If the reading ended without a result (stopped, or the program failed), the delivery is as it came."""
    Delivery.objects.filter(pk=delivery_id, state=DeliveryState.READING).update(state=DeliveryState.RECEIVED)


@unit_of_work
def take_refusal(*, actor: Actor, delivery_id: int, reason: str) -> Delivery:
    """The file cannot be read: it goes back with the reason. After a better contract it may be read again."""
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("source").get(pk=delivery_id)
    delivery.state, delivery.reason = DeliveryState.REJECTED, reason
    delivery.save(update_fields=["state", "reason"])
    record("exchange.delivery_unreadable", actor=actor, subject=delivery, facts={"reason": reason[:500]})
    outbox.put("exchange.delivery_rejected", key=delivery.pk, payload={"delivery": delivery.pk})
    return delivery


@unit_of_work
def take_reading(
    *, actor: Actor, delivery_id: int, report: ReadingReport, roster: Path, finish: Callable[[Mapping[str, Any]], None]
) -> Delivery:
    """Keep the roster and the report of a reading; accept the delivery, or hold it when the breaker trips.

    `finish` is called last, in the same transaction, so that work and job end together.
    """
    delivery = locked_delivery(delivery_id)
    delivery.roster = files.keep(roster).sha256
    delivery.rows = report.rows
    delivery.report = report.as_json()
    losses, words = _losses(delivery)
    reasons = [*([words] if words else []), *_damage(delivery, report)]
    delivery.reason = "；".join(reasons)
    replaced: list[int] = []
    if reasons:
        delivery.state = DeliveryState.HELD
        delivery.report["losses"] = [[loss.unit, loss.before, loss.after] for loss in losses[:SHOWN_LOSSES]]
    else:
        replaced = accept(actor=actor, delivery=delivery)
    delivery.save(update_fields=["roster", "rows", "report", "reason", "state"])
    act = "exchange.delivery_held" if reasons else "exchange.delivery_read"
    facts = {
        "rows": report.rows,
        "roster": delivery.roster,
        "state": str(delivery.state),
        "superseded": replaced,
        "reason": delivery.reason,
    }
    record(act, actor=actor, subject=delivery, facts=facts)
    topic = f"exchange.delivery_{delivery.state}"
    outbox.put(topic, key=delivery.pk, payload={"delivery": delivery.pk, "period": delivery.period})
    finish({"delivery": delivery.pk, "state": delivery.state, "rows": report.rows})
    return delivery


def _losses(delivery: Delivery) -> tuple[list[UnitLoss], str]:
    """Units that lost too many people against the last whole set, in figures and in words.

    Asked when this delivery makes a set whole; before that nobody knows who is missing.
    """
    source = delivery.source
    before = last_whole_set(source, delivery.period)
    others = Delivery.objects.filter(
        source=source, period=delivery.period, parts=delivery.parts, state=DeliveryState.ACCEPTED
    ).exclude(part=delivery.part)
    now = {other.part: other for other in others}
    if not before or len(now) != delivery.parts - 1:
        return [], ""
    old, new = _people(before), _people([*now.values(), delivery])
    losses = [UnitLoss(unit, count, new.get(unit, 0)) for unit, count in old.items() if unit]
    total = UnitLoss("全部单位", sum(old.values()), sum(new.values()))
    least = int(source.settings.get("breaker_least", LEAST_GONE))
    broken = breaking_losses(losses, source.breaker_percent, least)
    return broken, words_of_losses(broken, total, source.breaker_percent)


def _people(deliveries: Iterable[Delivery]) -> Mapping[str, int]:
    with ExitStack() as held:
        return people_by_unit([held.enter_context(files.plain(each.roster)) for each in deliveries])


def _damage(delivery: Delivery, report: ReadingReport) -> list[str]:
    """A whole column of numbers that a spreadsheet has cut off is nothing to compare with."""
    rounded = report.count("id_rounded")
    if rounded * 100 <= report.rows * delivery.source.breaker_percent:
        return []
    return [
        f"{report.rows} 行中有 {rounded} 行的身份证号被表格软件截成 15 位有效数字，无法核对；"
        "请对方把该列设为文本格式后重新导出"
    ]
