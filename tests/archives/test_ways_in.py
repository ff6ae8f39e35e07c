"""How files come: over the web in pieces, by the watched folder, by the command, past the scanner."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.archives.jobs import dropbox
from bianzhi.archives.models import Batch, Channel, FileState, FixityCheck, IncomingFile, Item, Original
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.ingest import open_batch, receive_file
from bianzhi.archives.storage import archive_home, name_of
from bianzhi.common import jobs
from bianzhi.common.jobs.context import Interrupted, JobContext
from bianzhi.intake.malware import TooLarge, found_in
from tests.accounts.people import CONSOLE, account, signed_in
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, bring, fonds, only_file, taken, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path, one_workshop) -> Path:
    settings.HOME = tmp_path
    return tmp_path


# --- over the web ------------------------------------------------------------------------------------------------


@pytest.fixture
def archivist(db: None) -> User:
    user = account("dangan")
    grant_role(actor=CONSOLE, user_id=user.pk, role="archivist", organization_id=None)
    return user


def post(client: Client, url: str, told: Any) -> Any:
    return client.post(url, json.dumps(told), content_type="application/json")


def send(client: Client, key: str, data: bytes, offset: int) -> Any:
    url = reverse("archives:upload-chunk", args=[key])
    return client.post(url, data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)})


def test_a_file_sent_in_pieces_goes_on_where_the_server_says_and_is_worked_on(archivist):
    client, content = signed_in(archivist), papers.approval()
    batch = bring({})
    begin = reverse("archives:upload")
    told = {"batch": batch.pk, "name": "批复.pdf", "size": len(content), "key": "k1"}
    assert post(client, begin, told).json() == {
        "key": "k1",
        "received": 0,
        "size": len(content),
        "state": "receiving",
    }
    assert send(client, "k1", content[:5000], 0).json()["received"] == 5000
    wrong = send(client, "k1", content[9000:], 9000)
    assert (wrong.status_code, wrong.json()["received"]) == (409, 5000)
    assert post(client, begin, told).json()["received"] == 5000
    assert client.get(reverse("archives:upload-chunk", args=["k1"])).json()["received"] == 5000
    assert send(client, "k1", content[5000:], 5000).json()["state"] == "received"
    started = post(client, reverse("archives:upload-start"), {"batch": batch.pk}).json()
    assert started["files"][0]["name"] == "批复.pdf"
    jobs.run_waiting()
    assert Item.objects.get().title == "批复"


def test_an_upload_is_refused_in_words(archivist):
    client, batch = signed_in(archivist), bring({})
    begin = reverse("archives:upload")
    secret = post(client, begin, {"batch": batch.pk, "name": "秘密.pdf", "size": 9})
    assert (secret.status_code, "R27" in secret.json()["reason"] or "秘密" in secret.json()["reason"]) == (422, True)
    assert post(client, begin, {"batch": 987654, "name": "a.pdf", "size": 9}).status_code == 404
    assert post(client, begin, {"batch": "x", "size": 9}).status_code == 400
    assert client.post(begin, "no json", content_type="application/json").status_code == 400
    post(client, begin, {"batch": batch.pk, "name": "a.pdf", "size": 9, "key": "k2"})
    assert send(client, "k2", b"x" * 10, 0).status_code == 422
    assert client.post(reverse("archives:upload-chunk", args=["k2"]), b"x", content_type="a/b").status_code == 400
    assert client.get(reverse("archives:upload-chunk", args=["unknown"])).status_code == 404
    assert post(client, reverse("archives:upload-start"), {"batch": batch.pk}).status_code == 422


def test_who_does_not_keep_the_archive_uploads_nothing(cast):
    user = account("jingban")
    grant_role(actor=CONSOLE, user_id=user.pk, role="unit_clerk", organization_id=cast.bureau.pk)
    client = signed_in(user)
    assert post(client, reverse("archives:upload"), {"batch": bring({}).pk, "name": "a", "size": 1}).status_code == 403
    assert client.get(reverse("archives:originals")).status_code == 403


def test_originals_are_checked_from_their_page(archivist):
    taken({"批复.pdf": papers.approval()})
    client = signed_in(archivist)
    path = archive_home() / "originals" / name_of(Original.objects.get().sha256)
    path.chmod(0o600)
    path.write_bytes(b"x")
    client.post(reverse("archives:originals_check"))
    jobs.run_waiting()
    shown = client.get(reverse("archives:originals")).content.decode()
    assert "1 件原件与登记的摘要不符" in shown
    assert "批复.pdf" in shown
    assert FixityCheck.objects.get().asked_by == archivist


# --- the watched folder ------------------------------------------------------------------------------------------


def drop(name: str, content: bytes, *, quiet: bool = True) -> Path:
    place = dropbox.folder() / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    if quiet:
        past = time.time() - 60
        os.utime(place, (past, past))
    return place


def test_finished_files_of_the_watched_folder_become_a_batch_and_are_moved_aside():
    fonds()
    done = drop("2026年/批复.pdf", papers.approval())
    drop("还在写.pdf", papers.approval(2), quiet=False)
    drop("一半.pdf.part", papers.approval(3))
    assert dropbox.look()
    assert not dropbox.look(), "asked for once"
    jobs.run_waiting()
    batch = Batch.objects.get()
    assert (batch.channel, batch.state) == (Channel.FOLDER, "waiting")
    assert list(batch.files.values_list("name", "state")) == [("2026年/批复.pdf", FileState.DONE)]
    assert not done.exists()
    assert [path.name.endswith("批复.pdf.sealed") for path in (done.parent / "done").iterdir()] == [True]
    assert not dropbox.look()


def test_what_could_not_be_moved_aside_opens_no_batch_until_it_can():
    fonds()
    dropped = drop("2026年/批复.pdf", papers.approval())
    (dropped.parent / "done").write_text("a file where a folder should be")
    assert not dropbox.look()
    assert not Batch.objects.exists()
    (dropped.parent / "done").unlink()
    assert dropbox.look()
    jobs.run_waiting()
    assert Batch.objects.get().files.count() == 1


def test_what_is_not_received_is_moved_to_refused_with_the_reason():
    fonds()
    secret = drop("某件（机密）.pdf", papers.approval())
    link = dropbox.folder() / "链接.pdf"
    link.symlink_to("/etc/passwd")
    os.utime(link, (1, 1), follow_symlinks=False)
    assert dropbox.look()
    jobs.run_waiting()
    refused = secret.parent / "refused"
    reasons = "".join(path.read_text("utf-8") for path in refused.glob("*.原因.txt"))
    assert "机密" in reasons
    assert "链接" in reasons
    assert not IncomingFile.objects.exists()


def test_with_several_fonds_a_file_must_lie_in_the_folder_of_one():
    fonds()
    set_up(actor=ARCHIVIST, number="330698", name="另一全宗")
    drop("330698/批复.pdf", papers.approval())
    homeless = drop("无主.pdf", papers.approval(2))
    assert dropbox.look()
    jobs.run_waiting()
    assert Batch.objects.get().fonds.number == "330698"
    assert homeless.exists()


def test_without_a_fonds_nothing_is_taken():
    drop("批复.pdf", papers.approval())
    assert not dropbox.look()


class Stopped:
    """The context of a job that is stopped before its second file."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        if done:
            raise Interrupted


