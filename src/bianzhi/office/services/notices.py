"""Notices: drafted, published to the people they are for, read, confirmed, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.accounts.roles import ROLES
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import (
    Audience,
    Mail,
    MailState,
    Message,
    MessageKind,
    Notice,
    NoticeRecipient,
    NoticeState,
)
from bianzhi.office.selectors.people import audience_of
from bianzhi.office.services.notice_files import change_files, listed
from bianzhi.organizations.models import Organization

PUBLISH: Final = "notices.publish"
MOST_KEYS: Final = 200


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a draft says and whom it is for; `audience_keys` are role codes, organisation ids or user ids."""

    title: str
    body: str
    audience: str = Audience.ALL
    audience_keys: tuple[str | int, ...] = ()
    includes_subtree: bool = True
    must_confirm: bool = False


@unit_of_work
def draft_notice(*, actor: User, facts: NoticeFacts, files: Sequence[Upload] = ()) -> Notice:
    """Begin a notice, with its files; nobody but publishers sees it yet.

    Raises Refused (N01, N02) for an empty or aimless one, and as `change_files` does.
    """
    require(actor, PUBLISH)
    notice = Notice(author=actor)
    _fill(notice, facts)
    notice.save()
    wrote = change_files(actor=actor, notice=notice, add=files)
    record("office.notice_drafted", actor=actor, subject=notice, facts=_as_facts(notice), wrote=[notice, *wrote])
    return notice


@unit_of_work
def change_notice(
    *, actor: User, notice_id: int, facts: NoticeFacts, files: Sequence[Upload] = (), without: Sequence[int] = ()
) -> Notice:
    """Change a draft: put `files` on it, take those `without` off.

    Raises Refused (N03) for a notice that is out, and as `draft_notice` does.
    """
    require(actor, PUBLISH)
    notice = _locked(notice_id)
    _refuse_unless(notice, NoticeState.DRAFT, "修改")
    _fill(notice, facts)
    notice.save()
    wrote = change_files(actor=actor, notice=notice, add=files, remove=without)
    record("office.notice_changed", actor=actor, subject=notice, facts=_as_facts(notice), wrote=[notice, *wrote])
    return notice


@unit_of_work
def publish_notice(*, actor: User, notice_id: int, today: date) -> Notice:
    """Put a draft in force: from now on it can only be withdrawn, and the people it is for are told.

    Raises Refused for a notice that is no draft (N03) or reaches nobody (N04).
    """
    require(actor, PUBLISH)
    notice = _locked(notice_id)
    _refuse_unless(notice, NoticeState.DRAFT, "发布")
    people = audience_of(notice, today)
    if not people:
        raise Refused([Objection("N04", "所选范围内没有启用的账号，没有人会收到。", next_step="请调整发送范围。")])
    notice.state, notice.published_at, notice.published_by = NoticeState.PUBLISHED, timezone.now(), actor
    notice.save()
    NoticeRecipient.objects.bulk_create(NoticeRecipient(notice=notice, user_id=pk) for pk in sorted(people))
    facts = {**_as_facts(notice), "recipients": len(people)}
    record("office.notice_published", actor=actor, subject=notice, facts=facts, wrote=[notice])
    outbox.put("office.notice_published", key=notice.pk, payload={"notice": notice.pk, "people": sorted(people)})
    return notice


@unit_of_work
def withdraw_notice(*, actor: Actor, notice_id: int, reason: str) -> Notice:
    """Take a published notice back; its readers no longer see it, the record keeps it. Raises Refused (N03, N05).

    What told of it asks for nothing any more: its messages count as read, and mails still waiting do not go out.
    """
    require(actor, PUBLISH)
    notice = _locked(notice_id)
    _refuse_unless(notice, NoticeState.PUBLISHED, "撤回")
    if not reason.strip():
        raise Refused([Objection("N05", "没有填写撤回原因。", next_step="请说明撤回的原因。")])
    notice.state, notice.withdrawn_at, notice.withdraw_reason = NoticeState.WITHDRAWN, timezone.now(), reason.strip()
    notice.save(update_fields=["state", "withdrawn_at", "withdraw_reason"])
    _take_back_messages(notice)
    record("office.notice_withdrawn", actor=actor, subject=notice, facts={"reason": reason.strip()}, wrote=[notice])
    return notice


@unit_of_work
def discard_notice(*, actor: Actor, notice_id: int) -> Notice:
    """Give up a draft. Raises Refused (N03) for a notice that is out."""
    require(actor, PUBLISH)
    notice = _locked(notice_id)
    _refuse_unless(notice, NoticeState.DRAFT, "废弃")
    notice.state = NoticeState.DISCARDED
    notice.save(update_fields=["state"])
    record("office.notice_discarded", actor=actor, subject=notice, facts={}, wrote=[notice])
    return notice


