"""kill -9 while people write through the pages: what was acknowledged is there, nothing by half, and all proofs hold.

Server and worker die in every round, on PostgreSQL every third time the database server with all its processes too.
The page cache of the machine survives a killed process: this proves nothing of a power cut.
200 rounds for each engine with --all; `BIANZHI_KILL_ROUNDS` says another number.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.ingest import open_batch
from bianzhi.audit.actors import System
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.installing import install_matters
from bianzhi.matters.services.submitting import submit_case
from tests.accounts.people import account
from tests.cast import TODAY, assemble
from tests.matters.people import gather
from tests.postgres import NoServer
from tests.proofs import writers
from tests.proofs.cluster import durable_cluster
from tests.proofs.installation import Installation, copy_of_this_database
from tests.proofs.writers import Ack, Crowd, Notebook
from tests.walk.supervised import FOUND

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and process groups"),
]

SOME, ALL = 2, int(os.environ.get("BIANZHI_KILL_ROUNDS", "200"))
PROVEN_EVERY = 20
"""Rounds after which `check` goes through the whole register; the acknowledged writes are looked for in every round."""
FOUND_BY = {
    "notice": ("office.notice", "title = %s"),
    "document": ("documents.approvaldocument", "title = %s"),
    "entry": ("ledger.ledgerentry", "summary = %s"),
    "opinion": ("workflow.flowopinion", "text LIKE %s"),
    "upload": ("archives.incomingfile", "name = %s"),
    "application": ("matters.case", "id = %s"),
}
ON_RECORD = {
    "application": "SELECT 1 FROM audit_auditentry WHERE subject_kind = %s AND subject_id = CAST(%s AS varchar(40))",
    "upload": "",
}
"""How a write stands in the record where no seal of its row does. A file that was handed in is on record once it was
taken or refused, not before."""
SEAL = "SELECT 1 FROM audit_rowseal WHERE kind = %s AND object_id = %s"


@pytest.fixture
def sessions(transactional_db: None) -> dict[str, str]:
    """The people, their units, a case and a batch in the test database, committed; everybody is logged in."""
    cast = assemble()
    people = gather(cast)
    archivist = account("archivist", "archivist")
    install_matters(actor=System("安装"), only=("P13",))
    facts = {**FOUND, "found_on": TODAY.isoformat()}
    unit = cast.bureau.pk
    case = begin_case(actor=people.supervision, matter="P13", organization_id=unit, form=facts, today=TODAY)
    case = submit_case(actor=people.supervision, case_id=case.pk, today=TODAY).case
    fonds = set_up(actor=System("测试"), number="330699", name="测试区委编办")
    batch = open_batch(actor=archivist, title="测试批次", channel="upload", fonds_id=fonds.pk)
    writers.UNIT[:], writers.CASE[:] = [str(unit)], [str(case.instance_id)]
    writers.READER[:], writers.BATCH[:] = [str(people.deputy.pk)], [str(batch.pk)]
    return {
        name: _logged_in(user)
        for name, user in {
            "director": people.director,
            "supervision": people.supervision,
            "archivist": archivist,
        }.items()
    }


def _logged_in(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


@pytest.fixture
def installation(sessions: dict[str, str], tmp_path: Path) -> Iterator[Installation]:
    is_postgres = connection.vendor == "postgresql"
    try:
        with durable_cluster() if is_postgres else nullcontext() as cluster:
            made = copy_of_this_database(tmp_path / "home", cluster, TODAY.isoformat())
            yield made
            made.stop()
    except NoServer as reason:
        pytest.skip(str(reason))


def lost(installation: Installation, acks: list[Ack]) -> list[str]:
    """Acknowledged writes that are not there exactly once, or without the seal their audit entry set."""
    missing = []
    for ack in acks:
        kind, where = FOUND_BY[ack.kind]
        mark: str | int = {"upload": f"{ack.mark}.txt", "opinion": f"%{ack.mark}"}.get(ack.kind, ack.mark)
        if ack.kind == "application":
            mark = int(ack.location.strip("/").split("/")[2])
        found = installation.rows(f"SELECT id FROM {kind.replace('.', '_')} WHERE {where}", [mark])
        proof = ON_RECORD.get(ack.kind, SEAL)
        if len(found) != 1:
            missing.append(f"{ack}: {len(found)} times")
        elif proof and not installation.rows(f"{proof} LIMIT 1", [kind, found[0][0]]):
            missing.append(f"{ack}: without its audit entry")
    return missing


def rounds_of_killing(installation: Installation, sessions: dict[str, str], rounds: int) -> Notebook:
    notebook, chance = Notebook(), random.Random(9)
    for number in range(1, rounds + 1):
        installation.start()
        with Crowd(installation, sessions, notebook, number) as crowd:
            crowd.wait_for_acks()
            time.sleep(chance.random() * 1.5)
            refusals = list(notebook.refusals)
            installation.kill()
            if installation.cluster is not None and number % 3 == 2:
                installation.cluster.kill()
                installation.cluster.start()
        assert refusals == []  # those of the moment of the kill are none of the platform's
        new = notebook.acks[crowd.begun :]
        assert new, installation.told()
        assert lost(installation, new) == [], f"round {number}"
        assert installation.broken() == [], f"round {number}"
        if number % PROVEN_EVERY == 0 or number == rounds:
            assert lost(installation, notebook.acks) == []
            installation.start()  # which clears away what the killed ones were working on
            expect_whole(installation)
            installation.kill()
    return notebook


def expect_whole(installation: Installation) -> None:
    code, said = installation.command("check")
    assert code == 0, said
    code, said = installation.command("audit", "verify")
    assert code == 0, said


def expect_killed_at_work(notebook: Notebook, rounds: int) -> None:
    counted = Counter(ack.kind for ack in notebook.acks)
    assert set(counted) == set(writers.TURNS), counted
    assert len(notebook.acks) >= rounds


@pytest.mark.timeout(1800)
def test_some_kills_lose_nothing_that_was_acknowledged(installation: Installation, sessions: dict[str, str]):
    notebook = rounds_of_killing(installation, sessions, SOME)
    expect_killed_at_work(notebook, SOME)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_two_hundred_kills_lose_nothing_that_was_acknowledged(
    installation: Installation, sessions: dict[str, str], record_property: Any
):
    notebook = rounds_of_killing(installation, sessions, ALL)
    record_property("acknowledged", dict(Counter(ack.kind for ack in notebook.acks)))
    expect_killed_at_work(notebook, ALL)
