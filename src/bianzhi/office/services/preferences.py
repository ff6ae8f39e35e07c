"""Where a person takes mail, and of what: their own choice, nobody else's."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import ContactPreference, MessageKind

OFFERED = [kind for kind in MessageKind if kind is not MessageKind.TEST]
"""The kinds a person may ask for by mail."""


@unit_of_work
def set_preference(*, actor: User, mail_address: str, mail_kinds: Collection[str]) -> ContactPreference:
    """Keep the actor's own address and kinds. The record says what is wanted, not the address itself.

    Raises Refused for an address that is none (N10), an unknown kind (N11), or kinds without an address (N12).
    """
    address = mail_address.strip()
    _refuse_bad_wishes(address, mail_kinds)
    preference = ContactPreference.objects.select_for_update().filter(user=actor).first()
    preference = preference or ContactPreference(user=actor)
    preference.mail_address, preference.changed_at = address, timezone.now()
    preference.mail_kinds = [kind.value for kind in OFFERED if kind.value in mail_kinds]
    preference.save()
    facts = {"has_address": bool(address), "kinds": preference.mail_kinds}
    record("office.preference_changed", actor=actor, subject=preference, facts=facts, wrote=[preference])
    return preference


def _refuse_bad_wishes(address: str, kinds: Collection[str]) -> None:
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        raise Refused([Objection("N10", f"“{address}”不是邮箱地址。", next_step="请改正后保存。")]) from error
    unknown = sorted(set(kinds) - {kind.value for kind in OFFERED})
    if unknown:
        raise Refused([Objection("N11", f"没有这种消息：{'、'.join(unknown)}。")])
    if kinds and not address:
        raise Refused(
            [Objection("N12", "选择了用邮件接收的消息，但没有填写邮箱。", next_step="请填写邮箱，或取消选择。")]
        )
