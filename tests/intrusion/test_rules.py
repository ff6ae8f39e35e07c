"""Each rule is silent below its threshold and speaks at it, about the right subject, with its evidence."""

from __future__ import annotations

import base64
import hashlib
import sys
from datetime import timedelta
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from bianzhi.accounts.models import SignIn
from bianzhi.accounts.services.sign_ins import note_login
from bianzhi.audit import anchors
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import Subject
from bianzhi.common import integrity
from bianzhi.common.integrity import Check, Finding
from bianzhi.intake import quarantine
from bianzhi.intrusion import installation
from bianzhi.intrusion.models import HourlyReading
from bianzhi.intrusion.rules.catalogue import RULES
from bianzhi.intrusion.rules.reading_log import DENIED, FRAGMENT, NOT_THERE, OUT_OF_SIGHT
from bianzhi.intrusion.selectors.in_force import rules_in_force
from bianzhi.intrusion.selectors.standing import damaged_packages
from bianzhi.intrusion.services.sealing import seal_installation
from bianzhi.intrusion.watching import WATCHED, Watched, ask
from tests.beside import another_can
from tests.intrusion.conftest import GATE, NOON, acted, failures, opened, signs
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
LIST = Subject("common.list", "personnel.people", "人员名册")


def test_every_rule_of_the_catalogue_is_watched():
    assert set(WATCHED) == set(RULES)


@pytest.mark.django_db(transaction=True)
def test_nobody_who_writes_waits_for_a_rule_and_no_rule_writes(people, program, monkeypatch):
    def while_another_writes(rule, now):
        if not another_can(lambda: acted("accounts.logged_out", people.clerk, people.clerk)):
            raise ValueError("a rule kept a writer waiting")
        return ()

    monkeypatch.setitem(WATCHED, "reveals", Watched(while_another_writes))
    assert [outcome.error for outcome in ask(list(WATCHED), timezone.now()) if outcome.error] == []


# --- what is on record -------------------------------------------------------------------------------------------


def test_guessing_the_password_of_one_account(people):
    failures(7, people.clerk)
    assert signs("brute_user") == []
    failures(1, people.clerk, address="10.0.0.7")
    [sign] = signs("brute_user")
    assert (sign.subject.user_id, sign.count, len(sign.evidence)) == (people.clerk.pk, 8, 8)
    assert sign.facts["addresses"] == ["10.0.0.7", "10.0.0.9"]


def test_wrong_one_time_codes_count_as_guessing_too(people):
    for _ in range(8):
        acted("accounts.factor_failed", people.clerk, people.clerk)
    assert [sign.count for sign in signs("brute_user")] == [8]


def test_failures_older_than_the_window_are_forgotten(people):
    failures(8, people.clerk)
    assert signs("brute_user", timezone.now() + timedelta(minutes=31)) == []


def test_guessing_from_one_address(people):
    failures(19, people.clerk, None)
    assert signs("brute_address") == []
    failures(1, people.clerk)
    [sign] = signs("brute_address")
    assert (sign.subject.key, sign.count) == ("address:10.0.0.9", 20)


def test_trying_one_password_on_many_accounts(people):
    failures(4, people.clerk, people.audit, people.system, None)
    failures(8, people.clerk, people.audit, people.system)  # the same accounts again are no more accounts
    assert signs("spraying") == []
    failures(1, None)
    [sign] = signs("spraying")
    assert (sign.subject.key, sign.count) == ("address:10.0.0.9", 5)


def test_many_reveals(people):
    for _ in range(19):
        acted("personnel.id_revealed", people.clerk, people.director, reason="核对")
    assert signs("reveals") == []
    acted("matters.numbers_revealed", people.clerk, people.director, reason="核对")
    [sign] = signs("reveals")
    assert (sign.subject.user_id, sign.count) == (people.clerk.pk, 20)


def test_many_exports(people):
    for _ in range(9):
        acted("audit.exported", people.clerk, LIST, rows=3)
    assert signs("exports") == []
    acted("audit.exported", people.clerk, LIST, rows=3)
    assert [(sign.subject.user_id, sign.count) for sign in signs("exports")] == [(people.clerk.pk, 10)]


def test_looking_at_numbers_after_another_person_took_the_second_factor_away(people):
    acted("accounts.factor_revoked", people.clerk, people.clerk, reason="本人停用")
    acted("personnel.id_revealed", people.clerk, people.director)
    assert signs("reset_then_reveal") == []
    acted("personnel.id_revealed", people.director, people.clerk)
    acted("accounts.factor_revoked", people.security, people.director, reason="手机遗失")
    assert signs("reset_then_reveal") == []
    acted("personnel.id_revealed", people.director, people.clerk)
    [sign] = signs("reset_then_reveal")
    assert (sign.subject.user_id, sign.count, len(sign.evidence)) == (people.director.pk, 1, 2)
    assert sign.facts["reset_by"] == people.security.display_name


