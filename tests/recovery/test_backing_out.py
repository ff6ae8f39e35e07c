"""The copy made before an upgrade, put in the place of a database some steps have already changed."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from bianzhi.accounts.models import User
from bianzhi.common import in_use
from bianzhi.common.models import ParameterValue
from bianzhi.kernel.objections import Refused
from bianzhi.recovery import fallback, upgrading
from bianzhi.recovery.sets import postgresql
from bianzhi.recovery.sets.homes import HALF_UPGRADED
from bianzhi.recovery.sets.refusing import NoRoom, refusal
from bianzhi.recovery.upgrading import BackedOut, take_back, upgrade, waiting
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


# --- cut off ---------------------------------------------------------------------------------------------------------


class PowerFailure(BaseException):
    """Nothing of ours catches it."""


def fail_at_a_step(words: list[str], what: str) -> None:
    half_done()
    raise PowerFailure


def copies(platform: Platform) -> list[Path]:
    return sorted(platform.home.glob("recovery/before-upgrade-*/database"))


@pytest.fixture
def cut_off(platform: Platform, monkeypatch) -> Iterator[dict[str, list[str]]]:
    """An upgrade during which the power failed; what the database held before."""
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_run", fail_at_a_step)
        with pytest.raises(PowerFailure):
            upgrade(say=lambda sentence: None)
    assert everything() != before
    yield before
    if (platform.home / HALF_UPGRADED).exists():
        take_back(say=lambda sentence: None)
    assert everything() == before


def test_an_upgrade_that_was_cut_off_is_taken_back_first_from_the_copy_made_before_it(cut_off, platform, capsys):
    assert (platform.home / HALF_UPGRADED).exists()
    call_command("upgrade")
    assert "无需升级" in capsys.readouterr().out
    assert everything() == cut_off
    assert not (platform.home / HALF_UPGRADED).exists()
    assert len(copies(platform)) == 1


def test_a_way_back_that_fails_is_told_and_tried_again_by_the_next_start(cut_off, platform, monkeypatch, capsys):
    def fails(place: Path) -> None:
        raise refusal("BK09", "装回数据库失败：磁盘已满")

    with monkeypatch.context() as patch:
        patch.setattr(fallback, "put_back", fails)
        with pytest.raises(SystemExit):
            call_command("upgrade")
    told = capsys.readouterr().err
    assert "磁盘已满" in told
    assert str(copies(platform)[0]) in told
    call_command("upgrade")
    assert everything() == cut_off


def test_a_failed_upgrade_whose_way_back_fails_too_says_both_and_keeps_the_copy(said, platform, monkeypatch):
    before = everything()

    def run(words: list[str], what: str) -> None:
        half_done()
        raise BackedOut("第二步出错")

    def fails(place: Path) -> None:
        raise refusal("BK09", "装回数据库失败：磁盘已满")

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_run", run)
        patch.setattr(fallback, "put_back", fails)
        with pytest.raises(Refused, match=r"(?s)第二步出错.*磁盘已满.*完整副本在"):
            upgrade(say=said.append)
    take_back(say=said.append)
    assert everything() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is put back in one step")
def test_a_database_emptied_on_the_way_back_is_never_taken_for_a_new_one(cut_off, monkeypatch):
    run = postgresql.run

    def fails(command: list[str], target: postgresql.Target, *, what: str) -> None:
        if "--single-transaction" in command:
            raise refusal("BK09", what)
        run(command, target, what=what)

    with monkeypatch.context() as patch:
        patch.setattr(postgresql, "run", fails)
        with pytest.raises(SystemExit):
            call_command("upgrade")
    assert "accounts_user" not in connection.introspection.table_names()
    call_command("upgrade")
    assert everything() == cut_off


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an archive")
def test_a_copy_that_cannot_be_read_clears_nothing(cut_off, platform):
    (place,) = copies(platform)
    whole = place.read_bytes()
    place.write_bytes(whole[:100])
    half = everything()
    with pytest.raises(Refused, match="副本读不出"):
        take_back(say=lambda sentence: None)
    assert everything() == half
    place.write_bytes(whole)


def test_a_copy_is_not_put_over_what_was_written_since(cut_off, platform):
    open_account("written-since")
    with pytest.raises(Refused, match=r"又有 1 条审计记录.*没有自动退回"):
        take_back(say=lambda sentence: None)
    assert User.objects.filter(username="written-since").exists()
    mark = platform.home / HALF_UPGRADED
    mark.write_text(mark.read_text().replace('"audit_seq": ', '"audit_seq": 9'))


def test_a_copy_of_another_database_or_one_that_is_gone_is_left_to_people(cut_off, platform):
    mark, whole = platform.home / HALF_UPGRADED, (platform.home / HALF_UPGRADED).read_text()
    for changed, why in (
        (whole.replace('"database": "', '"database": "Another'), "现在设置的数据库"),
        (whole.replace("before-upgrade", "gone"), "不见了"),
        ("{", "读不出"),
    ):
        mark.write_text(changed)
        with pytest.raises(Refused, match=why):
            take_back(say=lambda sentence: None)
    mark.write_text(whole)


def test_an_older_copy_goes_only_when_the_newer_database_is_proved(said, platform, monkeypatch):
    older = platform.home / "recovery" / "before-upgrade-20260101T000000"
    older.mkdir(parents=True)
    seen: list[bool] = []
    monkeypatch.setattr(upgrading, "_run", lambda words, what: seen.append(older.exists()))
    upgrade(say=said.append)
    assert seen == [True, True]
    assert not older.exists()
    assert not (platform.home / HALF_UPGRADED).exists()


def test_an_upgrade_that_is_refused_leaves_no_copy_behind(said, platform, monkeypatch):
    monkeypatch.setattr(upgrading, "_make_backup", lambda say: (_ for _ in ()).throw(refusal("UP04", "备份盘不在")))
    with pytest.raises(Refused, match="备份盘不在"):
        upgrade(say=said.append)
    monkeypatch.setattr(upgrading, "_make_backup", lambda say: None)
    monkeypatch.setattr(fallback, "_copy", lambda place: (_ for _ in ()).throw(NoRoom("数据盘剩余 0 MB", "请清理。")))
    with pytest.raises(Refused, match="数据盘剩余"):
        upgrade(say=said.append)
    assert list(platform.home.glob("recovery/before-upgrade-*")) == []


# --- standing still --------------------------------------------------------------------------------------------------


def test_nothing_is_begun_while_a_server_or_worker_runs(said, platform):
    before = everything()
    with in_use.running(), in_use.running(), pytest.raises(Refused, match="网页服务、后台任务进程或另一个升级还在运行"):
        upgrade(say=said.append)
    assert everything() == before


def test_no_server_or_worker_starts_while_the_database_is_changed(said, monkeypatch):
    refused: list[str] = []

    def run(words: list[str], what: str) -> None:
        with pytest.raises(in_use.StandsStill, match="正在升级") as told, in_use.running():
            pass
        refused.append(str(told.value))

    monkeypatch.setattr(upgrading, "_run", run)
    upgrade(say=said.append)
    assert len(refused) == 2
    with in_use.running():
        pass


def test_where_files_cannot_be_locked_the_upgrade_says_so_and_goes_on(said, monkeypatch):
    def none_here(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(upgrading, "_make_backup", lambda say: None)
    monkeypatch.setattr(upgrading, "_run", lambda words, what: None)
    monkeypatch.setattr(fcntl, "flock", none_here)
    upgrade(say=said.append)
    assert any("不支持文件锁" in sentence for sentence in said)
    with in_use.running():
        pass
