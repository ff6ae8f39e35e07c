"""`./bianzhi check` and `./bianzhi audit`: words for people, JSON for machines, exit codes for scripts."""

from __future__ import annotations

import io
import json
from threading import Thread

import pytest
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from bianzhi.accounts.models import User
from bianzhi.accounts.services.users import create_user
from bianzhi.audit.actors import System
from bianzhi.audit.management.commands.audit import Command as Audit
from bianzhi.common import integrity
from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.common.integrity import Finding
from tests.tampering import tampering

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return create_user(actor=System("测试"), username="liming", display_name="李", password="violet-moon-73")


def run(*arguments: str, **options) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_sound_register_exits_0_and_lists_every_check(user):
    code, words = run("check")
    assert code == 0
    assert "核对无误" in words
    assert all(check.label in words for check in integrity.registered())


def test_a_damaged_row_exits_1_and_is_named_in_chinese(user):
    with tampering() as cursor:
        cursor.execute("UPDATE accounts_user SET display_name = '别人'")
        code, words = run("check")
    assert code == 1
    assert f"accounts_user.id={user.pk}" in words
    assert "被绕过平台改动" in words


def test_json_is_one_object_with_every_finding(user):
    assert json.loads(run("check", json=True)[1])["ok"] is True
    with tampering() as cursor:
        cursor.execute("DELETE FROM accounts_user")
        code, words = run("check", json=True)
    told = json.loads(words)
    assert (code, told["ok"], told["findings"]) == (1, False, 1)
    assert [c["name"] for c in told["checks"] if c["findings"]] == ["audit.rows"]


def test_only_the_named_checks_are_run(user):
    with tampering() as cursor:
        cursor.execute("UPDATE accounts_user SET display_name = '别人'")
        assert run("check", "--only", "audit.chain")[0] == 0
        assert run("check", "--only", "audit.chain", "--only", "audit.rows")[0] == 1


def test_a_check_nobody_knows_exits_2_and_says_how_to_list_them():
    code, words = run("check", "--only", "nonsense")
    assert code == 2
    assert "--list" in words


def test_djangos_own_checks_stay_reachable():
    assert "no issues" in run("check", "--system")[1]
    assert "核对" not in run("check", "accounts")[1]


def test_commands_that_check_the_system_first_are_not_affected(monkeypatch):
    monkeypatch.setattr(integrity, "run", lambda names=None: pytest.fail("integrity check ran"))

    class Some(BaseCommand):
        requires_system_checks = "__all__"

        def handle(self, *args, **options):
            self.check()

    call_command(Some(), skip_checks=False)
    call_command("check", databases=["default"], stdout=io.StringIO())


def test_a_check_registered_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        integrity.register("audit.chain", "重复", list)


def test_findings_of_a_registered_check_are_told(monkeypatch):
    monkeypatch.setattr(integrity, "_checks", {})
    integrity.register("test.one", "试", lambda: [Finding("某行", "不对")])
    assert [str(finding) for finding in integrity.findings()] == ["某行：不对"]


def test_a_check_that_cannot_go_on_is_a_finding_and_the_others_go_on(monkeypatch, user):
    def stumbles():
        User.objects.get(pk=0)

    monkeypatch.setattr(integrity, "_checks", {})
    integrity.register("test.stumbles", "绊倒", stumbles)
    integrity.register("test.sound", "无误", list)
    code, words = run("check")
    assert code == 1
    assert "核对项“绊倒”" in words
    assert "✓ 无误" in words


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_does_not_see_what_is_written_after_it_began(user):
    def write() -> None:
        create_user(actor=System("测试"), username="later", display_name="后", password="violet-moon-73")
        connections.close_all()

    with read_snapshot():
        assert User.objects.count() == 1
        writer = Thread(target=write)
        writer.start()
        writer.join(timeout=15)
        assert not writer.is_alive(), "reading kept a writer waiting"
        assert User.objects.count() == 1
    assert User.objects.count() == 2


# --- audit -------------------------------------------------------------------------------------------------------


def test_audit_verify_counts_the_entries_and_exits_0(user):
    code, words = run("audit", "verify")
    assert (code, "共 1 条审计记录，审计链完整" in words) == (0, True)
    told = json.loads(run("audit", "verify", "--json")[1])
    assert (told["ok"], told["entries"], told["findings"]) == (True, 1, [])
    assert ["没有设置锚点" in note for note in told["notes"]] == [True]


def test_audit_verify_exits_1_on_a_changed_entry(user):
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor_name = '他人'")
        code, words = run("audit", "verify")
    assert (code, "audit_auditentry.seq=1" in words) == (1, True)


def test_the_head_kept_elsewhere_proves_that_nothing_was_cut(user, tmp_path):
    kept = tmp_path / "head.txt"
    kept.write_text(run("audit", "head")[1])
    assert run("audit", "verify", "--anchors", str(kept))[0] == 0
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_rowseal")
        cursor.execute("DELETE FROM audit_auditentry")
        code, words = run("audit", "verify", "--anchors", str(kept))
    assert (code, "截断" in words) == (1, True)


@pytest.mark.parametrize("content", [None, "not an anchor\n"])
def test_a_file_that_holds_no_anchors_is_wrong_use(tmp_path, content):
    file = tmp_path / "anchors.txt"
    if content is not None:
        file.write_text(content)
    assert run("audit", "verify", "--anchors", str(file))[0] == 2


def test_rows_are_proved_too_when_asked(user):
    with tampering() as cursor:
        cursor.execute("UPDATE accounts_user SET office = 'x'")
        assert run("audit", "verify")[0] == 0
        assert run("audit", "verify", "--rows")[0] == 1


def test_wrong_use_of_audit_exits_2():
    with pytest.raises(SystemExit) as end:
        Audit().run_from_argv(["bianzhi", "audit"])
    assert end.value.code == 2
