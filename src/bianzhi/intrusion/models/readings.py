"""How much a person usually reads."""

from django.db import models


class HourlyReading(models.Model):
    """What one account opened in one past hour: the usual against which an hour is judged."""

    user_id = models.BigIntegerField("账号编号")
    hour = models.DateTimeField("小时")
    pages = models.PositiveIntegerField("页面")
    records = models.PositiveIntegerField("不同记录")

    class Meta:
        verbose_name = "每小时阅读量"
        ordering = ["hour", "user_id"]
        constraints = [models.UniqueConstraint(fields=["user_id", "hour"], name="intrusion_reading_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.hour:%Y-%m-%d %H}"
