"""JSON kept sealed: read as it was written, asked for nothing in the database, moved to new keys, damage survives."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from bianzhi.audit import key_rotation
from bianzhi.audit.actors import System
from bianzhi.audit.seals import row_digests
from bianzhi.common import field_keys, integrity
from bianzhi.common.db.encrypted import EncryptedJSONField, SealedList, SealedMapping
from bianzhi.exchange.models import Change, Message
from bianzhi.kernel.encryption.envelope import CONTENT_FROM
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case, CaseSubmission
from bianzhi.personnel.models import Person, PersonChange
from bianzhi.personnel.services.persons import ChangeBasis, change_locked_fields
from tests.cast import TODAY, assemble
from tests.exchange.interface import make_source
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
OPERATOR = System("测试")
TOLD = {"name": "张三", "id_number": "330699198706050011", "rows": [1, 2.5, None], "deep": {"有": True}}


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a copy of the keys and no files of others, so that a rotation is its own affair."""
    monkeypatch.setattr(key_rotation, "SETTLED", timedelta(0))
    copy = tmp_path / "fields.json"
    copy.write_text(Path(settings.FIELD_KEYS).read_text())
    settings.FIELD_KEYS = copy
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def message(db: None) -> Message:
    source = make_source(code="hr", department="hr")
    return Message.objects.create(source=source, message_id="1", seq=1, kind="HIRE_DECIDED", sha256="0", payload=TOLD)


def stored(row: models.Model, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def damage(row: models.Model, column: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [text, row.pk])


def findings(*names: str) -> list[str]:
    return [str(finding) for _, found in integrity.run(names) for finding in found]


def test_what_is_stored_is_sealed_and_read_as_it_was_written(message: Message):
    assert stored(message, "payload").startswith("bz1.")
    assert Message.objects.get().payload == TOLD
    assert list(Message.objects.values_list("payload", flat=True)) == [TOLD]


def test_the_default_is_kept_as_blank_and_anything_else_empty_is_sealed(message: Message):
    other = Message.objects.create(source=message.source, message_id="2", seq=2, kind="x", sha256="0")
    assert (stored(other, "payload"), Message.objects.get(pk=other.pk).payload) == ("", {})
    odd = Message.objects.create(source=message.source, message_id="3", seq=3, kind="x", sha256="0", payload=[])
    assert stored(odd, "payload").startswith("bz1.")
    assert Message.objects.get(pk=odd.pk).payload == []


@pytest.mark.parametrize("lookup", ["payload", "payload__id_number", "payload__contains", "payload__has_key"])
def test_nothing_in_it_can_be_asked_of_the_database(lookup: str):
    with pytest.raises(TypeError, match="encrypted"):
        Message.objects.filter(**{lookup: "330699"}).exists()


@pytest.mark.parametrize("odd", [float("nan"), date(2026, 1, 1)])
def test_what_is_no_json_is_refused(message: Message, odd: Any):
    message.payload = {"odd": odd}
    with pytest.raises((ValueError, TypeError)):
        message.save()


def test_a_damaged_value_is_named_reads_as_empty_and_survives_the_next_save(message: Message):
    with tampering():
        damage(message, "payload", "bz1.damaged")
        read = Message.objects.get()
        assert (read.payload, type(read.payload)) == ({}, SealedMapping)
        assert any("内容无法解密" in found for found in findings("common.encrypted"))
        read.save()
        assert stored(message, "payload") == "bz1.damaged"


def test_what_does_not_open_cannot_be_written_into(message: Message):
    with tampering():
        damage(message, "payload", "bz1.damaged")
        read = Message.objects.get()
        with pytest.raises(Refused, match="无法解密，不能修改"):
            read.payload["name"] = "李四"
        with pytest.raises(Refused):
            read.payload.update(name="李四")
    with pytest.raises(Refused):
        SealedList.of("bz1.x").append(1)


def test_a_list_stands_in_for_a_list():
    field = EncryptedJSONField(default=list)
    field.set_attributes_from_name("lines")
    field.model = Message
    assert type(field.from_db_value("bz1.x", None, connection)) is SealedList


def test_a_value_from_another_column_does_not_open(message: Message):
    case_form = Case._meta.get_field("form")
    with tampering():
        damage(message, "payload", case_form.get_prep_value(TOLD))
        assert type(Message.objects.get().payload) is SealedMapping


# --- what was sealed is frozen, its wrapping is not ----------------------------------------------------------------


@pytest.fixture
def change(db: None) -> PersonChange:
    cast = assemble()
    person = cast.member(cast.bureau).person
    number = cast.facts(born=person.born_on).id_number
    basis = ChangeBasis(document=cast.document, effective_on=TODAY, reason="公安机关更正号码")
    changes = {"id_number": number, "identity_certified": True}
    change_locked_fields(actor=OPERATOR, person_id=person.pk, changes=changes, basis=basis)
    return PersonChange.objects.get(field="id_number")


def test_a_new_key_takes_over_rows_that_may_not_be_changed(message: Message, change: PersonChange):
    before, old = stored(message, "payload"), field_keys.keyring().current.hex()
    fresh = key_rotation.rotate(actor=OPERATOR)
    key_rotation.move_all(actor=OPERATOR)
    after = stored(message, "payload")
    assert after[: CONTENT_FROM - 1] != before[: CONTENT_FROM - 1]
    assert after[CONTENT_FROM - 1 :] == before[CONTENT_FROM - 1 :]
    assert Message._meta.get_field("payload").key_id(after) == fresh
    key_rotation.retire(actor=OPERATOR, key_id=old)
    assert Message.objects.get().payload == TOLD
    assert PersonChange.objects.get(pk=change.pk).new_value == Person.objects.get(pk=change.person_id).id_number
    assert findings("audit.rows", "common.encrypted") == []


def test_the_database_refuses_another_content(message: Message, change: PersonChange):
    for row, column, value in (
        (message, "payload", Message._meta.get_field("payload").get_prep_value({"name": "李四"})),
        (change, "old_value", PersonChange._meta.get_field("old_value").get_prep_value("330699198706050011")),
        (change, "reason", "别的事由"),
    ):
        with pytest.raises(DatabaseError, match="既定内容不能改写"), transaction.atomic():
            damage(row, column, value)


def test_the_forms_sent_in_are_frozen_like_that():
    table = CaseSubmission._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE name = %s"
            if connection.vendor == "sqlite"
            else "SELECT prosrc FROM pg_proc WHERE proname = %s",
            [f"{table}_frozen" if connection.vendor == "sqlite" else f"{table}_frozen_fn"],
        )
        (body,) = cursor.fetchone()
    assert f'substr(NEW."form", {CONTENT_FROM})' in body


