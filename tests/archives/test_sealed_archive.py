"""The archive at rest: nothing it keeps lies plain, and every way of looking at it works on what is sealed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image

from bianzhi.archives import derivatives, quarantine
from bianzhi.archives.models import Item, Original, OriginalState
from bianzhi.archives.services.fixity import check_originals
from bianzhi.archives.services.receiving import append_chunk, begin_upload
from bianzhi.archives.storage import Bucket, OriginalStore, archive_home, name_of, originals
from bianzhi.common import field_keys, jobs, sealed_files, sealed_places
from bianzhi.common.models import Job, JobState
from bianzhi.config.archive_storage import bucket
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile, read_head
from tests.accounts.people import account, signed_in
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, bring, taken, work
from tests.archives.test_originals import kept, s3_server  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_workshop")]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.FIELD_KEYS = tmp_path / "keys" / "fields.json"
    settings.ENCRYPT_FILES = True
    field_keys.establish(anything_sealed=lambda: False)
    return tmp_path


def plain_files(home: Path) -> list[str]:
    """What lies plain in the archive."""
    found = [path for path in (home / "archive").rglob("*") if path.is_file() and not sealed_files.is_sealed(path)]
    return [str(path.relative_to(home)) for path in found]


def left_in_work(home: Path) -> list[str]:
    return [path.name for path in (home / "work").rglob("*") if path.is_file() and path.name != ".lock"]


def flip(place: Path, at: int = -100) -> None:
    content = bytearray(place.read_bytes())
    content[at] ^= 1
    place.chmod(0o600)
    place.write_bytes(content)


@pytest.fixture
def item() -> Item:
    """A scan that was read and drawn."""
    taken({"批复.pdf": papers.approval()})
    return Item.objects.get()


def test_originals_page_images_and_words_lie_sealed_and_nothing_is_left_over(item, home):
    assert item.page_count == 2
    assert plain_files(home) == []
    assert left_in_work(home) == []
    names = {path.name.partition("-")[0] for path in (home / "archive" / "derivatives").rglob("*") if path.is_file()}
    assert names == {"page", "words"}
    original = Original.objects.get()
    assert original.size == len(papers.approval())
    assert originals().verify(original.sha256, original.sm3) is OriginalState.INTACT


def test_refused_and_waiting_files_lie_sealed_in_quarantine(home):
    taken({"坏.pdf": b"%PDF-1.7 \x00" * 50, "假.docx": b"MZ\x90"})
    bring({"等.pdf": papers.approval(3)})
    assert len(list((home / "archive" / "quarantine").glob("*/content"))) == 3
    assert plain_files(home) == []


def test_pieces_of_a_file_lie_sealed_and_become_one(home):
    content = os.urandom(300_000)
    batch = bring({})
    file = begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.bin", size=len(content))
    for start, end in ((0, 100_000), (100_000, 200_000), (150_000, 220_000), (200_001, 210_000), (220_000, 300_000)):
        append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=start, data=content[start:end])
        assert plain_files(home) == []
    quarantine.join(file.pk)
    quarantine.join(file.pk)
    with quarantine.open_content(file.pk) as stream:
        assert stream.read() == content
    assert [path.name for path in quarantine.folder_of(file.pk).iterdir()] == ["content"]
    flip(quarantine.content_of(file.pk))
    with pytest.raises(BrokenSeal):
        quarantine.open_content(file.pk)


def test_a_marked_file_is_withheld_sealed(home):
    content = papers.typed("中共测试区委文件\n机密★10年\n关于某事的批复", "第二页")
    batch = work(bring({"批复.pdf": content}))
    place = home / "archive" / "withheld" / str(batch.files.get().pk)
    place.chmod(0o600)
    assert sealed_files.is_sealed(place)
    assert "机密".encode() not in place.read_bytes()


def test_parts_of_the_searchable_pdf_and_tiles_are_those_of_the_plain_ones(item, home):
    client = signed_in(account("archivist", "archivist"))
    address = reverse("archives:pdf", args=[item.pk])
    whole = client.get(address).getvalue()
    assert whole == papers.approval()
    for first, last in ((0, 99), (5_000, 70_000), (len(whole) - 1_024, len(whole) - 1)):
        part = client.get(address, headers={"Range": f"bytes={first}-{last}"})
        assert (part.status_code, part.getvalue()) == (206, whole[first : last + 1])
    assert client.get(reverse("archives:picture", args=[item.pk, 1, "m"])).status_code == 200
    assert client.get(reverse("archives:tile", args=[item.pk, 1, 0, 0, 0])).status_code == 200
    file = item.files.get()
    download = client.post(reverse("archives:original", args=[item.pk, file.pk]))
    assert (download["Content-Length"], download.getvalue()) == (str(len(whole)), whole)
    assert plain_files(home) == []
    assert left_in_work(home) == []


def test_a_scan_becomes_a_searchable_pdf_that_lies_sealed(home):
    taken({"扫描.png": papers.picture()})
    path = derivatives.searchable_pdf(Item.objects.get())
    assert path is not None
    with derivatives.open_made(path) as stream:
        assert stream.read(5) == b"%PDF-"
    assert plain_files(home) == []


def test_a_damaged_page_image_is_drawn_anew_and_damaged_words_are_read_anew(item):
    page = item.pages.select_related("file__original").get(number=1)
    flip(derivatives.page_image(page))
    with derivatives.open_image(page) as stream, Image.open(stream) as image:
        assert image.width == derivatives.USUAL
    before = derivatives.page_words(page)
    flip(derivatives.words_folder(page.file.original.sha256) / "words-00001.json")
    assert derivatives.words_of(page.file.original.sha256, 1) is None
    assert derivatives.page_words(page) == before


def test_a_changed_byte_of_an_original_is_refused_everywhere_and_told(item):
    original = Original.objects.get()
    flip(archive_home() / "originals" / name_of(original.sha256), 3_000)
    assert originals().verify(original.sha256) is OriginalState.DAMAGED
    client = signed_in(account("archivist", "archivist"))
    assert client.post(reverse("archives:original", args=[item.pk, item.files.get().pk])).status_code == 404
    derivatives.forget(original.sha256)
    assert client.get(reverse("archives:picture", args=[item.pk, 1, "m"])).status_code == 404


def test_a_missing_key_says_nothing_of_the_original(item):
    keys = field_keys.keyring()
    field_keys.replace_keys(keys.rotated().without(keys.current))
    asked = check_originals(actor=ARCHIVIST)
    jobs.run_waiting()
    assert asked.job_id is not None
    job = Job.objects.get(pk=asked.job_id)
    assert job.state == JobState.FAILED
    assert keys.current.hex() in job.error
    assert Original.objects.get().state == OriginalState.INTACT
    with pytest.raises(LockedFile):
        originals().verify(Original.objects.get().sha256)


def test_originals_of_earlier_are_shown_as_before_and_sealed_when_asked_for(settings, home):
    settings.ENCRYPT_FILES = False
    taken({"批复.pdf": papers.approval()})
    assert len(plain_files(home)) == 7
    settings.ENCRYPT_FILES = True
    item = Item.objects.get()
    client = signed_in(account("archivist", "archivist"))
    assert client.get(reverse("archives:picture", args=[item.pk, 1, "m"])).status_code == 200
    for place in sealed_places.registered():
        sealed_places.move(place, lambda label, looked_at, moved: None)
    assert plain_files(home) == []
    assert client.get(reverse("archives:picture", args=[item.pk, 2, "m"])).status_code == 200
    original = Original.objects.get()
    assert originals().verify(original.sha256, original.sm3) is OriginalState.INTACT
    assert (archive_home() / "originals" / name_of(original.sha256)).stat().st_mode & 0o777 == 0o400


def test_originals_in_a_bucket_lie_sealed_and_move_to_another_key(s3_server, tmp_path):  # noqa: F811
    name = f"sealed{time.time_ns()}"
    place = Bucket(bucket("X", f"{s3_server.replace('://', '://key:secret@')}/{name}?region=us-east-1"))
    place._storage.connection.create_bucket(Bucket=name)
    store = OriginalStore(place)
    content = os.urandom(200_000)
    sha256 = kept(store, tmp_path, content)

    def stored() -> bytes:
        with place.open(name_of(sha256)) as stream:
            return stream.read()

    assert content[:100] not in stored()
    with store.open(sha256) as stream:
        stream.seek(150_000)
        assert stream.read(10) == content[150_000:150_010]
    before = stored()
    field_keys.replace_keys(field_keys.keyring().rotated())
    bucketful = sealed_places.Place("桶", store.every)
    assert sealed_places.move(bucketful, lambda label, looked_at, moved: None) == 1
    assert sealed_places.move(bucketful, lambda label, looked_at, moved: None) == 0
    assert stored() != before
    with place.open(name_of(sha256)) as stream:
        assert read_head(stream).key_id == field_keys.keyring().current
    assert store.verify(sha256) is OriginalState.INTACT
