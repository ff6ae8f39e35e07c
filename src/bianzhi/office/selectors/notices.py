"""Reads of notices: how far each was read, and by whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from bianzhi.office.models import Notice, NoticeRecipient, NoticeState


@dataclass(frozen=True, slots=True)
class ReadCount:
    """How many of the people addressed have read (and confirmed) a notice."""

    addressed: int = 0
    read: int = 0
    confirmed: int = 0

    @property
    def unread(self) -> int:
        """How many have not read it."""
        return self.addressed - self.read

    @property
    def percent(self) -> int:
        """Read, in whole percent of those addressed."""
        return self.read * 100 // self.addressed if self.addressed else 0


@dataclass(frozen=True, slots=True)
class Reader:
    """One person addressed."""

    name: str
    office: str
    read_at: datetime | None
    confirmed_at: datetime | None


def read_counts(notice_ids: Iterable[int]) -> dict[int, ReadCount]:
    """Read counts by notice; closed accounts that never read are left out. One query."""
    rows = (
        _addressed(NoticeRecipient.objects.filter(notice_id__in=list(notice_ids)))
        .order_by()
        .values_list("notice_id")
        .annotate(Count("pk"), Count("read_at"), Count("confirmed_at"))
    )
    return {notice_id: ReadCount(addressed, read, confirmed) for notice_id, addressed, read, confirmed in rows}


def readers(notice: Notice) -> list[Reader]:
    """Everybody addressed: those who have not read it first, then the latest reader first."""
    rows = _addressed(NoticeRecipient.objects.filter(notice=notice)).select_related("user")
    found = [
        Reader(row.user.display_name, row.user.office, row.read_at, row.confirmed_at)
        for row in rows.order_by("user__office", "user__display_name")
    ]
    return sorted(found, key=lambda reader: reader.read_at.timestamp() * -1 if reader.read_at else float("-inf"))


def _addressed(rows: QuerySet[NoticeRecipient]) -> QuerySet[NoticeRecipient]:
    return rows.filter(Q(user__is_active=True) | Q(read_at__isnull=False))


def own_rows(user: Any, notice_ids: Iterable[int]) -> dict[int, NoticeRecipient]:
    """The user's own recipient rows by notice; one query."""
    rows = NoticeRecipient.objects.filter(user=user, notice_id__in=list(notice_ids))
    return {row.notice_id: row for row in rows}


def still_to_read(user: Any) -> QuerySet[NoticeRecipient]:
    """Published notices the user has not read, or must still confirm; the newest first."""
    rows = NoticeRecipient.objects.filter(user=user, notice__state=NoticeState.PUBLISHED)
    open_ones = rows.filter(Q(read_at__isnull=True) | Q(notice__must_confirm=True, confirmed_at__isnull=True))
    return open_ones.select_related("notice").order_by("-notice__published_at", "-pk")
