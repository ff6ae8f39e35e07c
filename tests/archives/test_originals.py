"""Originals: written once, every one-byte damage found, brought back only by what proves itself; on disk and on S3."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.policies import Denied
from bianzhi.archives import storage
from bianzhi.archives.jobs.fixity import check_due
from bianzhi.archives.models import FixityCheck, Original, OriginalState
from bianzhi.archives.services.fixity import Read, check_originals, copies_in, note_reads, restore_original
from bianzhi.archives.storage import Bucket, Disk, NotAsTold, OriginalStore, name_of, originals
from bianzhi.audit.models import AuditEntry
from bianzhi.common import integrity, jobs
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import OutboxMessage
from bianzhi.config.archive_storage import bucket
from bianzhi.config.environment import BadSetting
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.file_digests import digests_of
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Message
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, taken
from tests.cast import Limited

OUTSIDER = Limited(frozenset({"archives.view"}))


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A real S3 server process."""
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stderr=subprocess.PIPE, text=True
    ) as server:
        address = ""
        assert server.stderr is not None
        for line in server.stderr:
            if "Running on" in line:
                address = line.split()[-1].strip()
                break
        yield address
        server.kill()


@pytest.fixture(params=["disk", "s3"])
def store(request, tmp_path: Path) -> OriginalStore:
    """An empty store of either kind."""
    if request.param == "disk":
        return OriginalStore(Disk(tmp_path / "originals", tmp_path / "damaged"))
    address = request.getfixturevalue("s3_server")
    name = f"b{time.time_ns()}"
    options = bucket("X", f"{address.replace('://', '://key:secret@')}/{name}?region=us-east-1")
    place = Bucket(options)
    place._storage.connection.create_bucket(Bucket=name)
    return OriginalStore(place)


def kept(store: OriginalStore, tmp_path: Path, content: bytes) -> str:
    source = tmp_path / "source"
    source.write_bytes(content)
    return store.keep(source).sha256


def damage(store: OriginalStore, sha256: str, content: bytes) -> None:
    """Write other bytes where an original lies, as a failing disk or a hand would."""
    place = store._place
    if isinstance(place, Disk):
        path = place._root / name_of(sha256)
        path.chmod(0o600)
        path.write_bytes(content)
        path.chmod(0o400)
    else:
        assert isinstance(place, Bucket)
        place._storage.bucket.put_object(Key=name_of(sha256), Body=content)


def test_an_original_is_kept_under_both_digests_and_read_back_byte_for_byte(store, tmp_path):
    content = papers.picture()
    sha256 = kept(store, tmp_path, content)
    told = digests_of(tmp_path / "source")
    assert (told.sha256, told.sm3, told.size) == (sha256, sm3_hex(content), len(content))
    with store.open(sha256) as stream:
        assert stream.read() == content
    with store.local(sha256) as path:
        assert path.read_bytes() == content
    assert store.exists(sha256)
    assert store.verify(sha256, told.sm3) is OriginalState.INTACT


def test_nothing_is_ever_written_a_second_time(store, tmp_path):
    sha256 = kept(store, tmp_path, b"paper")
    assert kept(store, tmp_path, b"paper") == sha256
    with pytest.raises(FileExistsError):
        store._place.put(name_of(sha256), [b"other"])
    with store.open(sha256) as stream:
        assert stream.read() == b"paper"


def test_files_on_disk_can_be_read_by_their_owner_and_written_by_nobody(tmp_path):
    store = OriginalStore(Disk(tmp_path / "originals", tmp_path / "damaged"))
    place = tmp_path / "originals" / name_of(kept(store, tmp_path, b"paper"))
    assert place.stat().st_mode & 0o777 == 0o400
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_every_one_byte_damage_is_found(tmp_path):
    """All bytes of a small original, each changed by one bit."""
    store = OriginalStore(Disk(tmp_path / "originals", tmp_path / "damaged"))
    content = papers.picture(size=(8, 8))
    sha256 = kept(store, tmp_path, content)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        damage(store, sha256, bytes(changed))
        assert store.verify(sha256) is OriginalState.DAMAGED, f"byte {place}"
    damage(store, sha256, content)
    assert store.verify(sha256) is OriginalState.INTACT


def test_one_byte_damages_sampled_over_a_larger_original_are_found(store, tmp_path):
    content = random.Random(7).randbytes(300_000)
    sha256 = kept(store, tmp_path, content)
    for place in random.Random(8).sample(range(len(content)), 12):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        damage(store, sha256, bytes(changed))
        assert store.verify(sha256) is OriginalState.DAMAGED
    for other in (content[:-1], content + b"\0", b""):
        damage(store, sha256, other)
        assert store.verify(sha256) is OriginalState.DAMAGED


