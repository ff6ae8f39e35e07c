"""Opening a delivered file: it holds complete ID numbers, so who opened it is kept."""

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import Delivery
from bianzhi.exchange.selectors.reach import require_reach


@unit_of_work
def open_delivery(*, actor: Actor, delivery_id: int) -> Delivery:
    """Let whoever delivers for the source, or may see complete numbers, have the file.

    Raises Delivery.DoesNotExist, Denied without exchange.deliver and personnel.reveal, Refused (X60).
    """
    delivery = Delivery.objects.select_related("source").get(pk=delivery_id)
    if not (actor.can("exchange.deliver") or actor.can("personnel.reveal")):
        raise Denied("personnel.reveal")
    require_reach(actor, delivery.source)
    record(
        "exchange.delivery_opened",
        actor=actor,
        subject=delivery,
        facts={"source": delivery.source.code, "period": delivery.period, "sha256": delivery.sha256},
    )
    return delivery
