"""ID numbers and phones are sealed in the database, found exactly, moved to new keys; damage is noticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from bianzhi.audit import key_rotation
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import field_keys, integrity
from bianzhi.common.db.encrypted import SealedText
from bianzhi.common.db.sealed_columns import anything_sealed, keys_in_use
from bianzhi.common.field_keys import KeysUnreadable, establish
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Person
from tests.cast import Cast
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
OPERATOR = System("测试")


@pytest.fixture(autouse=True)
def own_keys(tmp_path, settings, monkeypatch):
    """Each test has a copy of the keys and no files of others, so that a rotation is its own affair."""
    monkeypatch.setattr(key_rotation, "SETTLED", timedelta(0))
    copy = tmp_path / "fields.json"
    copy.write_text(Path(settings.FIELD_KEYS).read_text())
    settings.FIELD_KEYS = copy
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


def stored(person: Person) -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM personnel_person WHERE id = %s", [person.pk])
        number, phone = cursor.fetchone()
    return number, phone


@pytest.fixture
def person(cast: Cast) -> Person:
    return cast.member(cast.bureau).person


def findings(*names: str) -> list[str]:
    return [str(finding) for _, found in integrity.run(names) for finding in found]


def test_the_database_holds_no_number_in_clear(person):
    number, _ = stored(person)
    assert number.startswith("bz1.")
    assert person.id_number not in number
    assert Person.objects.get(pk=person.pk).id_number == person.id_number


def test_no_file_of_the_database_holds_a_number_in_clear(person):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL 的数据文件不在测试目录内")
    place = Path(connection.settings_dict["NAME"])
    for file in place.parent.glob(f"{place.name}*"):
        assert person.id_number.encode() not in file.read_bytes()


def test_a_person_is_found_by_the_exact_number_only(person):
    assert Person.objects.with_id_number(person.id_number).get() == person
    assert Person.objects.with_id_numbers([person.id_number, "x"]).get() == person
    assert not Person.objects.with_id_number(person.id_number[:17]).exists()


@pytest.mark.parametrize("lookup", ["id_number", "phone__contains", "id_number__in"])
def test_the_column_itself_cannot_be_searched(lookup):
    with pytest.raises(TypeError, match="fingerprint"):
        Person.objects.filter(**{lookup: "330699"})


def test_a_blank_phone_stays_blank(person):
    assert stored(person)[1] == ""


def test_values_move_to_a_new_key_and_the_old_one_is_retired(person):
    old = field_keys.keyring().current.hex()
    with pytest.raises(Refused, match="当前密钥"):
        key_rotation.retire(actor=OPERATOR, key_id=old)
    fresh = key_rotation.rotate(actor=OPERATOR)
    with pytest.raises(Refused, match="还有"):
        key_rotation.retire(actor=OPERATOR, key_id=old)
    assert key_rotation.move_all(actor=OPERATOR) == keys_in_use()[fresh] > 0
    assert key_rotation.move_all(actor=OPERATOR) == 0
    assert Person.objects.get(pk=person.pk).id_number == person.id_number
    assert findings("audit.chain", "audit.rows", "common.encrypted", "personnel.fingerprints") == []
    key_rotation.retire(actor=OPERATOR, key_id=old)
    assert Person.objects.get(pk=person.pk).id_number == person.id_number
    with pytest.raises(Refused, match="没有主密钥"):
        key_rotation.retire(actor=OPERATOR, key_id=old)


PHONE = Person._meta.get_field("phone")


@unit_of_work
def save_phone(person: Person, phone: str) -> None:
    """What a clerk does while an operator moves values."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    row.phone = phone
    row.save()
    record(key_rotation.MOVED, actor=OPERATOR, subject=row, facts={}, wrote=[row])


def move_phone(person: Person) -> int:
    try:
        return key_rotation.move_values(actor=OPERATOR, model=Person, field=PHONE, ids=[person.pk])
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_what_a_clerk_saves_while_values_move_is_not_overwritten_by_the_older_one(person):
    save_phone(person, "13900000001")
    key_rotation.rotate(actor=OPERATOR)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=person.pk)
            moving = pool.submit(move_phone, person)
            with pytest.raises(TimeoutError):
                moving.result(0.5)
            save_phone(person, "13900000002")
        assert moving.result(30) == 0, "what was saved rests on the new key already"
    assert Person.objects.get(pk=person.pk).phone == "13900000002"
    assert findings("audit.chain", "audit.rows") == []


def test_a_value_blanked_since_it_was_found_is_passed_over(person):
    save_phone(person, "13900000001")
    key_rotation.rotate(actor=OPERATOR)
    save_phone(person, "")
    assert key_rotation.move_values(actor=OPERATOR, model=Person, field=PHONE, ids=[person.pk]) == 0
    assert not AuditEntry.objects.filter(action=key_rotation.MOVED, subject_kind="keys.column").exists()


