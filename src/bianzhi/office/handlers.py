"""What people are told when something happens: subscribers of the outbox (see `config.subscriptions`).

News may be delivered twice and late: every message is named after what it tells of, and the present state of tasks,
not the news alone, decides who is told.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.common import working_days
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.office.models import CalendarEvent, MessageKind, Notice
from bianzhi.office.rules import wording
from bianzhi.office.rules.wording import Words
from bianzhi.office.selectors.calendar import when_in_words
from bianzhi.office.selectors.flows import FlowCase, case_of, leaders_of, open_tasks
from bianzhi.office.selectors.people import Addressee, holders, holders_of_tasks, names, with_substitutes
from bianzhi.office.services.messages import News, settle_tasks, tell
from bianzhi.workflow.models import Delegation, FlowTask, TaskKind, TaskStatus

POST: Final = System("消息")
UNIT_ROLES: Final = ("unit_head", "unit_clerk")


def case_moved(message: OutboxMessage) -> None:
    """workflow.moved: new tasks, copies and returns to those who have them; cancelled tasks; how a case ended."""
    told = message.payload
    case = case_of(int(told["instance"]))
    if case is None:
        return
    today = clock.today()
    settle_tasks(actor=POST, instance_id=case.instance_id)
    for task in open_tasks(case):
        returned = told["action"] == "workflow.returned" and task.pk in told["created"]
        news = _arrival(case, task, today, by=told["actor_name"], returned=returned)
        tell(actor=POST, event=_arrival_of(task), news=[each for each in news if each.recipient_id != told["actor"]])
    gone = list(_cancellations(case, told["cancelled"], told["actor"], told["actor_name"], told["action"]))
    if told["ended"] and case.ended and case.initiator_id != told["actor"]:
        words = wording.ended(case.title, case.ended, told["actor_name"])
        gone.append(News(case.initiator_id, MessageKind.ENDED, words, case.url))
    tell(actor=POST, event=f"outbox:{message.pk}", news=gone)


def _arrival_of(task: FlowTask) -> str:
    """Names the arrival of a task with whoever has it: told once, and again after it was handed on."""
    handed_on = f":{task.transferred_from_id}" if task.transferred_from_id else ""
    return f"task:{task.pk}{handed_on}"


def _arrival(case: FlowCase, task: FlowTask, today: date, *, by: str, returned: bool) -> Iterator[News]:
    if task.kind == TaskKind.COPY:
        if task.assignee_id is not None:
            yield News(task.assignee_id, MessageKind.COPIED, wording.copied(case.title, by), case.url, task.pk)
        return
    for person in _people(case, task, today):
        write = wording.task_returned if returned else wording.task_arrived
        words = write(case.title, task.node_name, by, task.due_on, on_behalf_of=person.on_behalf_of)
        kind = MessageKind.RETURNED if returned else MessageKind.TASK
        if person.on_behalf_of:
            kind = MessageKind.DELEGATED
        yield News(person.user_id, kind, words, case.url, task.pk)


def _cancellations(
    case: FlowCase, task_ids: Iterable[int], actor_id: int | None, by: str, action: str
) -> Iterator[News]:
    """To those who had a task that somebody else's act took away; nobody had yet what nobody took from its pool."""
    gone = FlowTask.objects.filter(pk__in=list(task_ids), status=TaskStatus.CANCELLED, assignee__isnull=False)
    for task in gone.exclude(kind=TaskKind.COPY).exclude(assignee_id=actor_id):
        words = wording.cancelled(case.title, task.node_name, by, action)
        if task.assignee_id is not None:
            yield News(task.assignee_id, MessageKind.CANCELLED, words, case.url, about=f"task:{task.pk}")


def task_urged(message: OutboxMessage) -> None:
    """workflow.urged: the words of whoever waits, to everybody who may do the task."""
    told = message.payload
    task = FlowTask.objects.filter(pk=told["task"], status=TaskStatus.TODO).first()
    case = case_of(task.instance_id) if task else None
    if task is None or case is None:
        return
    words = wording.urged(case.title, task.node_name, told["actor_name"], told["text"])
    news = [
        News(person.user_id, MessageKind.URGED, words, case.url, task.pk)
        for person in _people(case, task, clock.today())
    ]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)


