"""What the database itself promises: register rows can't be removed, the record can't be rewritten (R26)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from bianzhi.audit.models import AuditEntry, RowSeal
from bianzhi.audit.seals import sealed_models
from bianzhi.ledger.models import LedgerEntry, Posting

WRITTEN_ONCE: list[type[Model]] = [AuditEntry, RowSeal, LedgerEntry, Posting]
KEPT: list[type[Model]] = sorted({*sealed_models(), *WRITTEN_ONCE}, key=lambda model: model._meta.label)

pytestmark = pytest.mark.django_db


def installed_triggers() -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
def test_no_register_row_can_be_deleted(model):
    assert f"{model._meta.db_table}_no_delete" in installed_triggers()


@pytest.mark.parametrize("model", WRITTEN_ONCE, ids=lambda model: model._meta.label)
def test_what_is_written_once_can_not_be_updated(model):
    assert f"{model._meta.db_table}_no_update" in installed_triggers()


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
def test_no_register_table_can_be_emptied_at_one_stroke(model):
    if connection.vendor == "sqlite":  # its one stroke is a DELETE without WHERE
        assert f"{model._meta.db_table}_no_delete" in installed_triggers()
        return
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {connection.ops.quote_name(model._meta.db_table)} CASCADE")
