"""Reads of the queue of mails."""

from datetime import datetime

from django.db.models import Count, Q

from bianzhi.office.models import Mail, MailState


def is_any_due(now: datetime) -> bool:
    """Whether a mail should be sent now; one query, so that an idle worker only reads."""
    waiting = Q(state=MailState.WAITING, next_at__lte=now) | Q(state=MailState.SENDING, claimed_until__lt=now)
    return Mail.objects.filter(waiting).exists()


def counts() -> dict[str, int]:
    """How many mails there are in each state."""
    found = dict(Mail.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in MailState}
