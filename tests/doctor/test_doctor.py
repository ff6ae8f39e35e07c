"""The doctor tells what is wrong with a deployment, what to do about it, and says good of what is good."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit import anchors
from bianzhi.audit.actors import System
from bianzhi.doctor.checks import CHECKS
from bianzhi.doctor.checks.database import database, filesystem_of
from bianzhi.doctor.checks.machine import machine
from bianzhi.doctor.checks.people import administrators
from bianzhi.doctor.checks.settings_of import key_files, settings_and_https
from bianzhi.doctor.checks.upkeep import anchor_places, backups, installation_and_watch, services, worker
from bianzhi.doctor.examining import Part, examine, worst
from bianzhi.doctor.findings import Check, State, bad, good, warn
from bianzhi.intrusion import installation
from bianzhi.intrusion.models import RuleRun
from bianzhi.intrusion.services.sealing import seal_installation
from tests.accounts.people import account, signed_in
from tests.beside import another_can
from tests.intake.scanner import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path, monkeypatch) -> Path:
    """A platform with a program of one file."""
    settings.HOME = tmp_path
    settings.ANCHORS, settings.BACKUP_DIR, settings.CLAMAV = [], "", ""
    settings.FIELD_KEYS = tmp_path / "keys" / "fields.json"
    settings.FIELD_KEYS.parent.mkdir()
    settings.FIELD_KEYS.write_text("{}", "utf-8")
    settings.FIELD_KEYS.chmod(0o600)
    tmp_path.chmod(0o700)
    program = tmp_path / "program" / "src" / "bianzhi"
    program.mkdir(parents=True)
    (program / "a.py").write_text("1", "utf-8")
    monkeypatch.setattr(installation, "PROGRAM", program)
    monkeypatch.setattr(installation, "ROOT", tmp_path / "program")
    monkeypatch.setattr(installation, "distributions", list)
    return tmp_path


def told(check: Check, *states: State) -> str:
    """The facts of a check, of these states only."""
    return "\n".join(one.fact for one in check() if not states or one.state in states)


def test_settings_that_must_not_stand_in_an_office_are_told(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS, settings.HTTPS, settings.SECRET_KEY = True, ["*"], False, "x" * 60
    wrong = told(settings_and_https, State.BAD)
    for words in ("调试模式开着", "BIANZHI_HOSTS 含 *", "没有启用 HTTPS", "会话密钥过短或过于简单"):
        assert words in wrong


def test_settings_as_they_should_be_are_called_good(settings, monkeypatch):
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # Playwright's, in tests alone
    settings.DEBUG, settings.ALLOWED_HOSTS, settings.HTTPS = False, ["bianzhi.example"], True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert told(settings_and_https, State.BAD) == ""
    settings.SESSION_COOKIE_SECURE = False
    assert "设置不完整" in told(settings_and_https, State.BAD)


def test_key_files_others_may_read_that_are_gone_or_lie_with_the_backups(settings, home):
    assert told(key_files, State.BAD) == ""
    settings.FIELD_KEYS.chmod(0o644)
    assert "他人可以读取" in told(key_files, State.BAD)
    settings.FIELD_KEYS.chmod(0o600)
    settings.BACKUP_DIR = str(home)
    assert "在备份目录内" in told(key_files, State.BAD)
    settings.FIELD_KEYS.unlink()
    assert "不存在" in told(key_files, State.BAD)


def test_the_database_of_the_tests_keeps_its_promises():
    assert "触发器和列齐全" in told(database, State.GOOD)


@pytest.mark.parametrize(("kind", "place"), [("nfs4", "/srv/data/db"), ("ext4", "/srv/db"), ("ext4", "/")])
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(tmp_path, kind, place):
    (tmp_path / "mounts").write_text("/dev/a / ext4 rw 0 0\nhost:/x /srv/data nfs4 rw 0 0\n", "utf-8")
    assert filesystem_of(Path(place), tmp_path / "mounts") == kind
    assert filesystem_of(Path(place), tmp_path / "none") == ""


def test_a_full_disk_and_an_open_folder_are_told(home, monkeypatch):
    assert told(machine, State.BAD) == ""
    home.chmod(0o755)
    assert "能被其他账号访问" in told(machine, State.BAD)
    home.chmod(0o700)
    usage: Any = type("Usage", (), {"total": 100 * 2**30, "free": 2**29})
    monkeypatch.setattr("bianzhi.doctor.checks.machine.shutil.disk_usage", lambda place: usage)
    assert "剩余 0.5 GB" in told(machine, State.BAD)


def test_missing_administrators_and_second_factors_are_told(settings):
    settings.SECOND_FACTOR = "required"
    assert told(administrators, State.BAD).count("没有") == 3
    for name, role in (("admin1", "system_admin"), ("admin2", "security_admin"), ("admin3", "audit_admin")):
        account(name, role)
    assert told(administrators, State.BAD) == ""
    assert "只有 1 人" in told(administrators, State.WARN)
    assert "尚未启用 3 人：admin1、admin2、admin3" in told(administrators, State.WARN)
    User.objects.filter(username="admin3").update(is_active=False)
    assert "没有审计管理员" in told(administrators, State.BAD)
    settings.SECOND_FACTOR = "optional"
    assert "没有强制第二因素" in told(administrators, State.BAD)


def test_a_worker_that_sleeps_is_told():
    assert "没有运行" in told(worker, State.BAD)
    run = RuleRun.objects.create(rule="denied", ran_at=timezone.now())
    assert told(worker, State.BAD) == ""
    run.ran_at = timezone.now() - timedelta(hours=2)
    run.save()
    assert "没有动静" in told(worker, State.BAD)


def test_anchors_that_are_missing_down_or_on_the_same_disk_are_told(settings, home):
    assert "没有设置库外锚点" in told(anchor_places, State.BAD)
    account("admin1", "system_admin")
    settings.ANCHORS = [str(home / "anchors.txt")]
    anchors.write()
    assert "同一块盘" in told(anchor_places, State.WARN)
    settings.ANCHORS = [str(home / "unplugged" / "anchors.txt")]
    anchors.write()
    assert "收不到" in told(anchor_places, State.BAD)


def test_a_platform_without_backups_is_told():
    assert "没有设置备份目录" in told(backups, State.WARN)


def test_an_installation_that_is_not_as_it_was_sealed_is_told(home):
    assert "没有程序清单" in told(installation_and_watch, State.BAD)
    seal_installation(actor=System("测试"), reason="安装")
    assert told(installation_and_watch, State.BAD) == ""
    (home / "program" / "src" / "bianzhi" / "a.py").write_text("2", "utf-8")
    assert "1 处不符：程序文件被改动" in told(installation_and_watch, State.BAD)


def test_a_scanner_and_a_mail_server_that_do_not_answer_are_told(settings):
    assert "没有设置病毒检查" in told(services, State.WARN)
    settings.CLAMAV = f"127.0.0.1:{free_port()}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    wrong = told(services, State.BAD)
    assert "一律不接收" in wrong
    assert "连不上" in wrong


# --- the whole ---------------------------------------------------------------------------------------------------


def test_a_check_that_breaks_is_told_and_keeps_none_of_the_others(monkeypatch):
    def broken():
        raise RuntimeError

    monkeypatch.setitem(CHECKS, "keys", ("密钥文件", broken))
    parts = {part.name: part for part in examine()}
    assert set(parts) == set(CHECKS)
    assert "没有查完" in parts["keys"].findings[0].fact
    assert len(parts["machine"].findings) > 2


@pytest.mark.django_db(transaction=True)
def test_nobody_who_writes_waits_for_a_check_and_no_check_writes(monkeypatch):
    def while_another_writes():
        yield good("", "") if another_can(lambda: account("liming", "office_clerk")) else bad("", "", "")

    monkeypatch.setitem(CHECKS, "keys", ("密钥文件", while_another_writes))
    parts = {part.name: part for part in examine()}
    assert parts["keys"].findings == (good("", ""),)
    assert [part.name for part in parts.values() if any("没有查完" in one.fact for one in part.findings)] == []


def test_the_gravest_state_decides():
    assert worst([]) is State.GOOD
    assert worst([Part("a", "", (good("x", ""), warn("x", "", "")))]) is State.WARN
    assert worst([Part("a", "", (bad("x", "", ""), good("x", "")))]) is State.BAD


def run(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("doctor", *words, stdout=out)
    return int(end.value.code or 0), out.getvalue()


def test_the_command_says_what_to_do_and_ends_with_one_when_something_must_not_stay(settings):
    code, said = run("--only", "anchors")
    assert code == 1
    assert "[不合格] 审计锚点：没有设置库外锚点" in said
    assert "怎么办：" in said
    assert run("--only", "machine")[0] == 0


def test_the_command_speaks_to_machines_too():
    code, said = run("--json", "--only", "anchors")
    answer = json.loads(said)
    assert (code, answer["state"], answer["parts"][0]["findings"][0]["state"]) == (1, "bad", "bad")


def test_the_page_is_for_the_system_administrator_alone():
    shown = signed_in(account("xitong", "system_admin")).get("/doctor/")
    assert shown.status_code == 200
    assert "没有设置库外锚点" in shown.content.decode()
    for role in ("security_admin", "audit_admin", "office_director"):
        assert signed_in(account(role.replace("_", "-"), role)).get("/doctor/").status_code == 403
