"""The append-only record and the seals of the rows it speaks of."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models


class SealedModel(models.Model):
    """A register row whose every write is sealed by an audit entry.

    A service names the rows it wrote (`record(..., wrote=[...])`); the digest of each then stands in
    the chain. A row changed through any other door no longer fits its seal, and `check` names it.
    """

    unsealed_fields: ClassVar[Sequence[str]] = ()

    class Meta:
        abstract = True

    @classmethod
    def sealed_columns(cls) -> list[str]:
        """Attribute names whose values the seal covers, in a stable order."""
        return sorted(f.attname for f in cls._meta.concrete_fields if f.name not in cls.unsealed_fields)


class AuditEntry(models.Model):
    """One act, chained to the one before it with SM3. The row can neither be changed nor deleted."""

    seq = models.BigIntegerField("序号", primary_key=True)
    recorded_at = models.DateTimeField("时间")
    action = models.CharField("动作", max_length=80)
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=80)
    subject_kind = models.CharField("对象种类", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    subject_label = models.CharField("对象", max_length=200)
    facts = models.TextField("事实", help_text="规范化 JSON 文本")
    seals_digest = models.CharField("封印摘要", max_length=64, blank=True)
    prev_hash = models.CharField("前链", max_length=64, blank=True)
    hash = models.CharField("本链", max_length=64)

    class Meta:
        verbose_name = "审计记录"
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["recorded_at"], name="audit_by_time"),
            models.Index(fields=["action"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.subject_label}"

    def content(self) -> dict[str, Any]:
        """What the hash covers."""
        return {
            "seq": self.seq,
            "recorded_at": self.recorded_at,
            "action": self.action,
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "subject_kind": self.subject_kind,
            "subject_id": self.subject_id,
            "subject_label": self.subject_label,
            "facts": self.facts,
            "seals_digest": self.seals_digest,
            "prev_hash": self.prev_hash,
        }


class RowSeal(models.Model):
    """The digest of one register row as an audit entry left it; the newest seal of a row is its state."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.PROTECT, related_name="seals")
    kind = models.CharField("种类", max_length=60)
    object_id = models.BigIntegerField("编号")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "行封印"
        indexes = [models.Index(fields=["kind", "object_id"], name="seal_by_row")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