def test_an_administrator_from_an_address_never_used(people):
    for user in (people.system, people.clerk):
        note_login(user=user, address="10.0.0.1", session_key="a", agent="")
    assert signs("admin_new_address") == []  # the first login of all is from somewhere
    for user in (people.system, people.clerk):
        note_login(user=user, address="10.9.9.9", session_key="b", agent="")
    [sign] = signs("admin_new_address")
    assert (sign.subject.user_id, sign.facts["addresses"]) == (people.system.pk, ["10.9.9.9"])
    SignIn.objects.update(started_at=timezone.now() - timedelta(days=2))
    note_login(user=people.system, address="10.9.9.9", session_key="c", agent="")
    assert signs("admin_new_address") == []


def test_an_administrator_who_was_away_for_long_comes_from_an_address_nobody_knows(people):
    note_login(user=people.system, address="10.0.0.1", session_key="a", agent="")
    SignIn.objects.update(started_at=timezone.now() - timedelta(days=91))
    note_login(user=people.system, address="10.0.0.1", session_key="b", agent="")
    [sign] = signs("admin_new_address")
    assert (sign.subject.user_id, sign.facts["addresses"]) == (people.system.pk, ["10.0.0.1"])


# --- what is opened ----------------------------------------------------------------------------------------------


def test_opening_many_different_records(people):
    opened(people.clerk, 199)
    opened(people.clerk, 50)  # the same ones again
    opened(people.clerk, 50, way=DENIED, first=5_000)
    assert signs("mass_reading") == []
    opened(people.clerk, 1, way=FRAGMENT, first=900)
    [sign] = signs("mass_reading")
    assert (sign.subject.user_id, sign.count) == (people.clerk.pk, 200)
    assert sign.facts["routes"][0] == ["personnel:person", 250]


def test_who_usually_reads_much_may_read_three_times_as_much(people):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for back in range(1, 41):
        HourlyReading.objects.create(user_id=people.clerk.pk, hour=hour - timedelta(hours=back), pages=400, records=100)
    opened(people.clerk, 299)
    assert signs("mass_reading") == []
    opened(people.clerk, 1, first=300)
    assert [sign.count for sign in signs("mass_reading")] == [300]


def test_opening_pages_without_end(people):
    opened(people.clerk, 899, route="personnel:people")
    opened(people.clerk, 2, way=FRAGMENT)
    for _ in range(50):
        opened(people.clerk, 1, way=FRAGMENT, route="common:job")  # a page asks how its job stands
    assert signs("many_pages") == []
    opened(people.clerk, 1)
    assert [sign.count for sign in signs("many_pages")] == [900]


def test_whoever_calls_every_page_a_fragment_is_seen_all_the_same(people):
    opened(people.clerk, 3_599, way=FRAGMENT)
    assert signs("many_pages") == []
    opened(people.clerk, 1, way=FRAGMENT, first=4_000)
    assert [sign.count for sign in signs("many_pages")] == [900]
    night = NOON.replace(hour=23)
    opened(people.security, 240, way=FRAGMENT, at=night)
    assert [sign.subject.user_id for sign in signs("odd_hours", night + timedelta(minutes=1))] == [people.security.pk]


@pytest.mark.parametrize(
    "moment", [NOON.replace(hour=23), NOON.replace(hour=5), NOON + timedelta(days=3)], ids=["late", "early", "Saturday"]
)
def test_working_when_nobody_works(people, moment):
    opened(people.clerk, 300, at=moment.replace(day=4, hour=12))
    opened(people.clerk, 59, at=moment)
    later = moment + timedelta(minutes=1)
    assert signs("odd_hours", later) == []
    opened(people.clerk, 1, at=moment)
    assert [(sign.subject.user_id, sign.count) for sign in signs("odd_hours", later)] == [(people.clerk.pk, 60)]


def test_probing_what_one_may_not_see(people):
    opened(people.clerk, 5, way=DENIED)
    opened(people.clerk, 4, way=OUT_OF_SIGHT, first=100)
    opened(people.clerk, 4, way=OUT_OF_SIGHT, first=100)
    opened(people.clerk, 99, way=NOT_THERE, first=1_000)  # a mistyped address is no sign
    assert signs("denied") == []
    opened(people.clerk, 1, way=OUT_OF_SIGHT, first=200)
    assert [(sign.subject.user_id, sign.count) for sign in signs("denied")] == [(people.clerk.pk, 10)]


# --- how the platform stands -------------------------------------------------------------------------------------