def test_a_seal_covers_the_sealed_text_and_not_the_value(change: PersonChange):
    (before,) = row_digests(PersonChange, [change.pk])
    with tampering():
        damage(change, "new_value", PersonChange._meta.get_field("new_value").get_prep_value(change.new_value))
        (after,) = row_digests(PersonChange, [change.pk])
    assert before != after


# --- what else is asked for ----------------------------------------------------------------------------------------


def test_a_change_is_found_by_the_number_of_its_person_also_when_written_in_bulk(db: None):
    made = Change.objects.bulk_create(
        [Change(key=str(at), kind="hire", person_name="某", period="2026-02", evidence={"id_number": f"{at}"})
         for at in (1, 2)]
    )  # fmt: skip
    assert Change.objects.get(number_fingerprint=Change.fingerprint("2")) == made[1]
    assert not Change.objects.filter(number_fingerprint="").exists()
    blank = Change.objects.create(key="3", kind="hire", person_name="某", period="2026-02")
    assert blank.number_fingerprint == ""


def test_damaged_evidence_leaves_the_fingerprint_as_it_is(db: None):
    change = Change.objects.create(
        key="1", kind="hire", person_name="某", period="2026-02", evidence={"id_number": "330699198706050011"}
    )
    with tampering():
        damage(change, "evidence", "bz1.damaged")
        read = Change.objects.get()
        read.save()
        assert Change.objects.get().number_fingerprint == change.number_fingerprint
