"""One service, one transaction, one gapless record."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from bianzhi.accounts.models import User
from bianzhi.audit import chain
from bianzhi.audit.catalogue import UnknownAction
from bianzhi.audit.models import AuditEntry, RowSeal
from bianzhi.audit.unit_of_work import OutsideUnitOfWork, Subject, record, unit_of_work
from tests.audit.sample_services import ACTOR, open_account, rename

pytestmark = pytest.mark.django_db


def test_an_act_and_its_rows_are_recorded_with_the_change():
    user = open_account("wang")
    entry = AuditEntry.objects.get()
    assert (entry.seq, entry.action, entry.actor_name, entry.subject_kind) == (
        1,
        "test.opened",
        "系统·测试",
        "accounts.user",
    )
    assert json.loads(entry.facts) == {"name": "wang"}
    assert [(seal.kind, seal.object_id) for seal in RowSeal.objects.all()] == [("accounts.user", user.pk)]


def test_a_service_that_fails_leaves_neither_change_nor_record():
    @unit_of_work
    def fails():
        open_account("wang")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_inner_service_that_fails_takes_only_its_own_notes_with_it():
    @unit_of_work
    def inner():
        open_account("li")
        raise RuntimeError

    @unit_of_work
    def outer():
        open_account("wang")
        with pytest.raises(RuntimeError):
            inner()
        open_account("zhao")

    outer()
    assert list(User.objects.values_list("username", flat=True)) == ["wang", "zhao"]
    assert [json.loads(e.facts)["name"] for e in AuditEntry.objects.order_by("seq")] == ["wang", "zhao"]
    assert list(chain.verify_chain()) == []


def test_without_the_record_there_is_no_change(monkeypatch):
    def broken(*args, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(AuditEntry.objects, "bulk_create", broken)
    with pytest.raises(DatabaseError):
        open_account("wang")
    assert not User.objects.exists()


def test_recording_outside_a_unit_of_work_is_refused():
    with pytest.raises(OutsideUnitOfWork):
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "x"), facts={})


def test_after_a_failed_unit_nothing_is_open_any_more():
    @unit_of_work
    def fails():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with pytest.raises(OutsideUnitOfWork):
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "x"), facts={})


def test_an_act_nobody_declared_cannot_be_recorded():
    @unit_of_work
    def undeclared():
        record("test.unheard_of", actor=ACTOR, subject=Subject("x", "1", "x"), facts={})

    with pytest.raises(UnknownAction):
        undeclared()


def test_facts_are_fixed_at_the_moment_of_the_act():
    facts = {"figure": 1}

    @unit_of_work
    def changes_its_mind():
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "x"), facts=facts)
        facts["figure"] = 2

    changes_its_mind()
    assert json.loads(AuditEntry.objects.get().facts) == {"figure": 1}


def test_facts_without_a_canonical_writing_are_refused_where_they_are_noted():
    @unit_of_work
    def rounds():
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "x"), facts={"share": 0.5})

    with pytest.raises(TypeError):
        rounds()


def test_a_row_that_was_never_saved_cannot_be_named():
    @unit_of_work
    def forgets_to_save():
        user = User(username="wang")
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "x"), facts={}, wrote=[user])

    with pytest.raises(ValueError, match="never saved"):
        forgets_to_save()


def test_a_row_written_by_several_acts_is_sealed_once_as_the_last_left_it():
    @unit_of_work
    def several():
        rename(open_account("wang"), "王")

    several()
    assert AuditEntry.objects.count() == 2
    assert list(RowSeal.objects.values_list("entry_id", flat=True)) == [2]
    assert list(chain.verify_rows()) == []


def test_long_names_do_not_break_the_record():
    @unit_of_work
    def long_words():
        record("test.opened", actor=ACTOR, subject=Subject("x", "1", "长" * 500), facts={})

    long_words()
    assert len(AuditEntry.objects.get().subject_label) == 200


def test_a_subject_too_long_for_its_column_is_refused_on_every_engine():
    @unit_of_work
    def notes():
        record("test.opened", actor=ACTOR, subject=Subject("x", "1," * 30, "x"), facts={})

    with pytest.raises(ValueError, match="longer than 40"):
        notes()


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_rowseal"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_or_delete_a_record(table, sql):
    open_account("wang")
    column = "seq" if table == "audit_auditentry" else "id"
    with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table, column, column))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_the_database_refuses_to_empty_the_record_at_one_stroke():
    open_account("wang")
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_rowseal")
