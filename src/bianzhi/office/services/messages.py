"""Telling people: messages are written once for an event, and go by mail too where their reader asked for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import F, Q
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.office.models import Mail, Message, MessageKind
from bianzhi.office.models.messages import ABOUT_OPEN_TASKS
from bianzhi.office.rules.wording import TEXT_LENGTH, TITLE_LENGTH, Words, fitting, without_id_numbers
from bianzhi.office.selectors.contacts import mail_is_configured, wanting_mail
from bianzhi.workflow.models import TaskStatus

KEPT_DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class News:
    """Something one person is to be told. `about` tells apart what one event has to say to the same person."""

    recipient_id: int
    kind: str
    words: Words
    link: str = ""
    task_id: int | None = None
    about: str = ""


@unit_of_work
@beyond_scope("messages")
def tell(*, actor: Actor, event: str, news: Sequence[News]) -> list[Message]:
    """Write the messages of one event, each once however often the event is delivered; returns the new ones.

    What looks like an ID number in the words is masked. A mail is put in the queue for each message whose reader wants
    its kind by mail, if mail is set up.
    """
    told = set(Message.objects.filter(event=event).values_list("recipient_id", "about"))
    fresh: dict[tuple[int, str], Message] = {}
    for each in news:
        key = (each.recipient_id, each.about)
        if key not in told and key not in fresh:
            fresh[key] = _message(event, each)
    written = Message.objects.bulk_create(list(fresh.values()))
    if written and mail_is_configured():
        wanted = wanting_mail({message.recipient_id for message in written})
        Mail.objects.bulk_create(
            Mail(message=message)
            for message in written
            if message.kind in wanted.get(message.recipient_id, frozenset())
        )
    return written


def _message(event: str, news: News) -> Message:
    return Message(
        recipient_id=news.recipient_id,
        kind=news.kind,
        title=fitting(without_id_numbers(news.words.title), TITLE_LENGTH),
        text=fitting(without_id_numbers(news.words.text), TEXT_LENGTH),
        link=news.link,
        task_id=news.task_id,
        event=event,
        about=news.about,
    )


@unit_of_work
@beyond_scope("messages")
def settle_tasks(*, actor: Actor, instance_id: int) -> int:
    """Take messages of a case as read that ask for nothing any more: the bell counts what is still to do.

    That is: about tasks no longer open, and about tasks that somebody else has taken from the pool.
    """
    of_case = Q(task__instance_id=instance_id) | Q(task__instance__root_id=instance_id)
    about_tasks = Message.objects.unread().filter(of_case, kind__in=ABOUT_OPEN_TASKS)
    is_open = Q(task__status__in=[TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED])
    is_taken = Q(kind__in=[MessageKind.TASK, MessageKind.RETURNED], task__assignee__isnull=False)
    stale = ~is_open | (is_taken & ~Q(task__assignee=F("recipient")))
    ids = list(about_tasks.filter(stale).values_list("pk", flat=True))
    return Message.objects.filter(pk__in=ids).update(read_at=timezone.now()) if ids else 0


@unit_of_work
def read_messages(*, actor: User, message_ids: Collection[int]) -> int:
    """Note that the actor has read these messages; other people's are left alone."""
    own = Message.objects.unread().filter(recipient_id=actor.pk, pk__in=message_ids)
    return own.update(read_at=timezone.now())


@unit_of_work
def read_all_messages(*, actor: User) -> int:
    """Note that the actor has read every message."""
    return Message.objects.unread().filter(recipient_id=actor.pk).update(read_at=timezone.now())


@unit_of_work
def remove_old_messages(*, actor: Actor, today: date) -> int:
    """Remove what was read (and its mail sent) half a year ago: the case, not the message, is the record."""
    old = Message.objects.filter(read_at__date__lt=today - timedelta(days=KEPT_DAYS))
    removed, _ = old.delete()
    return removed
