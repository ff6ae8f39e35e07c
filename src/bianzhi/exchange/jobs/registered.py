"""News of the register that other departments wait for: subscribers of the outbox (see `config.subscriptions`).

News may come twice; a dispatch is named after what it tells of, and is written once.
"""

from typing import Final

from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange.services.registered import give_back_change, give_back_movements
from bianzhi.personnel.models import Movement

HUB: Final = System("数据共享")


def movement_registered(message: OutboxMessage) -> None:
    """personnel.enlisted, .transferred, .delisted, .movement_reversed, .occupancy_corrected: one movement."""
    give_back_movements(actor=HUB, movement_ids=[int(message.payload["movement"])])


def people_carried(message: OutboxMessage) -> None:
    """personnel.reorganized: everybody whom a reorganisation carried to another unit."""
    moved = Movement.objects.filter(event_id=int(message.payload["event"]))
    give_back_movements(actor=HUB, movement_ids=list(moved.values_list("pk", flat=True)))


def person_changed(message: OutboxMessage) -> None:
    """personnel.person_changed: facts of a person, changed by 信息变更."""
    give_back_change(
        actor=HUB,
        person_id=int(message.key),
        fields=message.payload["fields"],
        until=message.created_at,
        news_id=message.pk,
    )
