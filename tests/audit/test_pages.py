"""The auditor's pages: everything to read, nothing to change, for nobody else."""

from __future__ import annotations

import json

import pytest

from bianzhi.accounts.models import User
from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.audit.web import entries
from tests.accounts.people import account, signed_in
from tests.audit.sample_services import ACTOR, open_account, rename

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return signed_in(account("auditor", "audit_admin"))


@pytest.mark.parametrize("path", ["/audit/", "/audit/1/"])
def test_only_the_audit_administrator_reads_the_record(auditor, path, client):
    assert auditor.get(path).status_code == 200
    for role in ("system_admin", "security_admin", "office_director"):
        assert signed_in(account(role.replace("_", "-"), role)).get(path).status_code == 403
    assert client.get(path).status_code == 302


def test_the_auditor_can_do_nothing_but_read(auditor):
    assert auditor.post("/audit/").status_code == 405
    assert auditor.get("/accounts/users/").status_code == 403
    assert auditor.get("/accounts/parameters/").status_code == 403


@pytest.mark.parametrize(
    ("query", "found", "left_out"),
    [
        ("action=test.renamed", "更名", "（wang）"),
        ("actor=没有这个人", 'class="empty"', "（wang）"),
        ("q=wang", "wang", "（li）"),
        ("kind=accounts.user&subject={li}", "li", "（wang）"),
        ("day_from=2001-01-01&day_to=2001-12-31", 'class="empty"', "（wang）"),
    ],
)
def test_the_list_is_narrowed(auditor, query, found, left_out):
    open_account("wang")
    li = open_account("li")
    rename(li, "李四")
    rows = auditor.get(
        f"/audit/?{query.format(li=li.pk)}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET=rows_id(auditor)
    ).content.decode()
    assert found in rows
    assert left_out not in rows


def rows_id(browser) -> str:
    page = browser.get("/audit/").content.decode()
    return str(page).split('hx-target="#')[1].split('"')[0]


def test_an_entry_shows_its_facts_hashes_and_seals(auditor):
    user = open_account("wang")
    entry = AuditEntry.objects.get(action="test.opened")
    page = auditor.get(f"/audit/{entry.seq}/").content.decode()
    for words in ("开户", "wang", entry.hash, entry.prev_hash, entry.seals.get().digest, str(user.pk)):
        assert words in page
    assert auditor.get("/audit/999999/").status_code == 404


def test_an_entry_with_more_seals_than_are_listed_says_how_many_there_are(auditor, monkeypatch):
    @unit_of_work
    def open_several():
        users = [User.objects.create(username=f"user{number}", display_name="某人") for number in range(3)]
        record("test.opened", actor=ACTOR, subject=users[0], facts={}, wrote=users)

    open_several()
    path = f"/audit/{AuditEntry.objects.get(action='test.opened').seq}/"
    assert "共 3 行。" in auditor.get(path).content.decode()
    monkeypatch.setattr(entries, "SEALS_SHOWN", 2)
    assert "共 3 行，此处列出前 2 行。" in auditor.get(path).content.decode()


def test_acts_that_let_personal_data_out_can_be_filtered(auditor, monkeypatch):
    monkeypatch.setitem(catalogue.ACTIONS, "test.revealed", "查看身份证号")

    @unit_of_work
    def reveal(user):
        record("test.revealed", actor=ACTOR, subject=user, facts={"fields": ["id_number"]})

    reveal(open_account("wang"))
    page = auditor.get("/audit/?sensitive=yes").content.decode()
    rows = page[page.index("<tbody") :]
    assert rows.count("查看身份证号") == 1
    assert "开户" not in rows


def test_an_export_is_on_record_with_its_conditions_before_the_file_is_sent(auditor):
    open_account("wang")
    response = auditor.get("/audit/?actor=测试&export=csv")
    assert "开户" in b"".join(response.streaming_content).decode()
    entry = AuditEntry.objects.get(action="audit.exported")
    facts = json.loads(entry.facts)
    assert (entry.actor_name, entry.subject_label, facts["format"]) == ("人员auditor", "审计记录", "csv")
    assert any("测试" in condition for condition in facts["conditions"])


def test_an_export_that_cannot_be_recorded_does_not_leave(auditor, monkeypatch):
    monkeypatch.delitem(catalogue.ACTIONS, "audit.exported")
    auditor.raise_request_exception = False
    assert auditor.get("/audit/?export=csv").status_code == 500


def test_the_acts_by_which_personal_data_leave_are_known_as_sensitive():
    assert {"audit.exported", "personnel.id_revealed"} <= set(catalogue.sensitive())