def test_stopped_between_two_files_what_was_received_is_worked_on_and_the_rest_is_taken_later():
    fonds()
    for number in (1, 2):
        drop(f"批复{number}.pdf", papers.approval(number))
    with pytest.raises(Interrupted):
        dropbox.take(cast("JobContext", Stopped()))
    assert [path.name for path in dropbox.folder().glob("*.pdf")] == ["批复2.pdf"]
    jobs.run_waiting()
    assert list(IncomingFile.objects.values_list("name", "state")) == [("批复1.pdf", FileState.DONE)]
    assert dropbox.look()
    jobs.run_waiting()
    assert Item.objects.count() == 2


def test_what_a_killed_process_received_is_started_with_the_next_taking_and_nothing_else_is():
    left = bring({"批复1.pdf": papers.approval(1)}, channel=Channel.FOLDER)
    empty = bring({}, channel=Channel.FOLDER)
    uploading = bring({"批复2.pdf": papers.approval(2)})
    drop("批复3.pdf", papers.approval(3))
    assert dropbox.look()
    jobs.run_waiting()
    states = dict(Batch.objects.values_list("pk", "state"))
    assert states[left.pk] == "waiting"
    assert states[empty.pk] == states[uploading.pk] == "open"
    assert left.files.get().state == FileState.DONE
    assert sorted(states.values()) == ["open", "open", "waiting", "waiting"]


