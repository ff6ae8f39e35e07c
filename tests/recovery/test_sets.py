"""Backup sets: complete, without keys, proved to the last byte, restored only into nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common import field_keys
from bianzhi.common.kept_files import KeptFiles, sha256_of
from bianzhi.exchange import signing
from bianzhi.kernel.objections import Refused
from bianzhi.recovery.rules.retention import Policy
from bianzhi.recovery.sets import folders, homes, making, postgresql, restoring, sqlite
from bianzhi.recovery.sets.configuration import configuration
from bianzhi.recovery.sets.folders import lines_of, sets_in, working_in
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.refusing import Damaged, NoRoom
from bianzhi.recovery.sets.restoring import Order, restore
from bianzhi.recovery.sets.retaining import retain
from bianzhi.recovery.sets.sealing import make_key
from bianzhi.recovery.sets.verifying import verify
from tests.audit.sample_services import open_account
from tests.recovery.conftest import Platform, flip, one_of_each_kind, told

pytestmark = pytest.mark.django_db(transaction=True)
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="the copy of a file")


@pytest.fixture
def target(tmp_path) -> Path:
    return Path(tmp_path / "new-home")


@pytest.fixture
def empty_database():
    """The address of an empty database to restore into; "" on SQLite."""
    if connection.vendor != "postgresql":
        yield ""
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield postgresql.url_of(connection.settings_dict, name)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    connections.close_all()


# --- what is in a set --------------------------------------------------------------------------------------------


def test_a_set_holds_every_store_and_no_key(platform: Platform):
    expected = set(one_of_each_kind(platform.home))
    path, label = make(platform.backups)
    assert {line.path for line in lines_of(path, label, None)} == expected
    assert label.keys_apart == [
        "keys/deep/other.key",
        "keys/exchange_ed25519.pem",
        "keys/fields.json",
        "secrets/secret_key",
    ]
    everything = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    assert b"CANARY-OF-A-KEY" not in everything
    assert b"not worth a backup" not in everything
    assert b"PRIVATE KEY" not in everything


def test_the_label_counts_the_rows_and_names_the_head_of_the_record_in_the_copy_itself(platform: Platform):
    _, label = make(platform.backups)
    assert (label.audit_seq, label.audit_hash) == chain.head()
    assert label.tables["accounts_user"] == 2
    assert label.tables["audit_auditentry"] == label.audit_seq
    assert label.engine == connection.vendor
    assert any(name.startswith("recovery.") for name in label.migrations)


def test_a_file_that_was_damaged_before_is_backed_up_and_named(platform: Platform):
    _, label = make(platform.backups)
    assert label.damaged == ["archive/originals/ab/" + "c" * 64]


def test_sealed_files_are_backed_up_as_they_lie_and_proved_by_what_is_in_them(platform: Platform, settings, tmp_path):
    settings.ENCRYPT_FILES = True
    settings.FIELD_KEYS = tmp_path / "fields.json"
    field_keys.establish(anything_sealed=lambda: False)
    store = KeptFiles("exchange", sha256_of)
    digests = [store.keep(f"名册 {number}".encode() * 9_000) for number in range(3)]
    places = [store.path_of(digest) for digest in digests]
    set_path, label = make(platform.backups)
    assert label.damaged == ["archive/originals/ab/" + "c" * 64]
    held = {line.path: line.sha256 for line in lines_of(set_path, label, None)}
    paths = [place.relative_to(platform.home).as_posix() for place in places]
    assert [held[path] for path in paths] == [sha256_of(place) for place in places]
    assert sha256_of(places[0]) != digests[0], "the sealed bytes are what the set holds"
    settings.FIELD_KEYS.unlink()
    field_keys.establish(anything_sealed=lambda: False)
    _, without_key = make(platform.backups)
    assert without_key.damaged == label.damaged, "a missing key is no damage"


def test_a_sealed_file_that_was_changed_is_named(platform: Platform, settings, tmp_path):
    settings.ENCRYPT_FILES = True
    settings.FIELD_KEYS = tmp_path / "fields.json"
    field_keys.establish(anything_sealed=lambda: False)
    store = KeptFiles("exchange", sha256_of)
    place = store.path_of(store.keep("名册".encode() * 9_000))
    flip(place, 30_000)
    _, label = make(platform.backups)
    assert place.relative_to(platform.home).as_posix() in label.damaged


def test_a_store_on_another_disk_reached_by_a_link_is_backed_up(platform: Platform, tmp_path):
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "file").write_bytes(b"far away")
    (platform.home / "linked").symlink_to(tmp_path / "big")
    (platform.home / "files" / "round").symlink_to(platform.home / "files")
    path, label = make(platform.backups)
    paths = [line.path for line in lines_of(path, label, None)]
    assert "linked/file" in paths
    assert not any(part.startswith("files/round") for part in paths)


@pytest.mark.parametrize(
    "path", ["keys/a", "x/keys/b", "secrets/c", "files/d.PEM", "db.sqlite3-wal", "logs/e", "a.tmp"]
)
def test_what_is_secret_or_made_again_is_left_out(path):
    assert not homes.is_kept(path)


def test_the_settings_are_kept_without_what_is_secret_in_them():
    told = configuration(
        {
            "BIANZHI_HOSTS": "a.gov.cn",
            "BIANZHI_SECRET_KEY": "s1",
            "BIANZHI_SECRET_KEY_FILE": "/k",
            "BIANZHI_WEBHOOK_SECRET_HR": "s2",
            "DATABASE_URL": "postgres://bianzhi:s3@db/x",
            "BIANZHI_SMTP_URL": "smtp://u:s%404@mail",
            "HOME": "/root",
        }
    )
    assert told["BIANZHI_HOSTS"] == "a.gov.cn"
    assert told["BIANZHI_SECRET_KEY_FILE"] == "/k"
    assert told["DATABASE_URL"] == "postgres://bianzhi:***@db/x"
    assert "HOME" not in told
    assert not any(secret in text for text in told.values() for secret in ("s1", "s2", "s3", "s%404"))


# --- incremental -------------------------------------------------------------------------------------------------


def test_an_incremental_set_holds_only_new_files_and_leans_on_the_others(platform: Platform):
    first, full = make(platform.backups)
    (platform.home / "files" / "fresh").write_bytes(b"new since")
    open_account("zhao")
    path, label = make(platform.backups, incremental=True)
    assert (label.kind, label.needs, label.new_files) == ("incremental", [full.name], 1)
    assert label.tables["accounts_user"] == 3
    assert verify(path).problems == []
    shutil.rmtree(first / "objects")
    problems = verify(path).problems
    assert len(problems) == label.files - 1
    assert all(full.name in problem and "不见了" in problem for problem in problems)


def test_without_a_sound_set_to_lean_on_it_becomes_full(platform: Platform):
    _, label = make(platform.backups, incremental=True)
    assert label.is_full
    _, again = make(platform.backups, incremental=True)
    flip(platform.backups / label.name / "label.sig", 3)
    (platform.backups / again.name).rename(platform.backups.parent / "moved away")
    _, label = make(platform.backups, incremental=True)
    assert label.is_full


def test_what_is_damaged_in_an_older_set_is_noted_there_and_stored_anew_by_the_next(platform: Platform):
    old, full = make(platform.backups)
    assert verify(old).problems == []
    path, _ = make(platform.backups, incremental=True)
    flip(next(part for part in parts_of(old) if "objects" in part.parts and part.stat().st_size > 1000), 500)
    assert len(verify(path).problems) == 1
    by_name = {one.name: one for one in sets_in(platform.backups)}
    assert not by_name[full.name].is_sound
    assert "objects/" in by_name[full.name].state.problems[0]
    path, label = make(platform.backups, incremental=True)
    assert full.name not in label.needs
    assert label.new_files > 0
    assert verify(path).problems == []


def test_a_set_in_clear_is_nothing_an_encrypted_one_leans_on(platform: Platform, tmp_path):
    make(platform.backups)
    key = make_key(tmp_path / "key")
    _, label = make(platform.backups, incremental=True, key=key)
    assert label.is_full
    path, label = make(platform.backups, incremental=True, key=key)
    assert not label.is_full
    assert verify(path, key=key).problems == []


# --- flipped bytes -----------------------------------------------------------------------------------------------


def parts_of(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file())


@pytest.mark.parametrize("encrypted", [False, True])
def test_one_flipped_bit_in_any_part_is_found_and_the_part_is_named(platform: Platform, tmp_path, encrypted):
    key = make_key(tmp_path / "key") if encrypted else None
    path, _ = make(platform.backups, key=key)
    assert verify(path, key=key).problems == []
    for part in parts_of(path):
        size = part.stat().st_size
        if not size:
            continue
        flip(part, size // 2)
        name = part.relative_to(platform.backups).as_posix()
        try:
            problems = verify(path, key=key).problems
        except Damaged as damaged:
            problems = [str(damaged)]
        assert len(problems) == 1, name
        assert name.replace("label.sig", "label.json") in problems[0]
        flip(part, size // 2)
    assert verify(path, key=key).problems == []


def test_a_damaged_set_is_not_restored_and_nothing_is_written(platform: Platform, target):
    path, _ = make(platform.backups)
    flip(next(part for part in parts_of(path) if "objects" in part.parts and part.stat().st_size > 1000), 500)
    with pytest.raises(Damaged, match="objects/"):
        restore(Order(path, target, "postgres://unused@/x" if connection.vendor == "postgresql" else ""))
    assert not target.exists()


def test_a_renamed_set_and_one_whose_label_was_exchanged_are_refused(platform: Platform):
    path, _ = make(platform.backups)
    other = path.with_name("20200101T000000-full")
    path.rename(other)
    with pytest.raises(Damaged, match="改名"):
        verify(other)


def test_a_set_signed_by_somebody_else_is_refused_until_its_key_is_vouched_for(platform: Platform, settings, tmp_path):
    path, label = make(platform.backups)
    settings.HOME = tmp_path / "another-machine"
    with pytest.raises(Refused, match=f"--key-id {label.signed_with}"):
        verify(path)
    with pytest.raises(Refused, match="不是所给的"):
        verify(path, trusted={"0" * 16})
    assert verify(path, trusted={label.signed_with}).problems == []


def test_an_encrypted_set_asks_for_its_own_key(platform: Platform, tmp_path):
    path, _ = make(platform.backups, key=make_key(tmp_path / "key"))
    everything = b"".join(part.read_bytes() for part in parts_of(path) if part.name != "label.json")
    assert b"of exchange" not in everything
    assert "名册".encode() not in everything
    with pytest.raises(Refused, match="没有给出密钥"):
        verify(path)
    with pytest.raises(Refused, match="所给的是"):
        verify(path, key=make_key(tmp_path / "other"))


# --- restoring ---------------------------------------------------------------------------------------------------


def test_a_restored_home_holds_the_same_files_and_the_same_rows(platform: Platform, target, unproved, empty_database):
    contents = one_of_each_kind(platform.home)
    path, label = make(platform.backups)
    outcome = restore(Order(path, target, empty_database, keys=platform.home))
    assert {name: (target / name).read_bytes() for name in contents} == contents
    assert unproved == [target]
    assert (target / "keys" / "fields.json").read_bytes() == (platform.home / "keys" / "fields.json").read_bytes()
    assert not (target / homes.MARKER).exists()
    assert outcome.label == label
    if empty_database:
        assert postgresql.counts_at(empty_database)["accounts_user"] == 2
        with pytest.raises(Refused, match="不是空的"):
            restore(Order(path, target.with_name("second"), empty_database, keys=platform.home))


def test_a_home_that_holds_anything_is_refused_and_left_alone(platform: Platform, unproved, target, empty_database):
    path, _ = make(platform.backups)
    target.mkdir()
    (target / "db.sqlite3").write_bytes(b"somebody's register")
    with pytest.raises(Refused, match="不是空的"):
        restore(Order(path, target, empty_database, keys=platform.home))
    assert [entry.name for entry in target.iterdir()] == ["db.sqlite3"]


def test_without_the_key_of_the_encrypted_columns_nothing_is_begun(platform: Platform, target, empty_database):
    path, _ = make(platform.backups)
    with pytest.raises(Refused, match=r"keys/fields\.json"):
        restore(Order(path, target, empty_database))
    assert not target.exists()


def stop(*args: object) -> None:
    raise KeyboardInterrupt


@sqlite_only
def test_an_interrupted_restore_is_begun_again_and_leaves_nothing_of_the_first(
    platform: Platform, target, unproved, monkeypatch
):
    path, _ = make(platform.backups)
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_put_database", stop)
        with pytest.raises(KeyboardInterrupt):
            restore(Order(path, target, keys=platform.home))
    assert (target / homes.MARKER).exists()
    (target / "left-over").write_bytes(b"x")
    restore(Order(path, target, keys=platform.home))
    assert not (target / homes.MARKER).exists()
    assert not (target / "left-over").exists()


@sqlite_only
def test_a_backup_goes_to_the_engine_it_came_from(platform: Platform, target):
    path, _ = make(platform.backups)
    with pytest.raises(Refused, match="SQLite"):
        restore(Order(path, target, "postgres://nobody@/x"))


def test_a_backup_of_a_newer_structure_is_refused(platform: Platform, target, monkeypatch, empty_database):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '0099_future', '2026-11-26 00:00:00')"
        )
    try:
        path, _ = make(platform.backups)
        with pytest.raises(Refused, match="比本程序新"):
            restore(Order(path, target, empty_database, keys=platform.home))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0099_future'")


# --- an old backup is noticed ------------------------------------------------------------------------------------


def test_an_old_but_valid_backup_is_known_by_the_anchors_and_by_newer_sets(
    platform: Platform, target, unproved, settings, tmp_path, empty_database
):
    from bianzhi.audit import anchors

    old, label = make(platform.backups)
    open_account("zhao")
    settings.ANCHORS = [str(tmp_path / "anchors.txt")]
    anchors.write()
    outcome = restore(Order(old, target, empty_database, keys=platform.home))
    assert (outcome.later.seq, outcome.later.lost(label)) == (chain.head()[0], 1)
    assert "锚点" in outcome.later.told_by


def test_a_chain_older_than_a_backup_in_the_folder_is_a_finding(platform: Platform):
    from bianzhi.recovery.proving import labels_fit_the_chain
    from tests.tampering import tampering

    make(platform.backups)
    assert list(labels_fit_the_chain()) == []
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_rowseal WHERE entry_id = 2")
        cursor.execute("DELETE FROM audit_auditentry WHERE seq = 2")
        assert ["恢复了旧备份" in finding.what for finding in labels_fit_the_chain()] == [True]


# --- the folder --------------------------------------------------------------------------------------------------


def test_a_folder_inside_the_home_or_one_that_is_not_there_is_refused(platform: Platform):
    inside = platform.home / "backups"
    inside.mkdir()
    with pytest.raises(Refused, match="之内"):
        make(inside)
    with pytest.raises(Refused, match="不能使用"):
        make(platform.backups / "not mounted")
    assert not (platform.backups / "not mounted").exists()


def test_two_backups_at_once_are_refused_and_what_a_killed_one_left_is_cleared(platform: Platform):
    left = platform.backups / f"20260101T000000-full{folders.PARTIAL}"
    left.mkdir()
    with working_in(platform.backups), pytest.raises(Refused, match="正在被另一个备份使用"):
        make(platform.backups)
    assert not left.exists()
    assert sets_in(platform.backups) == []


def test_a_backup_that_fails_half_way_is_never_seen(platform: Platform, monkeypatch):
    monkeypatch.setattr(making, "_keep_files", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(NoRoom, match="磁盘写满"):
        make(platform.backups)
    assert list(platform.backups.glob("[!.]*")) == []
    assert list((platform.home / "recovery").glob("[!.]*")) == []


def test_what_a_killed_backup_left_in_the_home_is_cleared_by_the_next_but_not_what_another_one_needs(
    platform: Platform, tmp_path, monkeypatch
):
    left = platform.home / "recovery" / "backup-999999"
    left.mkdir(parents=True)
    (left / "database").write_bytes(b"a copy in clear")
    other = tmp_path / "other-disk"
    other.mkdir()
    keep_files = making._keep_files

    def meanwhile(*args: Any) -> None:
        assert not left.exists()
        with monkeypatch.context() as patch:
            patch.setattr(making, "_keep_files", keep_files)
            patch.setattr(os, "getpid", lambda: 999998)
            make(other)
        keep_files(*args)

    monkeypatch.setattr(making, "_keep_files", meanwhile)
    path, _ = make(platform.backups)
    assert verify(path).problems == []
    assert list((platform.home / "recovery").glob("[!.]*")) == []


def test_a_disk_that_is_too_small_is_refused_before_anything_is_written(platform: Platform, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(Refused, match="剩余 0 MB"):
        make(platform.backups)
    assert list(platform.backups.glob("[!.]*")) == []


@sqlite_only
def test_a_data_disk_that_does_not_take_the_copy_in_clear_is_refused_before_it_is_made(platform: Platform, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))
    monkeypatch.setattr(sqlite, "copy", lambda source, place: pytest.fail("it was begun"))
    with pytest.raises(NoRoom, match="数据盘剩余 0 MB"):
        make(platform.backups)


def test_old_sets_are_removed_by_the_policy_and_those_leaned_on_stay(platform: Platform):
    _, full = make(platform.backups)
    for number in range(3):
        (platform.home / "files" / f"more{number}").write_bytes(b"x" * number)
        path, label = make(platform.backups, incremental=True)
    verify(path)
    removed = retain(platform.backups, Policy(1, 0, 0))
    left = {one.name for one in sets_in(platform.backups)}
    assert left == {label.name, *label.needs}
    assert full.name in left
    assert len(removed) + len(left) == 4
    assert verify(path).problems == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="programs of PostgreSQL")
def test_a_machine_without_a_new_enough_pg_dump_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(postgresql, "_candidates", lambda name: [])
    with pytest.raises(Refused, match="postgresql-client-15"):
        postgresql.program("pg_dump", 15)


def test_the_signing_key_is_the_one_departments_already_know(platform: Platform):
    _, label = make(platform.backups)
    assert label.signed_with == signing.key_id()
    assert told(platform.backups / label.name)["public_key"] == signing.public_pem()


# --- the command -------------------------------------------------------------------------------------------------


def test_the_command_encrypts_where_the_office_has_a_key_and_says_what_it_did(
    platform: Platform, settings, tmp_path, capsys
):
    call_command("backup", str(platform.backups))
    assert "（完整，未加密）" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("backup", str(platform.backups), "--encrypt")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key")
    key = make_key(tmp_path / "key")
    call_command("backup", str(platform.backups))
    assert "（完整，加密）" in capsys.readouterr().out
    call_command("backup", str(platform.backups), "--plain")
    assert "（完整，未加密）" in capsys.readouterr().out
    made = [one.label.encrypted_with for one in reversed(sets_in(platform.backups)) if one.label]
    assert made == ["", key.name, ""]


def test_the_command_removes_what_a_policy_does_not_keep_and_puts_it_on_record(platform: Platform, capsys):
    for _ in range(3):
        path, _ = make(platform.backups)
    call_command("backup", "prune", str(platform.backups), "--keep", "1,0,0")
    assert "清理了 2 份旧备份" in capsys.readouterr().out
    assert [one.path for one in sets_in(platform.backups)] == [path]
    assert AuditEntry.objects.latest("seq").action == "recovery.backups_removed"
