"""Warnings as they stand: derived from the register every day, so not part of what is sealed."""

from datetime import date
from typing import Any, Self, cast

from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When

from bianzhi.organizations.models import Organization
from bianzhi.organizations.scopes import restrict
from bianzhi.reports.rules.catalogue import KINDS, Kind, Level


class WarningLevel(models.TextChoices):
    """How pressing a warning is; the values of `rules.catalogue.Level`."""

    RED = "red", "红色"
    ORANGE = "orange", "橙色"
    YELLOW = "yellow", "黄色"
    BLUE = "blue", "蓝色"


class StandingWarningQuerySet(models.QuerySet["StandingWarning"]):
    """Reads by day and by urgency."""

    def visible_to(self, user: Any) -> "StandingWarningQuerySet":
        """Warnings of the units within the user's scope; those of the whole district only for who sees all."""
        return cast("StandingWarningQuerySet", restrict(self, user))

    def open(self) -> Self:
        """Warnings not yet resolved."""
        return self.filter(resolved_on__isnull=True)

    def standing_on(self, day: date) -> Self:
        """Warnings that stood on a day."""
        return self.filter(Q(resolved_on__isnull=True) | Q(resolved_on__gt=day), first_seen_on__lte=day)

    def most_pressing_first(self) -> Self:
        """Red before orange before yellow before blue; of equals the newest first."""
        ranks = [When(level=level.value, then=Value(level.rank)) for level in Level]
        urgency = Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
        return self.annotate(urgency=urgency).order_by("urgency", "-first_seen_on", "code", "pk")


class StandingWarning(models.Model):
    """One warning from the day it was first computed to the day it no longer was."""

    code = models.CharField("预警类别", max_length=4)
    level = models.CharField("级别", max_length=8, choices=WarningLevel.choices)
    subject_kind = models.CharField("对象种类", max_length=20)
    subject_id = models.CharField("对象编号", max_length=40)
    subject_label = models.CharField("对象", max_length=200)
    facet = models.CharField("细分", max_length=40, blank=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    message = models.CharField("内容", max_length=500)
    figures = models.JSONField("数据", default=dict)
    first_seen_on = models.DateField("首次出现")
    last_seen_on = models.DateField("最近出现")
    resolved_on = models.DateField("解除日期", null=True, blank=True)
    computed_at = models.DateTimeField("计算时间")

    objects = StandingWarningQuerySet.as_manager()

    class Meta:
        verbose_name = "预警"
        ordering = ["-first_seen_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject_kind", "subject_id", "facet"],
                condition=Q(resolved_on__isnull=True),
                name="warning_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["resolved_on", "level"], name="warning_by_state"),
            models.Index(fields=["organization", "resolved_on"], name="warning_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject_label}"

    @property
    def kind(self) -> Kind:
        """What the warning means and what to do about it."""
        return KINDS[self.code]
