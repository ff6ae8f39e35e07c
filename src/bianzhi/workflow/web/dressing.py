"""What a list of tasks or cases shows besides its own columns, brought for one page of rows at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from bianzhi.accounts import organization_names
from bianzhi.accounts.models import User
from bianzhi.common import working_days
from bianzhi.kernel.calendar import WorkingCalendar
from bianzhi.workflow import registries
from bianzhi.workflow.models import DeadlineState, FlowDeadline, FlowInstance, FlowTask, TaskStatus
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import waiting_for

USUAL_WARNING: Final = 2
CARDS: Final = {"yellow": ("黄牌", "warn"), "red": ("红牌", "bad")}
OPEN: Final = (TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Left:
    """How much time there is: the words of the tag, its tone, and the card already given."""

    words: str
    tone: str
    card: str = ""
    card_tone: str = ""


def url_of(instance: FlowInstance) -> str:
    """Where the subject of a case is shown; "" when no app answers for its kind."""
    try:
        return registries.handler_of(instance.subject_kind).url(instance.subject_id)
    except KeyError:
        return ""


def left(due_on: date | None, clock: FlowDeadline | None, today: date, calendar: WorkingCalendar) -> Left | None:
    """The time left until a day, in working days, with the card its clock has shown; None without a limit."""
    if due_on is None:
        return None
    if clock is not None and clock.state == DeadlineState.SUSPENDED:
        return Left("暂停计时", "neutral")
    card, card_tone = CARDS.get(clock.reminded.partition(" ")[0] if clock else "", ("", ""))
    warn = clock.warn_days if clock else USUAL_WARNING
    if today > due_on:
        return Left(f"超期 {calendar.working_days_between(due_on, today)} 天", "bad", card, card_tone)
    days = calendar.working_days_between(today, due_on)
    words = f"剩 {days} 天" if days else "今天到期"
    return Left(words, "warn" if days <= warn else "neutral", card, card_tone)


def left_html(row: Any) -> SafeString | str:
    """The tags of a row's time left."""
    if row.left is None:
        return "—"
    tag = format_html('<span class="tag tag-{}">{}</span>', row.left.tone, row.left.words)
    if not row.left.card:
        return tag
    return format_html('{} <span class="tag tag-{}">{}</span>', tag, row.left.card_tone, row.left.card)


def left_words(row: Any) -> str:
    """The time left in a sheet."""
    return "" if row.left is None else " ".join(filter(None, (row.left.words, row.left.card)))


def dress_tasks(rows: list[FlowTask], today: date) -> list[Any]:
    """Tasks with unit, time left and where their case is shown; four queries however many rows."""
    cases = [row.instance for row in rows]
    names = _units(cases)
    clocks = _clocks(row.pk for row in rows)
    people = _people({row.done_by_id for row in rows} | {row.done_for_id for row in rows})
    calendar = working_days.load(today)
    dressed: list[Any] = list(rows)
    for row in dressed:
        clock = clocks.get(row.pk)
        row.unit_name = names.get(row.instance.unit_id or 0, "")
        row.url = url_of(row.instance)
        is_open = row.status in OPEN
        row.left = left(row.due_on, clock, today, calendar) if is_open else None
        row.doer = _doer(row, people)
        row.holder = waiting_for(row)
        row.said = _said(row)
    return dressed


def dress_cases(rows: Sequence[FlowInstance], today: date) -> list[Any]:
    """Cases with unit, open steps and people, and the nearest limit; five queries however many rows."""
    names = _units(rows)
    tasks: dict[int, list[FlowTask]] = {}
    open_tasks = FlowTask.objects.filter(instance__in=rows, status=TaskStatus.TODO).exclude(kind="copy")
    for task in open_tasks.select_related("assignee").order_by("due_on", "pk"):
        tasks.setdefault(task.instance_id, []).append(task)
    clocks = _clocks(task.pk for own in tasks.values() for task in own)
    calendar = working_days.load(today)
    dressed: list[Any] = list(rows)
    for row in dressed:
        own = tasks.get(row.pk, [])
        first = next((task for task in own if task.due_on), None)
        clock = clocks.get(first.pk) if first else None
        row.unit_name = names.get(row.unit_id or 0, "")
        row.url = url_of(row)
        row.steps = "、".join(dict.fromkeys(task.node_name for task in own))
        row.holders = "、".join(dict.fromkeys(waiting_for(task) for task in own))
        row.due_on = first.due_on if first else None
        row.left = left(row.due_on, clock, today, calendar)
    return dressed


def _units(cases: Iterable[FlowInstance]) -> dict[int, str]:
    return organization_names.names({case.unit_id for case in cases if case.unit_id is not None})


def _clocks(task_ids: Iterable[int]) -> dict[int, FlowDeadline]:
    states = (DeadlineState.RUNNING, DeadlineState.SUSPENDED)
    rows = FlowDeadline.objects.filter(task__in=list(task_ids), state__in=states)
    return {clock.task_id: clock for clock in rows if clock.task_id is not None}


def _people(ids: set[int | None]) -> dict[int, str]:
    rows = User.objects.filter(pk__in={pk for pk in ids if pk is not None})
    return dict(rows.values_list("pk", "display_name"))


def _said(task: FlowTask) -> str:
    """How a task was decided, in the words of its step."""
    if not task.verdict:
        return "—" if task.status == TaskStatus.DONE else task.get_status_display()
    node = process_of(task.instance.version).nodes.get(task.node_id)
    return (node.word_of(task.verdict) if node is not None else "") or task.get_status_display()


def _doer(task: FlowTask, people: dict[int, str]) -> str:
    name = people.get(task.done_by_id or 0, "")
    principal = people.get(task.done_for_id or 0, "")
    return f"{name}（代{principal}）" if principal else name
