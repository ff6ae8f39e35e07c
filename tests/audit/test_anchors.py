"""Anchors: written after every act and every minute, kept in several places, never in the way of the work."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit import anchors, chain
from bianzhi.audit.accepting import accept_gap
from bianzhi.audit.anchors import places, proving, writing
from bianzhi.audit.anchors.lines import Anchor, Kind, Seal, read, seal_state, sealed
from bianzhi.audit.anchors.witness import WitnessServer
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.digests import hmac_sm3_hex, running_sm3, sm3_hex
from bianzhi.kernel.objections import Refused
from tests.audit.sample_services import ACTOR, open_account, rename
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
ZHANG = "0" * 64


@pytest.fixture(autouse=True)
def home(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(writing, "PAUSE", 0.0)


@pytest.fixture
def file(settings, tmp_path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "anchors.txt"
    settings.ANCHORS = [str(path)]
    return Path(path)


@pytest.fixture
def witness(settings, tmp_path):
    server = WitnessServer(("127.0.0.1", 0), tmp_path / "witnessed.txt")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.ANCHORS = [f"http://127.0.0.1:{server.server_port}/"]
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def found() -> list[str]:
    return [str(finding) for finding in anchors.verify_configured()]


# --- the line ----------------------------------------------------------------------------------------------------


def test_hmac_with_sm3_and_running_sm3_agree_with_the_library():
    from cryptography.hazmat.primitives import hashes, hmac

    for key in (b"k", b"x" * 64, b"y" * 100):
        reference = hmac.HMAC(key, hashes.SM3())
        reference.update(b"text")
        assert hmac_sm3_hex(key, b"text") == reference.finalize().hex()
    running = running_sm3()
    running.update(b"a")
    running.update(b"bc")
    assert running.hexdigest() == sm3_hex(b"abc")


def test_a_line_carries_number_hash_time_kind_and_a_seal_of_this_platform():
    anchor = sealed(7, ZHANG, timezone.localtime(), Kind.ACT)
    assert seal_state(read(str(anchor))) is Seal.OURS


@pytest.mark.parametrize("field", ["seq", "hash", "at", "kind"])
def test_a_changed_line_no_longer_fits_its_seal(field):
    anchor = sealed(7, ZHANG, timezone.localtime(), Kind.ACT)
    other = {"seq": 8, "hash": "1" * 64, "at": timezone.localtime() - timedelta(days=1), "kind": "beat"}[field]
    facts = {name: getattr(anchor, name) for name in ("seq", "hash", "at", "kind", "seal")} | {field: other}
    assert seal_state(Anchor(**facts)) is Seal.BROKEN


def test_a_line_of_another_installation_is_told_apart_from_a_forged_one(settings, tmp_path):
    anchor = sealed(7, ZHANG, timezone.localtime(), Kind.ACT)
    settings.HOME = tmp_path / "another"
    assert seal_state(anchor) is Seal.FOREIGN


def test_a_line_copied_from_paper_needs_no_seal():
    assert seal_state(read(f"7 {ZHANG}")) is Seal.NONE


# --- writing -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_every_act_is_anchored_once_it_is_committed(file):
    for name in ("wang", "li"):
        open_account(name)
        assert anchors.flush(5)
        seq, digest = chain.head()
        newest = read(file.read_text().splitlines()[-1])
        assert (newest.seq, newest.hash, newest.kind) == (seq, digest, "act")
    assert found() == []


def test_what_is_rolled_back_is_not_anchored(file):
    open_account("wang")  # the transaction of the test is never committed
    assert anchors.flush(5)
    assert not file.exists()


@pytest.mark.django_db(transaction=True)
def test_acts_close_together_share_one_anchor(file, monkeypatch):
    monkeypatch.setattr(writing, "_heralds", {})
    monkeypatch.setattr(writing, "PAUSE", 0.5)
    for number in range(20):
        open_account(f"user{number}")
    assert anchors.flush(10)
    lines = file.read_text().splitlines()
    assert read(lines[-1]).seq == 20
    assert len(lines) < 20


def test_the_worker_writes_a_heartbeat_even_when_nothing_was_done(file):
    open_account("wang")
    assert [anchors.write(), anchors.write()] == [1, 1]
    assert [read(line).kind for line in file.read_text().splitlines()] == ["beat", "beat"]
    assert found() == []


def test_nothing_is_written_while_nothing_is_recorded(file):
    assert anchors.write() == 0


def test_a_line_torn_off_does_not_spoil_the_next(file):
    open_account("wang")
    file.write_text("1 abc")
    anchors.write()
    assert len(file.read_text().splitlines()) == 2
    assert ["不是锚点" in finding for finding in found()] == [True]


# --- a place that is down ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_place_that_is_down_is_an_alert_and_stops_nothing(settings, tmp_path, file):
    settings.ANCHORS = [str(tmp_path / "not mounted" / "anchors.txt"), str(file)]
    assert open_account("wang").pk
    assert anchors.flush(5)
    assert [place.name for place in places.down()] == [settings.ANCHORS[0]]
    assert read(file.read_text().splitlines()[-1]).seq == 1
    assert any("目前写不进" in note for note in anchors.notes())
    assert not (tmp_path / "not mounted").exists(), "an empty mount point was taken for the other mount"
    (tmp_path / "not mounted").mkdir()
    anchors.write()
    assert places.down() == []


@pytest.mark.django_db(transaction=True)
def test_a_place_that_hangs_holds_up_no_act(file, monkeypatch):
    monkeypatch.setattr(places.FilePlace, "append", lambda self, text: time.sleep(1.5))
    begun = time.monotonic()
    open_account("wang")
    assert time.monotonic() - begun < 1
    assert anchors.flush(10)


@pytest.fixture
def hung(settings, tmp_path, file, monkeypatch) -> Iterator[Event]:
    """Beside the file a place on a mount that hangs until the event is set."""
    mount, over, append = tmp_path / "elsewhere" / "hung.txt", Event(), places.FilePlace.append

    def hanging(place: places.FilePlace, text: str) -> None:
        if place.path == mount:
            over.wait(20)
        append(place, text)

    monkeypatch.setattr(places.FilePlace, "append", hanging)
    monkeypatch.setattr(writing, "PATIENCE", 0.5)
    monkeypatch.setattr(writing, "HANGS_AFTER", 0.0)
    settings.ANCHORS = [str(mount), str(file)]
    yield over
    over.set()
    assert anchors.flush(10)


def test_a_mount_that_hangs_holds_up_neither_the_heartbeat_nor_the_other_places(hung, file):
    begun = time.monotonic()
    open_account("wang")
    assert anchors.write() == 1
    open_account("li")
    assert anchors.write() == 1
    assert time.monotonic() - begun < 5
    assert [read(line).seq for line in file.read_text().splitlines()] == [1, 2]


def test_a_mount_that_hangs_is_told_of_and_not_read_until_it_answers(hung, settings):
    open_account("wang")
    anchors.write()
    anchors.write()
    assert [(place.name, places.state_of(place).error) for place in places.down()] == [
        (settings.ANCHORS[0], "没有在规定时间内应答")
    ]
    assert ["没有在规定时间内应答" in finding for finding in found()] == [True]
    with pytest.raises(TimeoutError):
        places.configured()[0].newest()
    hung.set()
    assert anchors.flush(10)
    assert anchors.write() == 2
    assert places.down() == []
    assert found() == []


def test_a_place_that_fails_in_a_way_nobody_thought_of_gets_the_next_line(file, monkeypatch):
    open_account("wang")

    def fails(self: places.FilePlace, text: str) -> None:
        raise KeyError("no such thing")

    with monkeypatch.context() as patch:
        patch.setattr(places.FilePlace, "append", fails)
        assert anchors.write() == 0
    assert anchors.write() == 1


def test_an_audit_row_that_cannot_be_written_stops_the_change(monkeypatch):
    def fails(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(AuditEntry.objects, "bulk_create", fails)
    with pytest.raises(OSError, match="disk full"):
        open_account("wang")
    assert not User.objects.filter(username="wang").exists()


# --- proving -----------------------------------------------------------------------------------------------------


def test_a_missing_file_of_anchors_is_reported(file):
    open_account("wang")
    assert ["文件不存在" in finding for finding in found()] == [True]


def test_a_forged_line_and_one_without_a_seal_are_named(file):
    open_account("wang")
    anchors.write()
    whole = file.read_text()
    seq, digest = chain.head()
    file.write_text(whole + whole.replace(" beat ", " act ") + f"{seq} {digest}\n")
    assert ["校验码不符" in finding for finding in found()] == [True, True]


def delivered_an_hour_ago() -> None:
    """As though the first line had arrived at every place then."""
    for place in places.configured():
        state = places.state_of(place)
        since = (timezone.now() - timedelta(hours=1)).isoformat()
        places._state_file(place).write_text(json.dumps({**asdict(state), "since": since}))


def test_a_place_that_holds_no_line_proves_nothing_until_its_first_heartbeat(file):
    open_account("wang")
    file.write_text("")
    assert ["没有一个可读的锚点" in finding for finding in found()] == [True]
    anchors.write()
    assert found() == []


@pytest.mark.parametrize("left", ["", "一行乱码\n"])
def test_a_place_that_was_emptied_is_told_also_when_the_next_heartbeat_came(file, left):
    open_account("wang")
    anchors.write()
    delivered_an_hour_ago()
    file.write_text(left)
    assert any("没有一个可读的锚点" in finding for finding in found())
    anchors.write()
    assert any("起写入的锚点有缺失" in finding for finding in found())
    seq, digest = chain.head()
    early = Anchor(seq, digest, timezone.localtime() - timedelta(hours=2), "beat", f"00000000:{ZHANG}")
    file.write_text(f"{early}\n{file.read_text()}")
    assert any("起写入的锚点有缺失" in finding for finding in found()), "a line of another key stands for none of ours"


def test_a_new_anchor_key_begins_anew_at_every_place(file, settings, tmp_path):
    open_account("wang")
    anchors.write()
    delivered_an_hour_ago()
    settings.ANCHOR_KEY_FILE = str(tmp_path / "other.key")
    assert found() == []
    anchors.write()
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_cut_off_a_moment_after_the_act_is_found(file):
    user = open_account("wang")
    rename(user, "wang2")
    assert anchors.flush(5)
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_rowseal WHERE entry_id = 2")
        cursor.execute("DELETE FROM audit_auditentry WHERE seq = 2")
        assert ["链尾被截断" in finding for finding in found()] == [True]


def test_the_window_that_no_anchor_covers_is_stated(file):
    open_account("wang")
    anchors.write()
    open_account("li")
    assert any("覆盖到第 1 条" in note and "还有 1 条未锚定" in note for note in anchors.notes())


def test_a_silence_in_which_acts_were_recorded_is_stated(file):
    open_account("wang")
    seq, digest = chain.head()
    now = timezone.localtime()
    early, late = sealed(seq, digest, now - timedelta(hours=1), Kind.BEAT), sealed(seq, digest, now, Kind.BEAT)
    file.write_text(f"{early}\n{late}\n")
    assert not any("没有锚点" in note for note in anchors.notes())
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET recorded_at = %s", [timezone.now() - timedelta(minutes=30)])
        assert any("没有锚点，其间有 1 条" in note for note in anchors.notes())


def test_without_places_it_is_said_that_nothing_proves_the_end(settings):
    settings.ANCHORS = []
    assert ["仅凭数据库发现不了" in note for note in anchors.notes()] == [True]


def test_many_gone_entries_are_one_finding_with_their_span(file):
    for name in ("wang", "li", "zhao"):
        open_account(name)
        anchors.write()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_rowseal WHERE entry_id > 1")
        cursor.execute("DELETE FROM audit_auditentry WHERE seq > 1")
        assert ["审计记录 2–3" in finding for finding in found()] == [True]


# --- the witness -------------------------------------------------------------------------------------------------


def test_a_witness_keeps_the_lines_and_gives_them_back(witness):
    open_account("wang")
    assert anchors.write() == 1
    assert found() == []
    assert read(places.configured()[0].newest()).seq == 1
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET hash = %s", [ZHANG])
        assert ["整体改写" in finding for finding in found()] == [True]


def test_a_witness_takes_anchors_only(witness):
    place = places.configured()[0]
    for text in ("hello", f"1 {ZHANG}\n2 {ZHANG}", "1" * 2000):
        with pytest.raises(OSError, match="HTTP Error 4"):
            place.append(text)
    with pytest.raises(FileNotFoundError):
        place.lines()


def test_a_witness_whose_file_is_gone_is_said_to_prove_nothing(witness):
    assert found() == []
    open_account("wang")
    anchors.write()
    assert found() == []
    witness.place.path.unlink()
    assert ["文件不存在" in finding for finding in found()] == [True]


def test_a_witness_that_is_switched_off_is_said_to_prove_nothing(settings):
    settings.ANCHORS = ["http://127.0.0.1:9/"]
    open_account("wang")
    assert anchors.write() == 0
    assert ["读不到" in finding for finding in found()] == [True]


@pytest.fixture
def babbling(settings) -> Iterator[None]:
    """Where the witness should be, something answers that does not speak HTTP."""

    class Babbling(BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(b"220 mail.example.org ESMTP\r\n")

    with TCPServer(("127.0.0.1", 0), Babbling) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.ANCHORS = [f"http://127.0.0.1:{server.server_address[1]}/"]
        yield
        server.shutdown()
        thread.join()


def test_a_witness_that_answers_nonsense_is_down_and_ends_no_worker(babbling):
    open_account("wang")
    assert anchors.write() == 0
    assert ["不合 HTTP 规范" in places.state_of(place).error for place in places.down()] == [True]
    assert ["读不到" in finding for finding in found()] == [True]


# --- a restored backup -------------------------------------------------------------------------------------------


def lose_the_last(cursor) -> None:
    cursor.execute("DELETE FROM audit_rowseal WHERE entry_id = 2")
    cursor.execute("DELETE FROM audit_auditentry WHERE seq = 2")
    cursor.execute("DELETE FROM accounts_user WHERE username = 'li'")


def test_a_restored_backup_is_noticed_until_somebody_answers_for_it_and_told_of_ever_after(file):
    open_account("wang")
    open_account("li")
    anchors.write()
    with tampering() as cursor:
        lose_the_last(cursor)
        assert found()
        assert accept_gap(actor=ACTOR, reason="硬盘损坏，恢复昨日备份，主任批准") == (2, 2)
        assert found() == []
        assert any("因恢复备份而缺失" in note for note in anchors.notes())
        assert chain.head()[0] == 2
        anchors.write()
        assert found() == [], "the entry that took the lost number is anchored like any other"


def test_a_gap_is_not_accepted_without_a_reason_nor_where_there_is_none(file):
    open_account("wang")
    anchors.write()
    with pytest.raises(Refused, match="原因"):
        accept_gap(actor=ACTOR, reason=" ")
    with pytest.raises(Refused, match="没有需要说明"):
        accept_gap(actor=ACTOR, reason="恢复昨日备份")


def test_anchors_written_after_the_answer_are_not_excused_by_it(file):
    open_account("wang")
    open_account("li")
    anchors.write()
    with tampering() as cursor:
        lose_the_last(cursor)
        accept_gap(actor=ACTOR, reason="恢复昨日备份")
        later = sealed(2, ZHANG, timezone.localtime() + timedelta(hours=1), Kind.ACT)
        file.write_text(file.read_text() + f"{later}\n")
        assert ["与锚点不符" in finding for finding in found()] == [True]


def test_a_line_torn_off_or_made_up_neither_hides_a_gap_nor_lengthens_it(file):
    open_account("wang")
    open_account("li")
    anchors.write()
    broken = sealed(998, ZHANG, timezone.localtime(), Kind.ACT)
    made_up = [f"999 {ZHANG}", str(replace(broken, kind="beat"))]
    file.write_bytes(b"1 ab\xff\x00\n" + file.read_bytes() + "\n".join(made_up).encode() + b"\n")
    with tampering() as cursor:
        lose_the_last(cursor)
        assert accept_gap(actor=ACTOR, reason="恢复昨日备份") == (2, 2)


def test_lines_of_another_key_are_answered_for_only_when_that_is_decided(file, settings, tmp_path):
    open_account("wang")
    open_account("li")
    anchors.write()
    settings.ANCHOR_KEY_FILE = str(tmp_path / "other.key")
    with tampering() as cursor:
        lose_the_last(cursor)
        with pytest.raises(Refused, match="1 个不符的锚点是用别的锚点密钥写下的"):
            accept_gap(actor=ACTOR, reason="恢复昨日备份")
        call_command("audit", "accept", "--reason", "恢复昨日备份", "--foreign", stdout=io.StringIO())
        assert found() == []


def test_the_command_accepts_a_gap_and_refuses_in_words(file):
    open_account("wang")
    anchors.write()
    err = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", "accept", "--reason", "恢复昨日备份", stderr=err)
    assert "没有需要说明" in err.getvalue()


def test_gaps_are_read_from_the_record_alone(file):
    assert proving.accepted_gaps() == []
