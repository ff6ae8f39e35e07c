"""Meetings and people's own appointments."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class EventKind(models.TextChoices):
    """What sort of entry it is."""

    MEETING = "meeting", "会议"
    TRIP = "trip", "外出公务"
    OTHER = "other", "其他日程"


class EventQuerySet(models.QuerySet["CalendarEvent"]):
    """Reads of events."""

    def visible_to(self, user: Any) -> Self:
        """Those one arranged or takes part in."""
        return self.filter(Q(organizer=user) | Q(pk__in=EventParticipant.objects.present().of(user)))


class CalendarEvent(SealedModel):
    """One entry with its hours; `revision` grows with each change, as calendar programs want it (SEQUENCE)."""

    kind = models.CharField("种类", max_length=8, choices=EventKind.choices, default=EventKind.MEETING)
    title = models.CharField("事项", max_length=120)
    place = models.CharField("地点", max_length=120, blank=True)
    text = models.TextField("说明", max_length=2000, blank=True)
    all_day = models.BooleanField("全天", default=False)
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="发起人"
    )
    revision = models.PositiveIntegerField("修订", default=0)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("修改时间", default=timezone.now)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "日程"
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["organizer", "starts_at"], name="event_by_organizer"),
            models.Index(fields=["starts_at", "ends_at"], name="event_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="event_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.cancelled_at is not None


class ParticipantQuerySet(models.QuerySet["EventParticipant"]):
    """Reads of participants."""

    def present(self) -> Self:
        """Those still invited."""
        return self.filter(removed_at__isnull=True)

    def of(self, user: Any) -> Any:
        """Ids of the events a user is invited to."""
        return self.filter(user=user).values("event_id")


class EventParticipant(SealedModel):
    """One person invited to one event; taken off, the row says when."""

    event = models.ForeignKey(CalendarEvent, on_delete=models.PROTECT, related_name="participants", verbose_name="日程")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="参加人"
    )
    added_at = models.DateTimeField("加入时间", default=timezone.now)
    removed_at = models.DateTimeField("移出时间", null=True, blank=True)

    objects: ClassVar[ParticipantQuerySet] = ParticipantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "日程参加人"
        ordering = ["id"]
        indexes = [models.Index(fields=["user", "removed_at"], name="event_participant_by_user")]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="event_participant_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.event}"
