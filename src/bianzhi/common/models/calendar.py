"""Working days: which days the office works, by the State Council's yearly notice."""

from django.db import models


class CalendarDay(models.Model):
    """One day that differs from the plain weekday rule, or a day of a seeded year (domain §5.5)."""

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("是否工作日")
    name = models.CharField("名称", max_length=40, blank=True)
    provisional = models.BooleanField("暂定", default=False, help_text="国务院尚未公布该年安排")
    source = models.CharField("来源", max_length=40)

    class Meta:
        verbose_name = "工作日历"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_working else '休息'}"
