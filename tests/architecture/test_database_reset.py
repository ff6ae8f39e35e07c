"""Tests that commit leave nothing behind, append-only tables and seeded rows included."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.utils import timezone

from bianzhi.audit.models import AuditEntry
from tests import database_reset

pytestmark = pytest.mark.django_db(transaction=True)


def entry(seq: int) -> AuditEntry:
    return AuditEntry.objects.create(seq=seq, recorded_at=timezone.now(), action="test", facts="{}")


def test_a_reset_removes_what_may_never_be_deleted():
    entry(1)
    database_reset.restore_seeded_rows()
    assert not AuditEntry.objects.exists()


def test_a_reset_brings_back_the_rows_of_the_migrations():
    seeded = set(ContentType.objects.values_list("pk", "app_label", "model"))
    assert seeded
    ContentType.objects.filter(app_label="sessions").delete()
    ContentType.objects.create(app_label="leftover", model="leftover")
    database_reset.restore_seeded_rows()
    assert set(ContentType.objects.values_list("pk", "app_label", "model")) == seeded


def test_a_reset_leaves_the_guards_in_place():
    database_reset.restore_seeded_rows()
    written = entry(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        written.delete()