@pytest.mark.parametrize("tampered", ["name = '某人'", "phone = '13900000009'", "id_number = '330699198706050011'"])
def test_a_row_changed_round_the_platform_is_named_and_not_sealed_anew(person, tampered):
    key_rotation.rotate(actor=OPERATOR)
    with tampering() as cursor:
        cursor.execute(f"UPDATE personnel_person SET {tampered} WHERE id = %s", [person.pk])
        with pytest.raises(Refused, match=rf"人员 {person.pk}（personnel_person.id）共 1 行与审计封印不符"):
            key_rotation.move_all(actor=OPERATOR)
        assert any(f"personnel_person.id={person.pk}" in found for found in findings("audit.rows"))


def test_a_key_is_not_retired_before_what_it_may_still_be_sealing_is_there_to_be_seen(person, monkeypatch):
    old = field_keys.keyring().current.hex()
    key_rotation.rotate(actor=OPERATOR)
    key_rotation.move_all(actor=OPERATOR)
    monkeypatch.setattr(key_rotation, "SETTLED", timedelta(minutes=10))
    with pytest.raises(Refused, match="还不到 10 分钟"):
        key_rotation.retire(actor=OPERATOR, key_id=old)
    assert bytes.fromhex(old) in field_keys.keyring().masters


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_a_key_is_not_retired_while_a_transaction_older_than_its_successor_is_open(person):
    begun, over = Event(), Event()

    def import_slowly() -> None:
        with transaction.atomic():
            Person.objects.exists()
            begun.set()
            over.wait(60)
        connections.close_all()

    old = field_keys.keyring().current.hex()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(import_slowly)
        begun.wait(60)
        key_rotation.rotate(actor=OPERATOR)
        key_rotation.move_all(actor=OPERATOR)
        with pytest.raises(Refused, match="还有 1 项更换主密钥之前开始的数据库操作没有结束"):
            key_rotation.retire(actor=OPERATOR, key_id=old)
        over.set()
        slow.result(60)
    key_rotation.retire(actor=OPERATOR, key_id=old)
    assert bytes.fromhex(old) not in field_keys.keyring().masters


def test_the_command_tells_what_rests_on_which_key(person):
    output = StringIO()
    call_command("keys", "status", stdout=output)
    assert f"{field_keys.keyring().current.hex()}　当前　加密内容" in output.getvalue()
    call_command("keys", "rotate", stdout=output)
    call_command("keys", "move", stdout=output)
    assert "已移到当前密钥" in output.getvalue()
    with pytest.raises(CommandError, match="没有主密钥"):
        call_command("keys", "retire", "00000000")
    with pytest.raises(CommandError, match="没有主密钥 第一把"):
        call_command("keys", "retire", "第一把")


def test_a_damaged_value_is_named_and_survives_the_next_save(person):
    with tampering() as cursor:
        cursor.execute("UPDATE personnel_person SET id_number = 'bz1.damaged' WHERE id = %s", [person.pk])
        read = Person.objects.get(pk=person.pk)
        assert isinstance(read.id_number, SealedText)
        assert read.id_number == "（无法解密）"
        assert any("身份证号无法解密" in found for found in findings("common.encrypted"))
        assert findings("audit.rows")
        read.save()
        assert stored(person)[0] == "bz1.damaged"
        assert Person.objects.with_id_number(person.id_number).get() == read


def test_a_number_taken_from_another_row_is_noticed(cast, person):
    other = cast.member(cast.bureau).person
    with tampering() as cursor:
        cursor.execute("UPDATE personnel_person SET id_number = %s WHERE id = %s", [stored(other)[0], person.pk])
        assert any("检索指纹" in found for found in findings("personnel.fingerprints"))
        assert findings("audit.rows")


def test_keys_that_are_missing_are_never_made_up_over_sealed_values(person):
    field_keys.place_of_keys().unlink()
    with pytest.raises(KeysUnreadable, match="密钥副本"):
        establish(anything_sealed=anything_sealed)
    assert not field_keys.place_of_keys().exists()
    with pytest.raises(KeysUnreadable):
        Person.objects.get(pk=person.pk)


def test_a_new_installation_gets_keys_for_its_owner_alone(tmp_path, settings):
    settings.FIELD_KEYS = tmp_path / "new" / "fields.json"
    establish(anything_sealed=lambda: False)
    assert settings.FIELD_KEYS.stat().st_mode & 0o777 == 0o600
    first = field_keys.keyring()
    establish(anything_sealed=lambda: False)
    assert field_keys.keyring() == first


def test_a_damaged_key_file_is_told_and_not_replaced(tmp_path, settings):
    settings.FIELD_KEYS = tmp_path / "fields.json"
    settings.FIELD_KEYS.write_text("{}")
    with pytest.raises(KeysUnreadable, match="切勿另造密钥"):
        establish(anything_sealed=lambda: False)
    assert settings.FIELD_KEYS.read_text() == "{}"


def test_numbers_sealed_with_sm4_live_beside_those_sealed_with_aes(cast, person, settings):
    settings.FIELD_CIPHER = "sm4"
    other = cast.member(cast.bureau).person
    assert [Person.objects.get(pk=each.pk).id_number for each in (person, other)] == [person.id_number, other.id_number]
    assert findings("common.encrypted") == []
