"""Made-up people go through the whole platform; then every byte it has written is searched for their numbers.

The database by columns and by files (with its journal or write-ahead log), the home with everything in it, the folder
for temporary files, logs, a set of the backup, the index of the search. What is found is named: file, or table and
column. Files at rest are looked at as they are written where BIANZHI_ENCRYPT_FILES is on.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from bianzhi.common.db.encrypted import SealedColumn
from bianzhi.common.db.sealed_columns import columns
from bianzhi.fulltext.documents import Request
from bianzhi.matters.models import Case
from bianzhi.recovery.sets.making import make
from bianzhi.search import engine
from bianzhi.search.entries import tokens_of
from tests import database_reset
from tests.archives import papers
from tests.canaries.drawn import Canary, draw
from tests.canaries.planted import Planted, plant
from tests.canaries.scanning import found_in, leaks_in_columns, leaks_in_files
from tests.cast import TODAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
FEW, MANY = 30, 1000


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for temporary files of this process and of those it starts."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setenv("TMPDIR", str(folder))
        yield folder


@pytest.fixture(scope="module", params=[FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def planted(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, temporary: Path
) -> Iterator[Planted]:
    """The platform after so many canaries have been through it, committed; taken away when the module ends."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIANZHI_TODAY", TODAY.isoformat())
        # Tests that commit are followed by a restore of what the migrations seeded; here the end of the module is.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        cache.clear()
        try:
            yield plant(draw(request.param))
        finally:
            database_reset.restore_seeded_rows()


def test_no_column_of_the_database_holds_a_canary(planted: Planted):
    assert leaks_in_columns(planted.wanted) == []


def test_no_file_of_the_database_holds_a_canary(planted: Planted):
    if connection.vendor == "sqlite":
        place = Path(connection.settings_dict["NAME"])
        files = {path.name: path.read_bytes() for path in place.parent.glob(f"{place.name}*")}
        assert place.name in files
    else:
        files = files_of_server()
    leaks = {name for name, data in files.items() if found_in(data, planted.wanted, deep=0)}
    assert not leaks


def files_of_server() -> dict[str, bytes]:
    """The heap and the write-ahead log of a PostgreSQL on this machine, on disk after a checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        )
        folder, oid = cursor.fetchone()
    root = Path(folder)
    if not os.access(root / "base", os.R_OK):
        pytest.skip("the server's files are not readable from here: columns were searched, its files were not")
    paths = [*(root / "base" / str(oid)).iterdir(), *(root / "pg_wal").iterdir()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths if path.is_file()}


def test_no_file_at_home_holds_a_canary(planted: Planted):
    assert settings.ENCRYPT_FILES, "the files are to be looked at sealed"
    assert (settings.HOME / "logs").exists()
    assert leaks_in_files(Path(settings.HOME), planted.wanted) == []


def test_nothing_is_left_in_the_folder_for_temporary_files(planted: Planted, temporary: Path):
    assert leaks_in_files(temporary, planted.wanted) == []


def test_a_set_of_the_backup_holds_no_canary(planted: Planted, tmp_path: Path):
    path, _ = make(tmp_path)
    assert sum(1 for _ in path.rglob("*")) > 3
    assert leaks_in_files(tmp_path, planted.wanted) == []


def test_the_index_knows_people_by_name_and_by_no_number(planted: Planted):
    assert hits(planted, planted.canaries[-1].name), "nobody is in the index"
    for canary in planted.canaries[:FEW]:
        for asked in (canary.number, canary.number[:17], canary.number[6:17], canary.phone):
            assert hits(planted, asked) == [], f"the index knows {asked}"


def hits(planted: Planted, text: str) -> list[str]:
    """What somebody finds who may find everything."""
    access = tokens_of(planted.archivist) | tokens_of(planted.people.office_clerk)
    return [hit.key for hit in engine.backend().search(Request(text=text, access=access)).hits]


def test_a_canary_is_found_if_a_column_is_not_sealed_and_the_column_is_named(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
):
    case = Case.objects.filter(matter="P03", instance__isnull=False).latest("pk")
    monkeypatch.setattr(SealedColumn, "_seal", lambda self, text: text)
    try:
        case.save(update_fields=["form"])
        assert leaks_in_columns(planted.wanted) == ["matters_case.form：1 个"]
    finally:
        monkeypatch.undo()
        case.save(update_fields=["form"])
    assert leaks_in_columns(planted.wanted) == []


def test_every_sealed_column_of_identity_data_was_written_to(planted: Planted):
    """Otherwise the tests above would say nothing of it. What lets accounts in is no canary's."""
    empty = [
        field.context()
        for model, field in columns()
        if model._meta.app_label != "accounts"
        and not any(getattr(row, field.attname) for row in model._base_manager.all()[:2000])
    ]
    assert empty == []


# --- the search itself -------------------------------------------------------------------------------------------


def _as_zip(data: bytes) -> bytes:
    return papers.archive({"a/b.txt": data})


def _as_parquet(data: bytes) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id_number": ["x", data.decode()]}), buffer, compression="zstd")
    return buffer.getvalue()


PACKED = {
    "as it is": lambda data: b"...\x01" + data + b"x",
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 of the other order": lambda data: data.decode().encode("utf-16-be"),
    "deflated within something": lambda data: b"%PDF stream\n" + zlib.compress(data * 3) + b"\nendstream",
    "gzip": gzip.compress,
    "a member of an archive": _as_zip,
    "an archive in an archive": lambda data: _as_zip(_as_zip(data)),
    "a column of Parquet": _as_parquet,
    "a PDF with a text layer deflated": lambda data: zlib.compress(json.dumps({"text": data.decode()}).encode()),
}


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_a_canary_is_found_however_it_is_packed(pack: Any):
    canary, other = draw(2)
    data = pack(f"身份证{canary.number}，{canary.phone}".encode())
    assert found_in(data, canary.marks) == canary.marks
    assert found_in(data, other.marks) == set()


def test_a_number_that_runs_on_from_other_digits_is_found():
    canary: Canary = draw(1)[0]
    assert canary.number[:17].encode() in found_in(f"1330699{canary.number}9".encode(), canary.marks)


def test_a_file_is_named_by_its_place(tmp_path: Path):
    canary = draw(1)[0]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "server.log").write_text(canary.number)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as package:
        package.writestr("x", "nothing")
    assert leaks_in_files(tmp_path, canary.marks) == ["logs/server.log：1 个"]