@unit_of_work
def read_notice(*, actor: User, notice_id: int) -> None:
    """Note that the actor has opened a notice that is for them; the first time counts."""
    now = timezone.now()
    own = NoticeRecipient.objects.filter(notice_id=notice_id, user_id=actor.pk, notice__state=NoticeState.PUBLISHED)
    if own.filter(read_at__isnull=True).update(read_at=now):
        messages = Message.objects.unread().filter(recipient_id=actor.pk, kind=MessageKind.NOTICE)
        messages.filter(about=f"notice:{notice_id}").update(read_at=now)


@unit_of_work
def confirm_notice(*, actor: User, notice_id: int) -> NoticeRecipient:
    """The actor says to have read and understood a notice that asks for it.

    Raises Refused when the notice is not in force, not for the actor, or asks for no confirmation (N06).
    """
    notice = _locked(notice_id)
    row = NoticeRecipient.objects.select_for_update().filter(notice=notice, user_id=actor.pk).first()
    if row is None or not notice.is_published or not notice.must_confirm:
        raise Refused([Objection("N06", "这份通知不需要您确认。", next_step="通知可能已撤回，请刷新后查看。")])
    if row.confirmed_at is None:
        row.confirmed_at = timezone.now()
        row.read_at = row.read_at or row.confirmed_at
        row.save(update_fields=["read_at", "confirmed_at"])
        record("office.notice_confirmed", actor=actor, subject=notice, facts={})
    return row


@unit_of_work
def complete_audiences(*, actor: Actor, today: date) -> int:
    """Add to every notice in force whoever has come into its audience since; returns how many. Run once a day."""
    added = 0
    for notice in Notice.objects.filter(state=NoticeState.PUBLISHED).exclude(audience=Audience.PEOPLE):
        known = set(NoticeRecipient.objects.filter(notice=notice).values_list("user_id", flat=True))
        fresh = sorted(audience_of(notice, today) - known)
        NoticeRecipient.objects.bulk_create(NoticeRecipient(notice=notice, user_id=pk) for pk in fresh)
        if fresh:
            outbox.put("office.notice_published", key=notice.pk, payload={"notice": notice.pk, "people": fresh})
        added += len(fresh)
    return added


def _locked(notice_id: int) -> Notice:
    return Notice.objects.select_for_update().get(pk=notice_id)


@beyond_scope("messages")
def _take_back_messages(notice: Notice) -> None:
    messages = Message.objects.filter(kind=MessageKind.NOTICE, about=f"notice:{notice.pk}")
    messages.unread().update(read_at=timezone.now())
    waiting = Mail.objects.filter(message__in=messages, state=MailState.WAITING)
    waiting.update(state=MailState.CANCELLED, last_error="通知已撤回")


def _fill(notice: Notice, facts: NoticeFacts) -> None:
    _refuse_bad_facts(facts)
    notice.title, notice.body = facts.title.strip(), facts.body.strip()
    notice.audience, notice.audience_keys = facts.audience, list(facts.audience_keys)
    notice.includes_subtree, notice.must_confirm = facts.includes_subtree, facts.must_confirm


def _refuse_bad_facts(facts: NoticeFacts) -> None:
    objections = []
    if not facts.title.strip() or not facts.body.strip():
        objections.append(Objection("N01", "标题和正文都要填写。", next_step="请补全后保存。"))
    if facts.audience not in Audience.values:
        objections.append(Objection("N02", "没有这种发送范围。", next_step="请重新选择发送范围。"))
    elif facts.audience != Audience.ALL and not _known(facts.audience, set(facts.audience_keys)):
        label = Audience(facts.audience).label
        objections.append(Objection("N02", f"发送范围“{label}”没有选好。", next_step="请从列表中选择收件的范围。"))
    if objections:
        raise Refused(objections)


def _known(audience: str, keys: set[Any]) -> bool:
    """Whether there are keys, not too many, and each is one of a role, a unit, an account."""
    if not keys or len(keys) > MOST_KEYS:
        return False
    if audience == Audience.ROLES:
        return keys <= set(ROLES)
    model = Organization if audience == Audience.UNITS else User
    return model._default_manager.filter(pk__in=keys).count() == len(keys)


def _refuse_unless(notice: Notice, state: NoticeState, act: str) -> None:
    if notice.state != state:
        label = NoticeState(notice.state).label
        raise Refused([Objection("N03", f"该通知{label}，不能{act}。", next_step="请刷新后查看其现状。")])


def _as_facts(notice: Notice) -> dict[str, Any]:
    return {
        "title": notice.title,
        "audience": notice.audience,
        "audience_keys": notice.audience_keys,
        "includes_subtree": notice.includes_subtree,
        "must_confirm": notice.must_confirm,
        "files": listed(notice),
    }
