"""Many writers at once leave one unbroken chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from tests.audit.sample_services import open_account

WRITERS, EACH = 6, 8


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_leave_an_unbroken_chain():
    def write(writer: int) -> None:
        try:
            for number in range(EACH):
                open_account(f"w{writer}-{number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert AuditEntry.objects.count() == WRITERS * EACH
    assert list(chain.verify_chain()) == []
    assert list(chain.verify_rows()) == []
