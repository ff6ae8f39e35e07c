"""The copy made before an upgrade, put in the place of a database some steps have already changed."""

from __future__ import annotations

import pytest
from django.db import connection

from bianzhi.accounts.models import User
from bianzhi.common.models import ParameterValue
from bianzhi.recovery import upgrading
from bianzhi.recovery.upgrading import BackedOut, upgrade, waiting
from tests.audit.sample_services import open_account
from tests.recovery.conftest import Platform

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, list[str]]:
    """Every row of every table, and the names of the triggers."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(str(row) for row in cursor.fetchall())
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        found["triggers"] = sorted(name for (name,) in cursor.fetchall())
    return found


def half_done() -> None:
    """What a step may have committed before the next one failed: a table, rows of old tables, a trigger less."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE novelty (id integer PRIMARY KEY, user_id bigint REFERENCES accounts_user (id))")
        cursor.execute("INSERT INTO novelty (id) VALUES (1)")
        cursor.execute("UPDATE accounts_user SET display_name = 'changed'")
    ParameterValue.objects.create(key="half.done", value=1)


@pytest.fixture
def said(monkeypatch, platform: Platform) -> list[str]:
    """The sentences of an upgrade whose first step succeeds and changes everything."""
    monkeypatch.setattr(upgrading, "_run", lambda words, what: half_done())
    return []


def test_a_failure_after_some_steps_leaves_everything_as_it_was(said, monkeypatch):
    before = everything()

    def run(words: list[str], what: str) -> None:
        half_done()
        raise BackedOut(f"{what}：第二步出错")

    monkeypatch.setattr(upgrading, "_run", run)
    with pytest.raises(BackedOut, match="第二步出错"):
        upgrade(say=said.append)
    assert everything() == before
    assert any("退回" in sentence for sentence in said)
    open_account("after-the-way-back")
    assert User.objects.filter(username="after-the-way-back").exists()


def test_proofs_that_fail_take_the_change_back_too(said, monkeypatch):
    before = everything()

    def run(words: list[str], what: str) -> None:
        if words == ["check"]:
            raise BackedOut(f"{what}：被绕过平台改动")
        half_done()

    monkeypatch.setattr(upgrading, "_run", run)
    with pytest.raises(BackedOut, match="核对没有通过"):
        upgrade(say=said.append)
    assert everything() == before


def test_a_backup_set_is_made_before_anything_is_changed(said, platform: Platform, monkeypatch):
    seen: list[bool] = []

    def run(words: list[str], what: str) -> None:
        seen.append(any(path.name.endswith("-full") for path in platform.backups.iterdir()))

    monkeypatch.setattr(upgrading, "_run", run)
    place = upgrade(say=said.append)
    assert seen == [True, True]
    assert place.exists()
    assert oct(place.stat().st_mode & 0o777) == "0o600"


def test_a_database_of_this_version_has_nothing_waiting():
    assert waiting().steps == []
