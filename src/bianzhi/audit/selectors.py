"""Reads of the record, for the audit page and for the history shown beside a record."""

from django.db import models
from django.db.models import QuerySet

from bianzhi.audit.models import AuditEntry


def entries_about(subject: models.Model) -> QuerySet[AuditEntry]:
    """What was done about a record, newest first."""
    return AuditEntry.objects.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk))
