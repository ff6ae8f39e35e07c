"""Kept files lie sealed, plain copies that programs need are gone after use, and a killed process leaves nothing."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import CommandError, call_command

from bianzhi.audit import key_rotation
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common import field_keys, integrity, key_files, sealed_files, sealed_places, working_files
from bianzhi.common.dropped_files import can_be_moved, move_aside
from bianzhi.common.kept_files import KeptFiles, sha256_of
from bianzhi.common.web.uploads import PrivateUploadHandler
from bianzhi.kernel.encryption import sealed_stream
from bianzhi.kernel.encryption.keyring import Keyring
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.kernel.objections import Refused
from bianzhi.matters import files as matter_files

OPERATOR = System("测试")
CANARY = "王测试 330699199001010015"
CONTENT = (CANARY * 9_000).encode()
STORE = KeptFiles("tests", sha256_of)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    """A home with keys of its own."""
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.FIELD_KEYS = tmp_path / "keys" / "fields.json"
    settings.ENCRYPT_FILES = True
    field_keys.establish(anything_sealed=lambda: False)
    return tmp_path


def every_byte(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


# --- kept --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_a_kept_file_is_named_by_its_plain_content_and_lies_sealed(home, settings, cipher):
    settings.FIELD_CIPHER = cipher
    digest = STORE.keep(CONTENT)
    assert digest == sha256_of(CONTENT)
    assert STORE.read(digest) == CONTENT
    assert sealed_files.is_sealed(STORE.path_of(digest))
    assert CANARY.encode() not in every_byte(home)
    assert STORE.path_of(digest).stat().st_mode & 0o077 == 0


def test_parts_of_it_are_those_of_the_plain_file():
    digest = STORE.keep(CONTENT)
    with STORE.open(digest) as stream:
        for first, count in ((0, 10), (65_530, 20), (131_072, 100_000), (len(CONTENT) - 3, 3)):
            stream.seek(first)
            assert stream.read(count) == CONTENT[first : first + count]


def test_a_program_gets_a_plain_copy_that_is_gone_after_use(home):
    digest = STORE.keep(CONTENT)
    with STORE.plain(digest) as path:
        assert path.read_bytes() == CONTENT
        assert path.is_relative_to(home / "work")
        assert (home / "work").stat().st_mode & 0o077 == 0
    assert not path.exists()
    assert CANARY.encode() not in every_byte(home)


def test_where_files_are_not_encrypted_they_lie_plain_and_are_read_alike(settings):
    settings.ENCRYPT_FILES = False
    digest = STORE.keep(CONTENT)
    assert STORE.path_of(digest).read_bytes() == CONTENT
    settings.ENCRYPT_FILES = True
    assert STORE.read(digest) == CONTENT
    with STORE.plain(digest) as path:
        assert path == STORE.path_of(digest)


@pytest.mark.parametrize("at", [0, 9, 40, 90, 5_000, 70_000, -9, -1])
def test_a_changed_byte_is_refused_and_told(at):
    digest = STORE.keep(CONTENT)
    flip(STORE.path_of(digest), at)
    with pytest.raises(OSError, match="文件"):
        STORE.read(digest)


def test_a_file_put_in_anothers_place_is_refused():
    one, other = STORE.keep(CONTENT), STORE.keep(b"other")
    STORE.path_of(other).write_bytes(STORE.path_of(one).read_bytes())
    with pytest.raises(BrokenSeal, match="不是登记在此处的那一个"):
        STORE.read(other)


def test_a_damaged_attachment_is_put_right_when_it_is_sent_again():
    digest = matter_files.keep(CONTENT)
    flip(matter_files.path_of(digest), 500)
    assert matter_files.keep(CONTENT) == digest
    assert matter_files.read(digest) == CONTENT


def test_two_threads_that_keep_the_same_file_at_once_leave_it_whole(home, monkeypatch):
    elsewhere = SimpleNamespace(stat=lambda: SimpleNamespace(st_dev=-1))
    monkeypatch.setattr(working_files, "folder", lambda: elsewhere)
    place = home / "files" / "tests" / "ab" / "file"
    begun, go_on = threading.Event(), threading.Event()

    def slowly():
        yield CONTENT[:100_000]
        begun.set()
        go_on.wait(10)
        yield CONTENT[100_000:]

    slow = threading.Thread(target=sealed_files.write, args=(place, slowly(), "tests|file"))
    slow.start()
    assert begun.wait(10)
    sealed_files.write(place, CONTENT, "tests|file")
    go_on.set()
    slow.join()
    assert sealed_files.read(place, "tests|file") == CONTENT
    assert [path.name for path in place.parent.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "write",
    [
        lambda home: STORE.keep(CONTENT),
        lambda home: key_files.write_over(home / "keys" / "other.key", b"key"),
        lambda home: next(iter(sealed_places.on_disk([home / "mark"], str))).replace([b"new"]),
    ],
)
def test_a_file_and_its_name_are_on_the_disk_before_anybody_relies_on_them(home, monkeypatch, write):
    (home / "mark").write_bytes(b"old")
    (home / "keys").mkdir(exist_ok=True)
    done, fsync, replace = [], os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "content")
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        done.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write(home)
    assert done[-3:] == ["content", "name", "folder"]


# --- killed ------------------------------------------------------------------------------------------------------

WRITER = """
import os, sys, time
os.environ["BIANZHI_HOME"] = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "bianzhi.config.settings"
import django
django.setup()
from pathlib import Path
from bianzhi.common import sealed_files, working_files

