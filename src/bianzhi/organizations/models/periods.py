"""What every effective-dated row of the register has in common."""

from datetime import date
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel

M = TypeVar("M", bound="PeriodModel")


class PeriodQuerySet(models.QuerySet[M]):
    """Reads by day; nobody filters dates elsewhere."""

    def current(self) -> Self:
        """Rows not superseded by a correction."""
        return self.filter(superseded_at__isnull=True)

    def as_of(self, day: date) -> Self:
        """Rows in force on a day, by what is known now."""
        return self.current().filter(in_force(day))

    def open_ended(self) -> Self:
        """Rows with no end yet."""
        return self.current().filter(valid_to__isnull=True)


class PeriodManager(models.Manager[M]):
    """The manager of every effective-dated model."""

    def get_queryset(self) -> PeriodQuerySet[M]:
        """Rows of all times."""
        return PeriodQuerySet(self.model, using=self._db)

    def current(self) -> PeriodQuerySet[M]:
        """Rows not superseded by a correction."""
        return self.get_queryset().current()

    def as_of(self, day: date) -> PeriodQuerySet[M]:
        """Rows in force on a day, by what is known now."""
        return self.get_queryset().as_of(day)

    def open_ended(self) -> PeriodQuerySet[M]:
        """Rows with no end yet."""
        return self.get_queryset().open_ended()


def in_force(day: date, prefix: str = "") -> Q:
    """Condition that a half-open period covers a day; `prefix` names a related row, e.g. "versions__"."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


class PeriodModel(SealedModel):
    """A fact that holds on the days of [valid_from, valid_to); an empty end means "still so".

    A wrong row is superseded: it keeps its content, gets `superseded_at`, and no longer counts.
    """

    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    superseded_at = models.DateTimeField("更正时间", null=True, blank=True)

    objects: ClassVar[PeriodManager[Self]] = PeriodManager()

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether the fact still holds and was not corrected."""
        return self.valid_to is None and self.superseded_at is None