def test_what_has_the_right_sha256_and_another_sm3_is_damaged_as_well(store, tmp_path):
    sha256 = kept(store, tmp_path, b"paper")
    assert store.verify(sha256, "0" * 64) is OriginalState.DAMAGED


def test_an_original_that_is_gone_is_missing(store):
    assert store.verify("ab" * 32) is OriginalState.MISSING
    assert not store.exists("ab" * 32)
    with pytest.raises(FileNotFoundError):
        store.open("ab" * 32)
    with pytest.raises(FileNotFoundError), store.local("ab" * 32):
        pass


def test_a_copy_restores_only_when_it_proves_itself_and_the_damaged_one_is_kept_aside(store, tmp_path):
    sha256 = kept(store, tmp_path, b"paper")
    damage(store, sha256, b"pap3r")
    copy = tmp_path / "copy"
    copy.write_bytes(b"paper!")
    with pytest.raises(NotAsTold):
        store.restore(sha256, sm3_hex(b"paper"), copy)
    with store.open(sha256) as stream:
        assert stream.read() == b"pap3r"
    copy.write_bytes(b"paper")
    store.restore(sha256, sm3_hex(b"paper"), copy)
    assert store.verify(sha256) is OriginalState.INTACT
    assert b"pap3r" in _aside(store, tmp_path)


def _aside(store: OriginalStore, tmp_path: Path) -> list[bytes]:
    place = store._place
    if isinstance(place, Bucket):
        return [each.get()["Body"].read() for each in place._storage.bucket.objects.filter(Prefix="damaged/")]
    return [path.read_bytes() for path in (tmp_path / "damaged").iterdir()]


def test_content_that_comes_again_heals_what_lay_damaged_under_its_digest(store, tmp_path):
    sha256 = kept(store, tmp_path, b"paper")
    damage(store, sha256, b"x")
    assert kept(store, tmp_path, b"paper") == sha256
    assert store.verify(sha256) is OriginalState.INTACT


def test_a_name_that_is_no_digest_leads_nowhere():
    for name in ("../../etc/passwd", "", "AB" * 32, "ab" * 31):
        with pytest.raises(ValueError, match="digest"):
            name_of(name)


def test_the_address_of_a_bucket_is_read_or_refused():
    told = bucket("X", "https://ke%2Fy:secret@s3.example.com:9000/archive?region=cn-1")
    assert (told["bucket_name"], told["endpoint_url"], told["access_key"], told["region_name"]) == (
        "archive",
        "https://s3.example.com:9000",
        "ke/y",
        "cn-1",
    )
    assert bucket("X", " ") == {}
    for wrong in ("s3", "ftp://h/b", "https://h/", "https://h/a/b", "https://h:x/b", "https://h/b?zone=1"):
        with pytest.raises(BadSetting, match="BIANZHI"):
            bucket("BIANZHI_ARCHIVE_S3", wrong)


@pytest.mark.django_db
def test_an_archive_on_s3_takes_files_in_and_shows_them(settings, s3_server, one_workshop):
    name = f"archive{os.getpid()}"
    settings.ARCHIVE_S3 = bucket("X", f"{s3_server.replace('://', '://key:secret@')}/{name}?region=us-east-1")
    Bucket(settings.ARCHIVE_S3)._storage.connection.create_bucket(Bucket=name)
    batch = taken({"批复.pdf": papers.approval()})
    assert batch.files.get().state == "done"
    original = Original.objects.get()
    with originals().open(original.sha256) as stream:
        assert stream.read() == papers.approval()
    assert not (settings.HOME / "archive" / "originals").exists()
    assert not integrity.findings(["archives.originals", "archives.arrivals"])


@pytest.fixture
def archive(db: None, one_workshop) -> Original:
    """One original in the archive."""
    taken({"批复.pdf": papers.approval()})
    return Original.objects.get()


def changed_on_disk(original: Original, at: int = 99) -> bytes:
    """Change one byte of an original where it lies; returns what it should be."""
    path = storage.archive_home() / "originals" / name_of(original.sha256)
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    return content


def checked(scope: str = "all") -> FixityCheck:
    check = check_originals(actor=ARCHIVIST, scope=scope)
    jobs.run_waiting()
    return FixityCheck.objects.get(pk=check.pk)


def test_a_check_reads_every_original_and_finds_it_as_it_came(archive):
    check = checked()
    archive.refresh_from_db()
    assert (check.checked, check.findings, archive.state) == (1, [], OriginalState.INTACT)
    assert archive.checked_at is not None
    assert check.finished_at is not None