def deadline_near(message: OutboxMessage) -> None:
    """workflow.deadline: a rung of the ladder, to whoever has the task; from overdue on to their leaders too."""
    told = message.payload
    task = FlowTask.objects.filter(pk=told["task"], status=TaskStatus.TODO).first() if told["task"] else None
    case = case_of(task.instance_id) if task else None
    if task is None or case is None or task.due_on is None:
        return
    day = date.fromisoformat(told["day"])
    rung = told["step"]
    late = working_days.load(day).working_days_between(task.due_on, day) if day > task.due_on else 0
    people = _people(case, task, day)
    kind = MessageKind.REMINDER if rung in ("warn", "due") else MessageKind.OVERDUE
    words = wording.clock_words(case.title, task.node_name, rung, task.due_on, late)
    news = [News(person.user_id, kind, words, case.url, task.pk) for person in people]
    if kind is MessageKind.OVERDUE:
        own = {person.user_id for person in people if not person.on_behalf_of}
        holders = "、".join(name for _, name in sorted(names(own).items()))
        words = wording.clock_words(case.title, task.node_name, rung, task.due_on, late, holders=holders or "未领取")
        news += [News(user_id, kind, words, case.url, task.pk) for user_id in sorted(leaders_of(task, case, day) - own)]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)


def _people(case: FlowCase, task: FlowTask, day: date) -> list[Addressee]:
    return with_substitutes(holders_of_tasks([task], day)[task.pk], case.flow_key, day)


def delegation_made(message: OutboxMessage) -> None:
    """workflow.delegated: to whoever decides for somebody from now on."""
    row = Delegation.objects.select_related("delegator").filter(pk=message.payload["delegation"]).first()
    if row is not None:
        title = f"{row.delegator.display_name} 委托您代为办理"
        words = Words(title, f"{row.valid_from} 至 {row.valid_until}，事由：{row.reason}。")
        news = [News(row.delegate_id, MessageKind.DELEGATED, words, reverse("office:away"))]
        tell(actor=POST, event=f"outbox:{message.pk}", news=news)


def delegation_ended(message: OutboxMessage) -> None:
    """workflow.delegation_ended: to whoever decided for somebody until now."""
    row = Delegation.objects.select_related("delegator").filter(pk=message.payload["delegation"]).first()
    if row is not None:
        words = Words(f"{row.delegator.display_name} 的委托已终止", "其事项不再由您代为办理。")
        news = [News(row.delegate_id, MessageKind.DELEGATED, words, reverse("office:away"))]
        tell(actor=POST, event=f"outbox:{message.pk}", news=news)


ORDER_HEADS: Final = {
    "supervision.order_issued": "请按期整改",
    "supervision.order_extended": "整改期限已延长",
    "supervision.rectification_verified": "整改情况已核查",
    "supervision.order_closed": "整改已销号",
    "supervision.order_reopened": "销号已撤销，请继续整改",
}


def order_moved(message: OutboxMessage) -> None:
    """supervision.order_…: to the head and the clerks of the unit that has to put something right."""
    told = message.payload
    words = Words(f"{ORDER_HEADS[message.topic]}：{told['number']}")
    url = reverse("supervision:order", args=[told["order"]])
    today = clock.today()
    people: set[int] = set().union(*(holders(role, int(told["organization"]), today) for role in UNIT_ROLES))
    news = [News(pk, MessageKind.ORDER, words, url) for pk in sorted(people)]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)


def notice_published(message: OutboxMessage) -> None:
    """office.notice_published: to everybody it is for."""
    notice = Notice.objects.filter(pk=message.payload["notice"], state="published").first()
    if notice is None:
        return
    words = Words(f"{'请确认阅读' if notice.must_confirm else '通知公告'}：{notice.title}")
    url = reverse("office:notice", args=[notice.pk])
    people = [pk for pk in message.payload["people"] if pk != notice.published_by_id]
    news = [News(pk, MessageKind.NOTICE, words, url, about=f"notice:{notice.pk}") for pk in people]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)


EVENT_HEADS: Final = {
    "planned": "邀您参加",
    "changed": "日程有变",
    "dropped": "不再需要您参加",
    "cancelled": "日程取消",
}


def event_changed(message: OutboxMessage) -> None:
    """office.event: to everybody invited, or no longer invited."""
    told = message.payload
    event = CalendarEvent.objects.filter(pk=told["event"]).first()
    if event is None:
        return
    place = f"，{event.place}" if event.place else ""
    words = Words(
        f"{EVENT_HEADS[told['what']]}：{event.title}", f"{when_in_words(event)}{place}。发起人：{told['actor_name']}。"
    )
    link = reverse("office:calendar") if told["what"] == "dropped" else reverse("office:event", args=[event.pk])
    news = [News(pk, MessageKind.EVENT, words, link) for pk in told["people"]]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)
