"""How much somebody took away today, and how much they may."""

from datetime import datetime, time

from django.db.models import Sum

from bianzhi.accounts.models import User
from bianzhi.disclosure.models import Release
from bianzhi.disclosure.parameters import DAILY_ROWS, OFFICE_ROWS, RECORD_ROWS, UNIT_ROWS
from bianzhi.disclosure.rules.limits import Limits
from bianzhi.kernel import clock


def limits_of(user: User, *, of_persons: bool) -> Limits:
    """The limits of an account: those of the office for who sees the whole district."""
    if not of_persons:
        return Limits(RECORD_ROWS.number, RECORD_ROWS.number)
    return Limits((OFFICE_ROWS if user.sees_everything() else UNIT_ROWS).number, DAILY_ROWS.number)


def taken_today(user: User) -> int:
    """Rows of persons the account took away today without approval."""
    start = datetime.combine(clock.now().date(), time.min, clock.CHINA)
    rows = Release.objects.filter(user=user, of_persons=True, request__isnull=True, released_at__gte=start)
    return int(rows.aggregate(total=Sum("rows"))["total"] or 0)
