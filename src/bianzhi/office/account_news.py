"""What is told of changes of accounts: subscribers of the outbox (see `config.subscriptions`)."""

from typing import Final

from django.urls import reverse

from bianzhi.accounts.models import AccountChange
from bianzhi.accounts.roles import ROLES
from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.office.models import MessageKind
from bianzhi.office.rules import wording
from bianzhi.office.selectors.people import holders
from bianzhi.office.services.messages import News, tell

POST: Final = System("消息")


def holders_of_permission(permission: str) -> set[int]:
    """Ids of the active accounts that hold a permission over the whole district."""
    roles = [code for code, role in ROLES.items() if permission in role.permissions]
    return {person for role in roles for person in holders(role, None, clock.today())}


def change_proposed(message: OutboxMessage) -> None:
    """accounts.change_proposed: to everybody who may confirm it."""
    change = AccountChange.objects.select_related("account").filter(pk=message.payload["change"]).first()
    if change is None:
        return
    words = wording.account_change_proposed(
        str(change.account), change.summary(), change.proposer_name, in_force=change.is_urgent
    )
    people = holders_of_permission("accounts.confirm") - {change.proposed_by_id, change.account_id}
    _tell(message, change, words, people)


def change_ended(message: OutboxMessage) -> None:
    """accounts.change_ended: to who proposed it, unless they ended it themselves."""
    change = AccountChange.objects.select_related("account").filter(pk=message.payload["change"]).first()
    if change is None or change.proposed_by_id is None or change.state == "withdrawn":
        return
    words = wording.account_change_ended(str(change.account), change.summary(), change.get_state_display(), change.note)
    _tell(message, change, words, {change.proposed_by_id})


def _tell(message: OutboxMessage, change: AccountChange, words: wording.Words, people: set[int]) -> None:
    link = reverse("accounts:change", args=[change.pk])
    news = [News(person, MessageKind.NOTICE, words, link) for person in sorted(people)]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)