def slowly():
    while True:
        yield b"330699199001010015" * 10_000
        print("writing", flush=True)
        time.sleep(0.01)

with working_files.workspace() as folder:
    (folder / "plain").write_text("330699199001010015")
    sealed_files.write(Path(sys.argv[1]) / "files" / "tests" / "ab" / "file", slowly(), "tests|ab")
"""


def test_a_process_killed_while_it_writes_leaves_nothing_half_and_nothing_plain(home):
    around = {**os.environ, "DATABASE_URL": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", WRITER, str(home)], stdout=subprocess.PIPE, env=around) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        assert b"330699199001010015" in every_byte(home), "the plain copy is there while the process lives"
        assert working_files.sweep() == 0, "what a living process holds stays"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (home / "files" / "tests" / "ab" / "file").exists()
    assert [str(finding) for finding in sealed_places.every_file_opens() if "临时文件" in str(finding)]
    assert working_files.sweep() == 1
    assert b"330699199001010015" not in every_byte(home)
    assert list((home / "files").rglob("*.new")) == []
    assert list(sealed_places.every_file_opens()) == []


def test_a_folder_that_is_only_being_made_is_given_its_time(home):
    making = home / "work" / ".making-1-ab"
    making.mkdir(parents=True)
    assert working_files.sweep() == 0
    long_ago = time.time() - 3_600
    os.utime(making, (long_ago, long_ago))
    assert working_files.sweep() == 1


def test_a_large_upload_waits_in_the_private_folder(home):
    handler = PrivateUploadHandler()
    handler.new_file("file", "名册.xlsx", "application/octet-stream", 10)
    handler.receive_data_chunk(b"0123456789", 0)
    upload = handler.file_complete(10)
    assert isinstance(upload, TemporaryUploadedFile)
    place = Path(upload.temporary_file_path())
    assert place.is_relative_to(home / "work")
    assert upload.read() == b"0123456789"
    upload.close()
    assert not place.exists()


# --- dropped -----------------------------------------------------------------------------------------------------


def test_what_was_taken_from_a_drop_folder_lies_aside_sealed_and_an_operator_can_open_it(home, db):
    dropped = home / "dropbox" / "hr" / "名册.csv"
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(CONTENT)
    move_aside(dropped, "done")
    (aside,) = (dropped.parent / "done").iterdir()
    assert aside.name.endswith("名册.csv.sealed")
    assert CANARY.encode() not in every_byte(home)
    call_command("keys", "open", str(aside), str(home / "out.csv"), stdout=StringIO())
    assert (home / "out.csv").read_bytes() == CONTENT
    assert AuditEntry.objects.filter(action="keys.file_opened").count() == 1
    with pytest.raises(CommandError, match="没有加密"):
        call_command("keys", "open", str(home / "out.csv"), str(home / "again"), stdout=StringIO())


def test_a_file_bound_to_a_long_name_opens_once_that_is_on_record(home, db, monkeypatch):
    digest = STORE.keep(CONTENT)
    place, out = STORE.path_of(digest), home / "out"
    with monkeypatch.context() as patch:
        patch.setattr(key_rotation, "record", Mock(side_effect=OSError("disk full")))
        with pytest.raises(CommandError, match="disk full"):
            call_command("keys", "open", str(place), str(out), stdout=StringIO())
    assert not out.exists(), "nothing is opened that is not on record"
    call_command("keys", "open", str(place), str(out), stdout=StringIO())
    assert out.read_bytes() == CONTENT
    assert out.stat().st_mode & 0o777 == 0o600
    entry = AuditEntry.objects.get(action="keys.file_opened")
    assert entry.subject_label == digest
    assert len(digest) > 40


LONG = "名" * 80 + ".csv"


@pytest.mark.parametrize("encrypts", [True, False])
@pytest.mark.parametrize("name", [LONG.encode(), ("册" * 120 + ".csv").encode("gb18030"), ("z" * 255).encode()])
def test_a_file_with_a_long_name_is_moved_aside_under_a_shorter_one(home, settings, db, name, encrypts):
    settings.ENCRYPT_FILES = encrypts
    dropped = home / "dropbox" / os.fsdecode(name)
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(CONTENT)
    move_aside(dropped, "refused", "内容不对")
    assert not dropped.exists()
    aside, told = sorted((dropped.parent / "refused").iterdir(), key=lambda path: path.name.endswith(".原因.txt"))
    assert told.read_text() == "内容不对\n"
    assert (".csv" in aside.name) == name.endswith(b".csv")
    if encrypts:
        call_command("keys", "open", str(aside), str(home / "out.csv"), stdout=StringIO())
        aside = home / "out.csv"
    assert aside.read_bytes() == CONTENT


def test_whether_a_file_can_be_moved_aside_is_tried_without_leaving_anything(home):
    dropped = home / "dropbox" / "名册.csv"
    dropped.parent.mkdir(parents=True)
    dropped.write_bytes(CONTENT)
    assert can_be_moved(dropped, ["done", "refused"])
    assert list(dropped.parent.iterdir()) == [dropped]
    (dropped.parent / "done").mkdir()
    assert can_be_moved(dropped, ["done", "refused"])
    assert list((dropped.parent / "done").iterdir()) == []
    (dropped.parent / "refused").write_text("a file where a folder should be")
    assert not can_be_moved(dropped, ["done", "refused"])
    assert sorted(path.name for path in dropped.parent.iterdir()) == ["done", "refused", "名册.csv"]


# --- keys --------------------------------------------------------------------------------------------------------


def told(*words: str) -> str:
    out = StringIO()
    call_command("keys", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def old_key() -> str:
    return field_keys.keyring().current.hex()


def rests_on(*digests: str) -> set[str]:
    found = set()
    for digest in digests:
        with matter_files.path_of(digest).open("rb") as stream:
            found.add(sealed_stream.read_head(stream).key_id.hex())
    return found


@pytest.mark.django_db
def test_changing_the_key_moves_files_too_and_the_old_one_can_go(monkeypatch):
    monkeypatch.setattr(key_rotation, "SETTLED", timedelta(0))
    first, digests = old_key(), [matter_files.keep(f"{CANARY}{number}".encode() * 900) for number in range(5)]
    bodies = [matter_files.path_of(digest).read_bytes()[200:] for digest in digests]
    assert f"{first}　当前　加密内容 0 项　加密文件 5 个" in told("status")
    told("rotate")
    assert rests_on(*digests) == {first}
    with pytest.raises(Refused, match="5 个文件由它加密"):
        key_rotation.retire(actor=OPERATOR, key_id=first)
    assert "5 个文件" in told("move")
    assert rests_on(*digests) == {old_key()} != {first}
    assert [matter_files.path_of(digest).read_bytes()[200:] for digest in digests] == bodies, "only heads are new"
    told("retire", first)
    assert all(matter_files.read(digest).startswith(CANARY.encode()) for digest in digests)
    (entry,) = AuditEntry.objects.filter(action="keys.files_moved")
    assert '"files":5' in entry.facts.replace(" ", "")


@pytest.mark.django_db
def test_moving_files_that_was_stopped_goes_on_where_it_was(home):
    digests = [matter_files.keep(f"{number}".encode()) for number in range(6)]
    first = old_key()
    key_rotation.rotate(actor=OPERATOR)

    def stop(label: str, looked_at: int, moved: int) -> None:
        if moved == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        key_rotation.move_files(actor=OPERATOR, progress=stop)
    assert rests_on(*digests) == {first, old_key()}
    assert [matter_files.read(digest) for digest in digests] == [str(number).encode() for number in range(6)]
    heard: list[tuple[str, int, int]] = []
    assert key_rotation.move_files(actor=OPERATOR, progress=lambda *each: heard.append(each)) == 4
    assert heard[-1] == ("办件附件", 6, 4)
    assert rests_on(*digests) == {old_key()}
    assert AuditEntry.objects.filter(action="keys.files_moved").count() == 2
    assert list(home.rglob("*.new")) == []


@pytest.mark.django_db
def test_files_of_earlier_are_sealed_by_the_same_command(settings):
    settings.ENCRYPT_FILES = False
    digest = matter_files.keep(CONTENT)
    mode = matter_files.path_of(digest).stat().st_mode
    assert "未加密的文件 1 个" in told("status")
    assert "0 个文件" in told("move"), "where files are not encrypted they stay as they are"
    settings.ENCRYPT_FILES = True
    assert "未加密的文件 1 个，请运行" in told("status")
    told("move")
    assert sealed_files.is_sealed(matter_files.path_of(digest))
    assert matter_files.path_of(digest).stat().st_mode == mode
    assert matter_files.read(digest) == CONTENT


@pytest.mark.django_db
def test_a_file_that_does_not_open_is_not_moved_and_is_named():
    digest = matter_files.keep(CONTENT)
    flip(matter_files.path_of(digest), 120)
    key_rotation.rotate(actor=OPERATOR)
    with pytest.raises(CommandError, match=f"办件附件 {digest}"):
        told("move")
    assert "损坏" in told("status") or rests_on(digest)


@pytest.mark.django_db
def test_check_names_each_file_that_does_not_open():
    whole, cut, changed = (matter_files.keep(f"{number}".encode() * 50_000) for number in range(3))
    place = matter_files.path_of(cut)
    place.write_bytes(place.read_bytes()[:-20_000])
    flip(matter_files.path_of(changed), 100)
    found = sorted(str(finding) for finding in integrity.findings(["common.sealed_files"]))
    assert len(found) == 2
    assert any(cut in each and "不完整" in each for each in found)
    assert any(changed in each for each in found)
    assert not any(whole in each for each in found)


def test_keys_are_never_made_anew_beside_sealed_files(home, settings):
    digest = matter_files.keep(CONTENT)
    settings.FIELD_KEYS.unlink()
    with pytest.raises(field_keys.KeysUnreadable, match="切勿另造密钥"):
        field_keys.establish(anything_sealed=sealed_places.anything_sealed)
    assert matter_files.path_of(digest).exists()


def test_a_key_that_is_missing_is_told_as_such():
    digest = STORE.keep(CONTENT)
    keys: Keyring = field_keys.keyring()
    field_keys.replace_keys(keys.rotated().without(keys.current))
    with pytest.raises(LockedFile, match=keys.current.hex()):
        STORE.read(digest)
