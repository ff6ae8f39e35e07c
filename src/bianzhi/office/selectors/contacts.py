"""Who takes which messages by mail."""

from collections.abc import Collection
from typing import Any

from django.conf import settings

from bianzhi.office.models import ContactPreference


def mail_is_configured() -> bool:
    """Whether this installation can send mail at all."""
    return bool(settings.EMAIL_HOST)


def preference_of(user: Any) -> ContactPreference | None:
    """The user's own settings; None when nothing was ever set."""
    return ContactPreference.objects.filter(user=user).first()


def wanting_mail(user_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """By user id, the kinds of message wanted by mail, of those who gave an address. One query."""
    rows = ContactPreference.objects.filter(user_id__in=user_ids, user__is_active=True).exclude(mail_address="")
    return {user_id: frozenset(kinds) for user_id, kinds in rows.values_list("user_id", "mail_kinds")}
