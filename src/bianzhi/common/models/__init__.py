"""Tables shared by every app: parameters, calendar, outbox, jobs, saved views."""

from bianzhi.common.models.calendar import CalendarDay
from bianzhi.common.models.daily_runs import DailyRun
from bianzhi.common.models.jobs import Job, JobState
from bianzhi.common.models.numbering import SerialCounter
from bianzhi.common.models.outbox import OutboxMessage
from bianzhi.common.models.parameters import ParameterValue
from bianzhi.common.models.saved_views import SavedView

__all__ = [
    "CalendarDay",
    "DailyRun",
    "Job",
    "JobState",
    "OutboxMessage",
    "ParameterValue",
    "SavedView",
    "SerialCounter",
]
