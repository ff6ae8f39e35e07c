"""Which daily work was started on which day."""

from django.db import models


class DailyRun(models.Model):
    """The last day a daily work was started; several workers agree on it by one conditional UPDATE."""

    name = models.CharField("名称", max_length=80, primary_key=True)
    last_day = models.DateField("最近日期")

    class Meta:
        verbose_name = "每日工作"

    def __str__(self) -> str:
        return f"{self.name} {self.last_day}"
