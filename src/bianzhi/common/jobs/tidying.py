"""What nobody needs any longer: delivered news, finished tasks, ended sessions. The register and its record stay."""

from datetime import date, timedelta
from typing import Final

from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bianzhi.common.models import OutboxMessage

KEPT_DAYS: Final = 90
"""Long enough to find out why something was not delivered or not done."""


def tidy(today: date) -> dict[str, int]:
    """Remove what ended more than `KEPT_DAYS` days ago; returns how many rows of each kind. Run once a day."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    messages, _ = OutboxMessage.objects.filter(delivered_at__lt=before).delete()
    tasks, _ = DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()
    call_command("clearsessions")
    return {"messages": messages, "tasks": tasks}
