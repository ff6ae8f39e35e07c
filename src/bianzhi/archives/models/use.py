"""Using the archive: loans granted by a case, and the log of everything that was opened."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.archives.models.catalogue import Item
from bianzhi.audit.models import SealedModel
from bianzhi.kernel import clock


class LoanQuerySet(models.QuerySet["Loan"]):
    """Reads of loans."""

    def open_for(self, user: Any) -> Self:
        """The loans by which a user may read today."""
        today = clock.today()
        return self.filter(reader=user.pk, valid_from__lte=today, valid_to__gte=today, ended_at__isnull=True)


class Loan(SealedModel):
    """借阅/查阅: items somebody may read for a term, by the decision of a case or of the archivist."""

    items = models.ManyToManyField(Item, related_name="loans")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reader_name = models.CharField("利用人", max_length=80)
    reader_unit = models.CharField("利用人单位", max_length=120, blank=True)
    purpose = models.CharField("利用目的", max_length=300)
    case_id = models.BigIntegerField("办件", null=True, blank=True, db_index=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止")
    may_download = models.BooleanField("可下载", default=False)
    may_print = models.BooleanField("可打印", default=False)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField("批准时间", default=timezone.now, editable=False)
    ended_at = models.DateTimeField("提前收回时间", null=True, blank=True)
    ended_reason = models.CharField("收回原因", max_length=200, blank=True)

    objects: ClassVar[LoanQuerySet] = LoanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "借阅"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reader_name} {self.valid_from}—{self.valid_to}"


class Opening(models.Model):
    """利用登记: who opened, downloaded or printed which item, when and by what right. Never changed."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="openings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(
        "方式", max_length=10, choices=[("view", "查看"), ("download", "下载"), ("print", "打印"), ("export", "导出")]
    )
    page = models.PositiveIntegerField("页次", null=True, blank=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True, blank=True, related_name="openings")
    opened_at = models.DateTimeField("时间", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "利用登记"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.item} {self.get_kind_display()}"