# --- the command -------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[dict[str, Any], int]:
    out = io.StringIO()
    try:
        call_command("archive", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        return json.loads(out.getvalue() or "{}"), int(end.code or 0)
    return json.loads(out.getvalue()), 0


def test_a_folder_is_taken_in_by_the_command_without_a_server(tmp_path):
    folder = tmp_path / "scans" / "财政局"
    folder.mkdir(parents=True)
    (folder / "批复.pdf").write_bytes(papers.approval())
    told, code = run("ingest", str(folder.parent), "--fonds", "330699", "--fonds-name", "测试编办", "--json")
    assert code == 0
    assert told["counts"] == {"done": 1}
    assert told["files"][0]["name"] == "财政局/批复.pdf"
    assert told["files"][0]["items"] == [Item.objects.get().pk]
    assert Batch.objects.get().channel == Channel.COMMAND
    again, code = run("ingest", str(folder.parent), "--json")
    assert (again["counts"], code) == ({"duplicate": 1}, 0)


def test_the_command_tells_what_was_not_taken_and_ends_with_one(tmp_path):
    fonds()
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "坏.pdf").write_bytes(b"%PDF-1.4")
    (folder / "机密件.pdf").write_bytes(papers.approval())
    told, code = run("ingest", str(folder), "--json")
    assert code == 1
    assert told["counts"] == {"refused": 1}
    assert [each["name"] for each in told["not_received"]] == ["机密件.pdf"]
    assert run("ingest", str(tmp_path / "nowhere"))[1] == 2


def test_the_command_restores_what_is_damaged_from_a_backup(tmp_path):
    taken({"批复.pdf": papers.approval()})
    sha256 = Original.objects.get().sha256
    path = archive_home() / "originals" / name_of(sha256)
    backup = tmp_path / "backup" / name_of(sha256)
    backup.parent.mkdir(parents=True)
    backup.write_bytes(path.read_bytes())
    path.chmod(0o600)
    path.write_bytes(b"x")
    told, code = run("restore", str(tmp_path / "backup"), "--json")
    assert (told["restored"], told["damaged"], code) == ([sha256], [], 0)
    path.chmod(0o600)
    path.write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    told, code = run("restore", str(tmp_path / "empty"), "--json")
    assert (told["restored"], len(told["damaged"]), code) == ([], 1, 1)


# --- the scanner -------------------------------------------------------------------------------------------------


@pytest.fixture
def clamd(settings) -> Iterator[list[bytes]]:
    """Something that speaks clamd's INSTREAM on a socket: finds whatever contains EICAR."""
    server = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link, link.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                seen.append(content)
                link.sendall(b"stream: Eicar-Test FOUND\0" if b"EICAR" in content else b"stream: OK\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"
    yield seen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_every_byte_of_every_file_goes_past_the_scanner_and_what_it_finds_is_refused(clamd):
    batch = taken({"批复.pdf": papers.approval(), "毒.txt": b"EICAR"})
    assert sorted(clamd) == sorted([papers.approval(), b"EICAR"])
    refused = batch.files.get(name="毒.txt")
    assert (refused.state, refused.stage, refused.retryable) == (FileState.REFUSED, "scan", False)
    assert "Eicar-Test" in refused.reason
    assert batch.files.get(name="批复.pdf").stages.get(stage="scan").facts == {"scanner": "clamd"}


def test_a_file_the_scanner_takes_none_of_its_size_of_is_not_let_through(settings, tmp_path):
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"

    def serve() -> None:
        link, _ = server.accept()
        with link:
            link.recv(100)
            link.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            time.sleep(0.2)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(TooLarge, match="StreamMaxLength"):
        found_in(tmp_path / "a")
    thread.join(5)
    server.close()


# --- 件 divided by separators ------------------------------------------------------------------------------------


def test_a_stack_is_divided_at_its_blank_pages():
    batch = open_batch(actor=ARCHIVIST, title="一叠", channel="upload", fonds_id=fonds().pk, splitting="blank")
    stack = papers.typed("关于甲事的批复", "#[]", "关于乙事的批复", "第二页")
    receive_file(actor=ARCHIVIST, batch_id=batch.pk, name="一叠.pdf", content=stack)
    work(batch)
    items = list(Item.objects.order_by("pk"))
    assert [(item.title, item.page_count) for item in items] == [("一叠（1）", 1), ("一叠（2）", 2)]
    assert [page.source_page for page in items[1].pages.order_by("number")] == [3, 4]
    assert "乙事" in items[1].pages.get(number=1).text
    assert [(file.first_page, file.last_page) for file in items[1].files.all()] == [(3, 4)]
    assert only_file(batch).state == FileState.DONE
