"""Meetings and appointments: planned, changed, cancelled by whoever arranged them; everybody invited is told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import CalendarEvent, EventKind, EventParticipant

PLAN: Final = "workbench.view"
LONGEST: Final = timedelta(days=60)
MOST_PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What, when, where, with whom. An event of whole days starts and ends at midnight of its first and last day."""

    title: str
    starts_at: datetime
    ends_at: datetime
    kind: str = EventKind.MEETING
    all_day: bool = False
    place: str = ""
    text: str = ""
    participants: frozenset[int] = frozenset()


@unit_of_work
def plan_event(*, actor: User, facts: EventFacts) -> CalendarEvent:
    """Put an event in the calendars of the actor and of everybody invited. Raises Refused (N40–N43)."""
    require(actor, PLAN)
    _refuse_bad_facts(facts)
    event = CalendarEvent(organizer=actor)
    _fill(event, facts)
    event.save()
    invited = _invite(event, facts.participants)
    record("office.event_planned", actor=actor, subject=event, facts=_as_facts(event), wrote=[event, *invited])
    _announce(event, "planned", actor, {row.user_id for row in invited})
    return event


@unit_of_work
def change_event(*, actor: User, event_id: int, facts: EventFacts) -> CalendarEvent:
    """Change an event; whoever is no longer invited is told as well. Raises Refused (N40–N44)."""
    event = _own(actor, event_id)
    _refuse_bad_facts(facts)
    _fill(event, facts)
    event.revision += 1
    event.changed_at = timezone.now()
    event.save()
    dropped = _drop(event, facts.participants)
    invited = _invite(event, facts.participants)
    wrote = [event, *dropped, *invited]
    record("office.event_changed", actor=actor, subject=event, facts=_as_facts(event), wrote=wrote)
    _announce(event, "changed", actor, facts.participants)
    _announce(event, "dropped", actor, {row.user_id for row in dropped})
    return event


@unit_of_work
def cancel_event(*, actor: User, event_id: int, reason: str) -> CalendarEvent:
    """Call an event off; calendars keep it struck out. Raises Refused (N44, N45)."""
    event = _own(actor, event_id)
    if not reason.strip():
        raise Refused([Objection("N45", "没有填写取消原因。", next_step="请说明取消的原因。")])
    event.cancelled_at = event.changed_at = timezone.now()
    event.cancel_reason = reason.strip()
    event.revision += 1
    event.save()
    record("office.event_cancelled", actor=actor, subject=event, facts={"reason": reason.strip()}, wrote=[event])
    _announce(event, "cancelled", actor, _invited(event))
    return event


def _own(actor: User, event_id: int) -> CalendarEvent:
    require(actor, PLAN)
    event = CalendarEvent.objects.select_for_update().get(pk=event_id)
    if event.organizer_id != actor.pk:
        name = event.organizer.display_name
        raise Refused([Objection("N44", f"该日程由{name}发起，只能由其修改或取消。", next_step=f"请与{name}联系。")])
    if event.is_cancelled:
        raise Refused([Objection("N44", "该日程已取消，不能再修改。", next_step="如需恢复，请另行安排。")])
    return event


def _fill(event: CalendarEvent, facts: EventFacts) -> None:
    event.kind, event.title, event.place, event.text = facts.kind, facts.title.strip(), facts.place, facts.text
    event.all_day, event.starts_at, event.ends_at = facts.all_day, facts.starts_at, facts.ends_at


def _refuse_bad_facts(facts: EventFacts) -> None:
    objections = []
    if not facts.title.strip():
        objections.append(Objection("N40", "没有填写事项。", next_step="请用一句话说明是什么事。"))
    if facts.ends_at < facts.starts_at or (not facts.all_day and facts.ends_at == facts.starts_at):
        objections.append(Objection("N41", "结束时间应在开始时间之后。", next_step="请改正时间。"))
    if facts.ends_at - facts.starts_at > LONGEST:
        objections.append(Objection("N42", f"一项日程最长 {LONGEST.days} 天。", next_step="请分几项安排。"))
    if len(facts.participants) > MOST_PEOPLE or not _all_active(facts.participants):
        objections.append(Objection("N43", "参加人中有停用的账号，或人数过多。", next_step="请重新选择参加人。"))
    if objections:
        raise Refused(objections)


def _all_active(user_ids: Collection[int]) -> bool:
    return User.objects.filter(pk__in=user_ids, is_active=True).count() == len(user_ids)


def _invite(event: CalendarEvent, user_ids: Iterable[int]) -> list[EventParticipant]:
    """Invite whoever is not invited yet; the organizer is there anyway."""
    rows = {row.user_id: row for row in EventParticipant.objects.filter(event=event)}
    invited = []
    for user_id in sorted(set(user_ids) - {event.organizer_id}):
        row = rows.get(user_id)
        if row is None or row.removed_at is not None:
            row = row or EventParticipant(event=event, user_id=user_id)
            row.removed_at = None
            row.save()
            invited.append(row)
    return invited


def _drop(event: CalendarEvent, kept: Collection[int]) -> list[EventParticipant]:
    dropped = list(EventParticipant.objects.present().filter(event=event).exclude(user_id__in=kept))
    for row in dropped:
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
    return dropped


def _invited(event: CalendarEvent) -> set[int]:
    return set(EventParticipant.objects.present().filter(event=event).values_list("user_id", flat=True))


def _announce(event: CalendarEvent, what: str, actor: User, people: Iterable[int]) -> None:
    told = sorted(set(people) - {actor.pk})
    if told:
        payload = {"event": event.pk, "what": what, "actor_name": actor.display_name, "people": told}
        outbox.put("office.event", key=event.pk, payload=payload)


def _as_facts(event: CalendarEvent) -> dict[str, Any]:
    return {
        "title": event.title,
        "kind": event.kind,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "all_day": event.all_day,
        "participants": len(_invited(event)),
    }