def test_harmful_files_in_quarantine_by_who_sent_them(people, tmp_path):
    assert signs("harmful_files") == []
    (tmp_path / "a").write_bytes(b"x")
    for account in (None, people.clerk.pk, people.clerk.pk):
        quarantine.isolate(tmp_path / "a", "a.xlsx", "内含宏，已拒绝接收并隔离。", account=account)
    first, second = signs("harmful_files")
    assert (first.subject.key, first.count, first.facts["findings"]) == ("system", 1, ["内含宏，已拒绝接收并隔离。"])
    assert (second.subject.user_id, second.count) == (people.clerk.pk, 2)


@pytest.fixture
def program(monkeypatch, tmp_path: Path) -> Path:
    """A small installation of its own: two files, one package."""
    root = tmp_path / "program" / "src" / "bianzhi"
    root.mkdir(parents=True)
    (root / "__init__.py").write_text("1", "utf-8")
    (root / "views.py").write_text("2", "utf-8")
    monkeypatch.setattr(installation, "PROGRAM", root)
    monkeypatch.setattr(installation, "ROOT", tmp_path / "program")
    monkeypatch.setattr(installation, "distributions", list)
    return root


def test_an_installation_nobody_answered_for_is_told(program):
    assert "没有程序清单" in signs("installation")[0].facts["findings"][0]


def test_changed_added_and_missing_files_are_named(program):
    seal_installation(actor=GATE, reason="安装")
    assert signs("installation") == []
    (program / "views.py").write_text("3", "utf-8")
    (program / "back_door.py").write_text("4", "utf-8")
    (program / "__init__.py").unlink()
    [sign] = signs("installation")
    assert sign.facts["findings"] == [
        "程序文件缺失：src/bianzhi/__init__.py",
        "程序文件增加：src/bianzhi/back_door.py",
        "程序文件被改动：src/bianzhi/views.py",
    ]
    seal_installation(actor=GATE, reason="升级到 1.2")
    assert signs("installation") == []


def test_the_scripts_served_to_browsers_are_among_the_program(program):
    (program / "common" / "static" / "dist").mkdir(parents=True)
    (program / "common" / "static" / "dist" / "app.js").write_text("1", "utf-8")
    seal_installation(actor=GATE, reason="安装")
    (program / "common" / "static" / "dist" / "app.js").write_text("2", "utf-8")
    assert signs("installation")[0].facts["findings"] == ["程序文件被改动：src/bianzhi/common/static/dist/app.js"]


def test_bytecode_is_told_where_the_program_writes_none(program, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    seal_installation(actor=GATE, reason="安装")
    (program / "__pycache__").mkdir()
    (program / "__pycache__" / "views.cpython-311.pyc").write_bytes(b"back door")
    assert signs("installation")[0].facts["findings"] == ["程序文件增加：src/bianzhi/__pycache__/views.cpython-311.pyc"]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert signs("installation") == []
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (installation.ROOT / "uv.lock").write_text("", "utf-8")  # a checkout, where development leaves bytecode
    assert signs("installation")[0].facts["findings"] == ["程序文件增加：uv.lock"]


def test_a_manifest_changed_along_with_the_program_is_found_by_the_record(program):
    seal_installation(actor=GATE, reason="安装")
    (program / "views.py").write_text("3", "utf-8")
    installation.keep(installation.take_stock())
    assert "清单被改动" in signs("installation")[0].facts["findings"][0]


def test_a_manifest_nobody_can_read_is_told(program):
    seal_installation(actor=GATE, reason="安装")
    installation.place().write_text("{", "utf-8")
    assert "读不出来" in signs("installation")[0].facts["findings"][0]


def test_a_changed_file_of_an_installed_package_is_found_by_reading_all_again(program, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "lib-1.0.dist-info").mkdir(parents=True)
    (site / "lib.py").write_text("good", "utf-8")
    (site / "lib-1.0.dist-info" / "METADATA").write_text("Name: lib\nVersion: 1.0\n", "utf-8")
    monkeypatch.setattr(installation, "distributions", lambda: list(Distribution.discover(path=[str(site)])))
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"good").digest()).rstrip(b"=").decode()
    (site / "lib-1.0.dist-info" / "RECORD").write_text(f"lib.py,sha256={digest},4\n", "utf-8")
    seal_installation(actor=GATE, reason="安装")
    rule, now = rules_in_force()["installation"], timezone.now()
    assert list(damaged_packages(rule, now)) == []
    (site / "lib.py").write_text("evil", "utf-8")
    assert signs("installation") == []
    assert next(iter(damaged_packages(rule, now))).facts["findings"] == ["依赖包文件被改动：lib lib.py"]


