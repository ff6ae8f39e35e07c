"""What those who keep the archive are told: subscribers of the outbox (see `config.subscriptions`)."""

from typing import Final

from django.urls import reverse

from bianzhi.archives.models import Original
from bianzhi.archives.selectors.soundness import names_of
from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.office.models import MessageKind
from bianzhi.office.rules import wording
from bianzhi.office.selectors.people import holders
from bianzhi.office.services.messages import News, tell

POST: Final = System("消息")
KEEPERS: Final = ("archivist", "system_admin")


def original_damaged(message: OutboxMessage) -> None:
    """archives.original_damaged: to the archivists, and to who can bring it back from a backup."""
    original = Original.objects.filter(pk=message.payload["original"]).first()
    if original is None:
        return
    words = wording.original_damaged(names_of(original), original.get_state_display())
    people = {person for role in KEEPERS for person in holders(role, None, clock.today())}
    news = [News(person, MessageKind.NOTICE, words, reverse("archives:originals")) for person in sorted(people)]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)
