"""Values of the tenant's parameters that differ from their defaults."""

from django.conf import settings
from django.db import models


class ParameterValue(models.Model):
    """A parameter the office has set; what may be set is declared in `common.parameters`."""

    key = models.CharField("参数", max_length=80, primary_key=True)
    value = models.JSONField("取值")
    basis = models.CharField("依据", max_length=200, blank=True)
    changed_at = models.DateTimeField("修改时间", auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_constraint=False, verbose_name="修改人"
    )

    class Meta:
        verbose_name = "参数取值"

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
