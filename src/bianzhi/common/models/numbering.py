"""Serial numbers of official slips and entries."""

from django.db import models


class SerialCounter(models.Model):
    """The last number given out in a series, e.g. "ledger-2026"; taken under a row lock."""

    series = models.CharField("编号序列", max_length=60, primary_key=True)
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = "编号"

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"
