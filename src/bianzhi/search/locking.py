"""Who may write to an index that lies on a server: one process among all that share the database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from bianzhi.fulltext.backend import IndexBusy
from bianzhi.fulltext.locking import STEP, only_one

INDEX_LOCK: Final = 0x62_7A_73_78
"""The advisory lock of writers: "bzsx"."""


@contextmanager
def one_writer(wait: float) -> Iterator[None]:
    """Be the only writer; on PostgreSQL to the end of the transaction. Raises IndexBusy after `wait` seconds.

    With SQLite all processes are on one machine, and a lock of the database would stand in the way of every page.
    """
    if connection.vendor != "postgresql":
        with only_one(Path(settings.SEARCH_ROOT) / "writer.lock", wait=wait):
            yield
        return
    until = time.monotonic() + wait
    with transaction.atomic():
        while not _take():
            if time.monotonic() >= until:
                raise IndexBusy("advisory lock")
            time.sleep(STEP)
        yield


def _take() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [INDEX_LOCK])
        return bool(cursor.fetchone()[0])
