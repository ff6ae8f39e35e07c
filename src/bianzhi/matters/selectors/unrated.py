"""What waits for its applicant's word longer than the office waits for one."""

from datetime import date
from typing import Final

from bianzhi.common import working_days
from bianzhi.kernel.clock import CHINA
from bianzhi.matters.models import SUBJECT_KIND
from bianzhi.matters.parameters import FEEDBACK_DAYS
from bianzhi.workflow.models import FlowTask, InstanceStatus, TaskStatus

STAGE: Final = "反馈"


def unrated_tasks(today: date) -> list[int]:
    """Open tasks of 反馈 of running cases whose applicant has said nothing for the office's usual days."""
    calendar, days = working_days.load(today), FEEDBACK_DAYS.number
    waiting = FlowTask.objects.filter(
        stage=STAGE,
        status=TaskStatus.TODO,
        instance__subject_kind=SUBJECT_KIND,
        instance__status=InstanceStatus.RUNNING,
    ).exclude(kind="copy")
    return [
        pk
        for pk, created_at in waiting.order_by("pk").values_list("pk", "created_at")
        if calendar.add_working_days(created_at.astimezone(CHINA).date(), days) < today
    ]
