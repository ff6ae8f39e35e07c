"""A department's system hands files to the archive: once each, with its own key, and learns what became of them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.archives.models import Batch, Channel, Fonds, IncomingFile
from bianzhi.archives.services.fonds import set_up
from bianzhi.common.models import Job
from bianzhi.exchange.models import Source
from bianzhi.exchange.rules.scopes import ARCHIVE, DELIVER
from bianzhi.exchange.services.archive_files import hand_to_archive
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from tests.exchange.interface import BUILDER, Caller, make_key, make_source

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.4 not opened here"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def fonds() -> Fonds:
    return set_up(actor=BUILDER, number="330699", name="测试区委编办")


@pytest.fixture
def hr() -> Source:
    return make_source(code="hr", department="hr", name="人社系统")


@pytest.fixture
def system(hr: Source) -> Caller:
    return Caller(make_key(hr, ARCHIVE)[1])


def sent(caller: Caller, content: bytes = CONTENT, name: str = "任免通知.pdf", **fields: str) -> Any:
    data = {"file": SimpleUploadedFile(name, content), **fields}
    return caller.client.post("/api/v1/archive/files", data, headers=caller.headers)


def test_a_file_is_taken_into_the_batch_of_the_day_and_worked_through(fonds, system):
    answer = sent(system, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["size"], told["codes"]) == ("任免通知.pdf", len(CONTENT), [])
    batch = Batch.objects.get()
    assert (batch.channel, batch.title) == (Channel.API, f"人社系统 {clock.today():%Y-%m-%d}")
    assert batch.job is not None
    assert batch.job.kind == "archives.ingest"
    sent(system, b"%PDF-1.4 another")
    assert Batch.objects.count() == 1
    assert IncomingFile.objects.count() == 2


def test_the_same_content_again_is_the_same_file(fonds, system):
    first, again = sent(system), sent(system, name="改了名.pdf")
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    assert IncomingFile.objects.count() == 1


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="one writer at a time")
def test_whether_a_file_is_there_is_asked_by_one_at_a_time(fonds, hr):
    with CaptureQueriesContext(connection) as queries:
        hand_to_archive(actor=BUILDER, source_id=hr.pk, today=clock.today(), name="任免通知.pdf", content=CONTENT)
    asked = [query["sql"] for query in queries]
    locked = next(place for place, sql in enumerate(asked) if "FOR UPDATE" in sql and "exchange_source" in sql)
    looked = next(place for place, sql in enumerate(asked) if "upload_key" in sql)
    assert locked < looked


def test_a_large_file_arrives_whole(fonds, hr):
    content = bytes(range(256)) * (9 * 2**20 // 256)
    file, was_known = hand_to_archive(
        actor=BUILDER, source_id=hr.pk, today=clock.today(), name="大文件.tif", content=content
    )
    assert not was_known
    assert (file.received, file.state) == (len(content), "received")


def test_a_file_changed_on_its_way_is_refused(fonds, system):
    answer = sent(system, sha256="0" * 64)
    assert answer.status_code == 409
    assert answer.json()["code"] == "digest_mismatch"
    assert not IncomingFile.objects.exists()


def test_a_marked_or_empty_file_is_refused_and_nothing_remains(fonds, system):
    for content, name, code in ((CONTENT, "（秘密）批复.pdf", "R27"), (b"", "空.pdf", "archives.file_size")):
        answer = sent(system, content, name)
        assert answer.status_code == 422
        assert answer.json()["code"] == code
    assert not Batch.objects.exists()
    assert not Job.objects.exists()


def test_without_a_fonds_the_office_is_named(hr, system):
    answer = sent(system)
    assert answer.status_code == 422
    assert "档案员" in answer.json()["next_step"]
    with pytest.raises(Refused, match="全宗"):
        hand_to_archive(actor=BUILDER, source_id=hr.pk, today=clock.today(), name="甲.pdf", content=CONTENT)


def test_a_key_without_the_scope_is_refused(fonds, hr):
    answer = sent(Caller(make_key(hr, DELIVER)[1]))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_system_sees_its_own_files_only(fonds, system):
    told = sent(system).json()
    assert system.get(f"archive/files/{told['id']}").json()["state"] == told["state"]
    other = Caller(make_key(make_source(code="finance", department="finance"), ARCHIVE)[1])
    assert other.get(f"archive/files/{told['id']}").status_code == 404


def test_a_key_for_the_archive_opens_nothing_else(fonds, hr, system):
    assert system.get("dispatches").status_code == 403
    assert system.post("messages", {}).status_code == 403