def test_a_record_that_was_tampered_with(people):
    acted("accounts.logged_out", people.clerk, people.clerk)
    assert signs("record") == []
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor_name = 'x' WHERE seq = %s", [AuditEntry.objects.count()])
        [sign] = signs("record")
    assert "被改动" in sign.facts["findings"][0]


def test_an_anchor_that_knows_more_than_the_chain(people, settings, tmp_path):
    settings.ANCHORS = [str(tmp_path / "anchors.txt")]
    acted("accounts.logged_out", people.clerk, people.clerk)
    anchors.write()
    assert signs("anchors") == []
    with tampering() as cursor:
        last = AuditEntry.objects.count()
        cursor.execute("DELETE FROM audit_rowseal WHERE entry_id = %s", [last])
        cursor.execute("DELETE FROM audit_auditentry WHERE seq = %s", [last])
        assert signs("anchors")[0].count >= 1


def test_a_place_of_anchors_that_takes_none(people, settings, tmp_path):
    settings.ANCHORS = [str(tmp_path / "unplugged" / "anchors.txt")]
    acted("accounts.logged_out", people.clerk, people.clerk)
    anchors.write()
    assert "收不到新锚点" in signs("anchors")[0].facts["findings"][0]


def test_an_old_backup_put_back(monkeypatch):
    assert signs("old_backup") == []
    check = Check("recovery.backups", "备份", lambda: [Finding("备份目录", "备份记着第 9 条，链只到第 5 条")])
    monkeypatch.setitem(integrity._checks, "recovery.backups", check)
    assert "链只到第 5 条" in signs("old_backup")[0].facts["findings"][0]


def test_a_clock_set_back(people):
    acted("accounts.logged_out", people.clerk, people.clerk)
    now = timezone.now()
    assert signs("clock", now) == []
    assert signs("clock", now - timedelta(minutes=1)) == []
    assert "晚于现在的系统时间" in signs("clock", now - timedelta(minutes=3))[0].facts["findings"][0]


def test_a_clock_set_back_and_forth_is_found_by_the_order_of_acts(people, monkeypatch):
    acted("accounts.logged_out", people.clerk, people.clerk)
    monkeypatch.setattr("bianzhi.audit.chain.timezone.now", lambda: NOON)
    acted("accounts.logged_out", people.clerk, people.clerk)
    monkeypatch.undo()
    found = [sign.facts["findings"] for sign in signs("clock", NOON + timedelta(minutes=5))]
    assert any("系统时间从" in text for text in found[0])


def drop_trigger(name: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def test_a_missing_trigger_is_named(program):
    seal_installation(actor=GATE, reason="安装")
    assert signs("structure") == []
    drop_trigger("audit_auditentry_no_update", "audit_auditentry")
    findings = signs("structure")[0].facts["findings"]
    assert "触发器缺失：audit_auditentry_no_update" in findings


def test_a_rewritten_trigger_is_named(program):
    seal_installation(actor=GATE, reason="安装")
    if connection.vendor == "postgresql":
        rewrite = (
            "CREATE OR REPLACE FUNCTION audit_auditentry_no_update_fn() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RETURN NEW; END;$$"
        )
    else:
        drop_trigger("audit_auditentry_no_update", "audit_auditentry")
        rewrite = (
            "CREATE TRIGGER audit_auditentry_no_update BEFORE UPDATE ON audit_auditentry "
            "FOR EACH ROW BEGIN SELECT 1; END"
        )
    with connection.cursor() as cursor:
        cursor.execute(rewrite)
    assert "触发器被改写：audit_auditentry_no_update" in signs("structure")[0].facts["findings"]


def test_a_trigger_switched_off_is_named(program):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite cannot switch one off")
    seal_installation(actor=GATE, reason="安装")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_auditentry_no_update")
    assert "触发器被停用：audit_auditentry_no_update" in signs("structure")[0].facts["findings"]


def test_a_table_and_a_trigger_nobody_promised_are_told(program):
    seal_installation(actor=GATE, reason="安装")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE back_door (id integer)")
    assert signs("structure")[0].facts["findings"] == ["数据库结构增加：table back_door"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX")
def test_key_files_others_may_read(home, settings):
    settings.FIELD_KEYS = home / "keys" / "fields.json"
    settings.FIELD_KEYS.parent.mkdir()
    settings.FIELD_KEYS.write_text("{}", "utf-8")
    settings.FIELD_KEYS.chmod(0o600)
    assert signs("key_files") == []
    settings.FIELD_KEYS.chmod(0o640)
    assert "权限是 640" in signs("key_files")[0].facts["findings"][0]
    settings.FIELD_KEYS.chmod(0o600)
    settings.BACKUP_DIR = str(home)
    assert "在备份目录内" in signs("key_files")[0].facts["findings"][0]
