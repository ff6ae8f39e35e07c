"""The one gate for files from outside: what passes, what is refused and put aside, what is held for a scanner."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import xlwt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.field_keys import establish
from bianzhi.intake import gate, quarantine
from bianzhi.intake.gate import Held, Wanted
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.recognition.workshop import Ceilings
from tests.accounts.people import account, signed_in
from tests.archives import papers
from tests.intake.scanner import free_port, pretended_clamd

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ENTITY = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
pytestmark = pytest.mark.django_db
SENDER = System("测试")
CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.CLAMAV = ""
    settings.FIELD_KEYS = tmp_path / "keys" / "fields.json"
    establish(anything_sealed=lambda: False)
    gate.forget_passed()
    return tmp_path


def look_at(content: bytes | Path, name: str, wanted: Wanted = Wanted.PAPERS) -> str:
    return gate.look_at(content, name, wanted, actor=SENDER)


def workbook(**parts: bytes) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["单位名称", "编制数"])
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file, "a") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("名册").write(0, 0, "姓名")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return file.getvalue()


def refused(content: bytes, name: str, wanted: Wanted = Wanted.PAPERS) -> str:
    with pytest.raises(Refused) as refusal:
        look_at(content, name, wanted)
    assert refusal.value.codes == [gate.HARMFUL]
    return str(refusal.value)


@cache
def harmful(number: int = 0) -> bytes:
    return workbook(**{"xl__vbaProject.bin": b"macro %d" % number})


def contents(home: Path) -> list[Path]:
    return sorted((home / "quarantine" / "content").glob("*"))


def record_of_refusals() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="intake.file_refused").order_by("seq"))


def put_aside() -> list[quarantine.Isolated]:
    return list(quarantine.isolated(clock.now() - timedelta(hours=1)))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (papers.approval(), "批复.pdf", "pdf"),
        ("请示全文".encode(), "请示.txt", "txt"),
        (workbook(), "名册.xlsx", "xlsx"),
        (old_workbook(), "名册.xls", "xls"),
    ],
)
def test_a_sound_paper_passes_and_nothing_is_put_aside(content, name, code):
    assert look_at(content, name) == code
    assert put_aside() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook(), "xlsx"),
        (old_workbook(), "xls"),
        ("姓名,单位\r\n甲,财政局\r\n".encode("gb18030"), "csv"),
        ("姓名\t单位\r\n".encode("utf-16"), "csv"),
        (b"PAR1" + b"\0" * 40 + b"PAR1", "parquet"),
    ],
)
def test_a_table_is_told_by_its_content_whatever_its_name_says(content, code):
    assert look_at(content, "10月名册.xls", Wanted.TABLES) == code


def test_a_workbook_with_macros_is_refused_in_words_and_put_aside():
    content = workbook(**{"xl__vbaProject.bin": b"macro"})
    for wanted in Wanted:
        said = refused(content, "名册.xlsx", wanted)
        assert "内含宏" in said
        assert "“名册.xlsx”不能接收" in said
    [first, second] = put_aside()
    assert (first.sha256, first.suffix, first.size) == (second.sha256, ".xlsx", len(content))


@pytest.mark.parametrize(
    ("content", "name", "wanted", "words"),
    [
        (b"MZ\x90\x00" + b"\0" * 90, "请示.txt", Wanted.PAPERS, "程序"),
        (b"#!/bin/sh\nrm -rf /\n", "名册.csv", Wanted.TABLES, "程序或命令"),
        (b"a,b\r\n<script>alert(1)</script>\r\n", "名册.csv", Wanted.TABLES, "网页脚本"),
        (b"<html><script>alert(1)</script>", "说明.txt", Wanted.PAPERS, "网页或脚本"),
        (papers.approval(), "批复.docx", Wanted.PAPERS, "内容却是 PDF"),
        (workbook(**{"xl__x.xml": ENTITY}), "a.xlsx", Wanted.TABLES, "外部实体"),
        (zipped("word/document.xml", b"0" * 60_000_000), "a.xlsx", Wanted.TABLES, "压缩炸弹"),
    ],
)  # fmt: skip
def test_what_could_do_harm_is_refused_and_put_aside(content, name, wanted, words):
    assert words in refused(content, name, wanted)
    [one] = put_aside()
    assert words in one.reason


@pytest.mark.parametrize(
    ("content", "name", "wanted", "words"),
    [
        (b"", "空.pdf", Wanted.PAPERS, "空文件"),
        (papers.approval()[:300], "批复.pdf", Wanted.PAPERS, "已损坏"),
    ],
)
def test_what_is_merely_unusable_is_refused_without_being_put_aside(content, name, wanted, words):
    assert words in refused(content, name, wanted)
    assert put_aside() == []


@pytest.mark.parametrize(
    "content", [b"", papers.approval(), zipped("a.txt", b"x"), b"\x00\x01\x02" * 50, workbook()[:900]]
)
def test_a_table_that_merely_cannot_be_used_is_left_to_its_reader_and_never_called_a_table(content):
    assert look_at(content, "名册.xlsx", Wanted.TABLES) == ""
    assert put_aside() == []


def test_a_table_whose_check_does_not_come_to_its_end_is_not_let_through(monkeypatch):
    monkeypatch.setattr(gate, "CEILINGS", Ceilings(address_space=2**24))
    with pytest.raises(Refused):
        look_at(workbook(), "名册.xlsx", Wanted.TABLES)


def test_what_is_put_aside_cannot_be_read_and_does_not_tell_its_name(home):
    refused(workbook(**{"xl__vbaProject.bin": b"macro"}), "张三330699198706051234.xlsx")
    [content] = contents(home)
    assert content.stat().st_mode & 0o777 == 0
    [note] = (home / "quarantine").glob("*/note.json")
    assert "张三" not in note.read_text("utf-8")
    assert "张三" not in record_of_refusals()[0].facts


def test_a_quarantine_that_cannot_be_written_changes_nothing_of_the_refusal(settings, tmp_path):
    settings.FIELD_KEYS = tmp_path / "gone.json"
    assert "内含宏" in refused(workbook(**{"xl__vbaProject.bin": b"macro"}), "a.xlsx")


def test_what_was_put_aside_long_ago_is_removed(home, monkeypatch):
    refused(harmful(1), "a.xlsx")
    refused(harmful(2), "a.xlsx")
    assert quarantine.sweep() == 0
    later = clock.now() + timedelta(days=quarantine.KEPT_DAYS + 1)
    monkeypatch.setattr("bianzhi.intake.quarantine.clock.now", lambda: later)
    refused(harmful(2), "a.xlsx")
    assert quarantine.sweep() == 2
    assert [place.name for place in contents(home)] == [put_aside()[-1].sha256]


def test_the_same_harmful_file_is_kept_once_and_noted_each_time(home):
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        refused(harmful(), name)
    assert len(put_aside()) == len(record_of_refusals()) == 3
    assert len(contents(home)) == 1


def test_a_full_quarantine_gives_up_the_oldest_contents_and_keeps_their_notes(home, monkeypatch):
    refused(harmful(1), "a.xlsx")
    [oldest] = contents(home)
    os.utime(oldest, (1, 1))
    monkeypatch.setattr(quarantine, "MOST", 2 * oldest.stat().st_size + 100)
    refused(harmful(2), "a.xlsx")
    assert len(contents(home)) == 2
    refused(harmful(3), "a.xlsx")
    assert len(contents(home)) == 2
    assert oldest not in contents(home)
    assert len(put_aside()) == 3


def test_a_refusal_is_on_record_with_the_account_that_sent_the_file():
    sender = account("jingban", "office_clerk")
    with pytest.raises(Refused):
        gate.look_at(harmful(), "名册.xlsx", actor=sender)
    [one], [entry] = put_aside(), record_of_refusals()
    assert one.account == entry.actor_id == sender.pk
    assert json.loads(entry.facts) == {
        "reason": one.reason,
        "sha256": one.sha256,
        "size": one.size,
        "suffix": ".xlsx",
    }
    look_at(workbook(), "名册.xlsx")
    assert len(record_of_refusals()) == 1


def test_a_harmful_file_sent_to_a_page_is_on_record_with_who_sent_it():
    sender = account("jingban", "office_clerk")
    file = SimpleUploadedFile("名册.xlsx", harmful())
    assert signed_in(sender).post(reverse("imports:upload"), {"file": file}).status_code == 422
    assert [entry.actor_id for entry in record_of_refusals()] == [sender.pk]


def test_a_service_that_refuses_keeps_the_refusal_a_page_has_put_on_record_and_the_note_of_its_own(home):
    @unit_of_work
    def take_in(*, actor: System) -> None:
        look_at(harmful(2), "a.xlsx")

    refused(harmful(1), "a.xlsx")
    with pytest.raises(Refused):
        take_in(actor=SENDER)
    assert (len(record_of_refusals()), len(put_aside())) == (1, 2)


def test_a_refusal_that_cannot_be_put_on_record_stays_a_refusal(monkeypatch):
    def broken(**_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(gate, "note_refusal", broken)
    assert "内含宏" in refused(harmful(), "a.xlsx")


# --- the scanner -------------------------------------------------------------------------------------------------


def test_what_the_scanner_knows_is_refused_by_its_name_and_put_aside(settings):
    with pretended_clamd() as (settings.CLAMAV, _):
        for wanted, name in ((Wanted.PAPERS, "毒.txt"), (Wanted.TABLES, "毒.csv")):
            with pytest.raises(Refused, match="Eicar-Test") as refusal:
                look_at(EICAR, name, wanted)
            assert refusal.value.codes == [gate.INFECTED]
        assert look_at("无毒".encode(), "文.txt") == "txt"
    assert [one.suffix for one in put_aside()] == [".txt", ".csv"]


def test_while_the_scanner_is_down_the_file_is_held_and_never_passed(settings):
    settings.CLAMAV = f"127.0.0.1:{free_port()}"
    with pytest.raises(Held, match="稍后重新上传"):
        look_at("无毒".encode(), "文.txt")
    assert put_aside() == []


def test_a_scanner_killed_on_the_way_holds_the_next_file_and_one_back_again_passes_it(settings):
    with pretended_clamd() as (settings.CLAMAV, process):
        assert look_at(b"1", "a.txt") == "txt"
        process.kill()
        process.wait()
        with pytest.raises(Held):
            look_at(b"2", "a.txt")
    with pretended_clamd() as (settings.CLAMAV, _):
        assert look_at(b"2", "a.txt") == "txt"


def test_a_scanner_that_answers_half_a_word_holds_the_file(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"

        def half() -> None:
            link, _ = server.accept()
            with link:
                link.recv(100)
                link.sendall(b"stream: O")

        thread = threading.Thread(target=half, daemon=True)
        thread.start()
        with pytest.raises(Held):
            look_at(b"1", "a.txt")
        thread.join(5)


def test_what_passed_is_known_for_a_while_and_not_asked_again(settings):
    with pretended_clamd() as (settings.CLAMAV, _):
        look_at(b"1", "a.txt")
    assert look_at(b"1", "a.txt") == "txt"
    with pytest.raises(Held):
        look_at(b"1", "a.csv", Wanted.TABLES)
    gate.forget_passed()
    with pytest.raises(Held):
        look_at(b"1", "a.txt")


def test_a_file_too_large_for_the_scanner_is_refused_in_words_and_not_held_for_ever(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"

        def enough() -> None:
            link, _ = server.accept()
            with link:
                link.recv(100)
                link.sendall(b"INSTREAM size limit exceeded. ERROR\0")

        thread = threading.Thread(target=enough, daemon=True)
        thread.start()
        with pytest.raises(Refused, match="超过病毒检查服务的上限") as refusal:
            look_at(b"1" * 5_000_000, "a.txt")
        thread.join(5)
    assert not isinstance(refusal.value, Held)
    assert refusal.value.codes == [gate.UNSEEN]
    assert put_aside() == []


def test_a_scanner_that_hangs_up_on_the_way_has_passed_nothing(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"

        def hasty() -> None:
            link, _ = server.accept()
            with link:
                link.recv(100)
                link.sendall(b"stream: OK\0")

        thread = threading.Thread(target=hasty, daemon=True)
        thread.start()
        with pytest.raises(Held):
            look_at(b"1" * 5_000_000, "a.txt")
        thread.join(5)


@pytest.fixture
def real_clamd(settings, tmp_path) -> Iterator[None]:
    """clamd itself with one signature of our own: none can be fetched here."""
    if not Path(CLAMD).exists():
        pytest.skip("no clamd on this machine")
    base, port = tmp_path / "signatures", free_port()
    base.mkdir()
    (base / "own.ndb").write_text(f"Bianzhi.Test:0:*:{b'bianzhi-test-signature'.hex()}\n", "utf-8")
    told = tmp_path / "clamd.conf"
    told.write_text(
        f"DatabaseDirectory {base}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n"
        f"LogFile {tmp_path / 'clamd.log'}\nUser root\n",
        "utf-8",
    )
    with subprocess.Popen([CLAMD, "-c", str(told)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            settings.CLAMAV = f"127.0.0.1:{port}"
            yield
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("clamd does not listen")


def test_clamd_itself_finds_its_signature_in_a_paper_and_inside_a_workbook(real_clamd):
    for content, wanted in (
        (b"text bianzhi-test-signature text", Wanted.PAPERS),
        (workbook(**{"xl__x.xml": b"bianzhi-test-signature"}), Wanted.TABLES),
    ):
        with pytest.raises(Refused, match=r"Bianzhi\.Test"):
            look_at(content, "a.txt" if wanted is Wanted.PAPERS else "a.xlsx", wanted)
    assert look_at(b"text", "a.txt") == "txt"