def test_damage_is_told_by_the_check_the_proofs_the_record_and_to_the_archivist(archive):
    keeper = User.objects.create(username="dangan", display_name="档案员甲")
    RoleGrant.objects.create(user=keeper, role="archivist")
    changed_on_disk(archive)
    check = checked()
    archive.refresh_from_db()
    assert archive.state == OriginalState.DAMAGED
    assert [finding["sha256"] for finding in check.findings] == [archive.sha256]
    proofs = integrity.findings(["archives.originals"])
    assert len(proofs) == 1
    assert "批复.pdf" in str(proofs[0])
    assert AuditEntry.objects.filter(action="archives.original_damaged").count() == 1
    while deliver_waiting():
        pass
    message = Message.objects.get(recipient=keeper)
    assert "批复.pdf" in message.title
    checked()
    assert AuditEntry.objects.filter(action="archives.original_damaged").count() == 1, "told once"
    assert OutboxMessage.objects.filter(topic="archives.original_damaged").count() == 1


def test_a_damaged_original_is_restored_from_a_backup_with_proof(archive, tmp_path):
    backup = tmp_path / "backup"
    content = changed_on_disk(archive)
    checked()
    copy = backup / "archive" / "originals" / name_of(archive.sha256)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(content[:-1])
    with pytest.raises(Refused, match="也已损坏"):
        restore_original(actor=ARCHIVIST, original_id=archive.pk, copy=copies_in(backup, [archive])[archive.pk])
    copy.write_bytes(content)
    restore_original(actor=ARCHIVIST, original_id=archive.pk, copy=copy)
    archive.refresh_from_db()
    assert archive.state == OriginalState.INTACT
    assert not integrity.findings(["archives.originals"])
    assert FixityCheck.objects.get(scope="restored").findings[0]["words"] == "已从备份恢复"
    with pytest.raises(Refused, match="不需要恢复"):
        restore_original(actor=ARCHIVIST, original_id=archive.pk, copy=copy)


def test_a_backup_without_the_original_restores_nothing(archive, tmp_path):
    changed_on_disk(archive)
    assert copies_in(tmp_path / "nowhere", [archive]) == {}
    with pytest.raises(Refused, match="备份中没有"):
        restore_original(actor=ARCHIVIST, original_id=archive.pk, copy=tmp_path / "absent")


def test_originals_have_their_turn_when_their_time_has_come(archive):
    assert check_due(timezone.localdate()) is None, "what has just come is not due"
    past = timezone.now() - timedelta(days=91)
    Original.objects.update(checked_at=past)
    told = check_due(timezone.localdate())
    assert told is not None
    jobs.run_waiting()
    check = FixityCheck.objects.get(pk=told["check"])
    assert (check.scope, check.checked) == ("due", 1)
    assert check_due(timezone.localdate()) is None


def test_what_was_destroyed_by_an_appraisal_is_not_missed(archive):
    originals().destroy(archive.sha256)
    Original.objects.update(state=OriginalState.DISPOSED)
    assert checked().checked == 0
    assert not integrity.findings(["archives.originals"])


def test_what_is_destroyed_while_a_check_reads_it_stays_destroyed(archive):
    check = check_originals(actor=ARCHIVIST)
    Original.objects.update(state=OriginalState.DISPOSED)
    for state in (OriginalState.INTACT, OriginalState.MISSING):
        note_reads(actor=ARCHIVIST, check_id=check.pk, reads=[Read(archive.pk, state)])
        assert Original.objects.get().state == OriginalState.DISPOSED
    check.refresh_from_db()
    assert check.findings == []
    assert not OutboxMessage.objects.filter(topic="archives.original_damaged").exists()


def test_what_was_destroyed_is_not_brought_back_from_a_backup(archive, tmp_path):
    copy = tmp_path / "copy"
    with originals().open(archive.sha256) as stream:
        copy.write_bytes(stream.read())
    originals().destroy(archive.sha256)
    Original.objects.update(state=OriginalState.DISPOSED)
    with pytest.raises(Refused, match="已依规销毁"):
        restore_original(actor=ARCHIVIST, original_id=archive.pk, copy=copy)
    assert not originals().exists(archive.sha256)


def test_a_check_taken_up_again_does_not_read_what_it_has_read(archive):
    check = check_originals(actor=ARCHIVIST)
    note_reads(actor=ARCHIVIST, check_id=check.pk, reads=[Read(archive.pk, OriginalState.INTACT)])
    jobs.run_waiting()
    check.refresh_from_db()
    assert check.checked == 1


def test_only_one_check_at_a_time_and_only_by_who_keeps_the_archive(archive, tmp_path):
    check_originals(actor=ARCHIVIST)
    with pytest.raises(Refused, match="正在进行"):
        check_originals(actor=ARCHIVIST)
    with pytest.raises(Refused, match="范围"):
        check_originals(actor=ARCHIVIST, scope="some")
    with pytest.raises(Denied):
        check_originals(actor=OUTSIDER)
    with pytest.raises(Denied):
        restore_original(actor=OUTSIDER, original_id=archive.pk, copy=tmp_path)


def test_the_server_process_of_the_tests_is_a_real_one(s3_server):
    with urllib.request.urlopen(s3_server) as answer:
        assert answer.status == 200
