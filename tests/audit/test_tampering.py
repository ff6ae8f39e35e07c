"""Every class of tampering with the record is found, and said where (security dossier §6)."""

from __future__ import annotations

import pytest
from django.db import connection

from bianzhi.audit import anchors, chain
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.digests import canonical_json, sm3_hex
from tests.audit.sample_services import open_account, rename
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
LENGTH = 9
GHOST = (
    "INSERT INTO accounts_user"
    " (username, display_name, password, office, is_active, must_change_password, password_set_at, created_at)"
    " VALUES ('ghost', '鬼', '', '', {true}, {false}, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
)


@pytest.fixture(autouse=True)
def record_of_nine():
    users = [open_account(name) for name in ("wang", "li", "zhao")]
    for round_ in (1, 2):
        for user in users:
            rename(user, f"{user.username}{round_}")


def findings() -> list[str]:
    return [str(finding) for finding in chain.verify_chain()]


def own_hash(seq: int) -> str:
    return sm3_hex(canonical_json(AuditEntry.objects.get(seq=seq).content()))


def rechain(cursor, first: int) -> None:
    """Recompute every hash from an entry on, as a thief of the program could."""
    prev = AuditEntry.objects.get(seq=first - 1).hash if first > 1 else ""
    for seq in AuditEntry.objects.filter(seq__gte=first).order_by("seq").values_list("seq", flat=True):
        cursor.execute("UPDATE audit_auditentry SET prev_hash = %s WHERE seq = %s", [prev, seq])
        prev = own_hash(seq)
        cursor.execute("UPDATE audit_auditentry SET hash = %s WHERE seq = %s", [prev, seq])


def copy_entry(cursor, source: int, target: int) -> None:
    columns = [str(field.column) for field in AuditEntry._meta.concrete_fields if field.column != "seq"]
    listed = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO audit_auditentry (seq, {listed}) "
        f"SELECT {target}, {listed} FROM audit_auditentry WHERE seq = {source}"
    )


def test_an_untouched_record_is_whole():
    assert AuditEntry.objects.count() == LENGTH
    assert findings() == []


@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
@pytest.mark.parametrize("column", [f.column for f in AuditEntry._meta.concrete_fields if f.column != "seq"])
def test_an_edit_of_any_column_of_any_entry_is_found(seq, column):
    with tampering() as cursor:
        value = {"recorded_at": "2020-01-01 00:00:00", "actor_id": 7}.get(column, "x")
        cursor.execute(f"UPDATE audit_auditentry SET {column} = %s WHERE seq = %s", [value, seq])
        assert any(f"审计记录 {seq}" in finding for finding in findings())


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_an_edit_with_its_own_hash_recomputed_is_found_at_the_next_entry(seq):
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET facts = '{}' WHERE seq = %s", [seq])
        cursor.execute("UPDATE audit_auditentry SET hash = %s WHERE seq = %s", [own_hash(seq), seq])
        assert any(f"审计记录 {seq + 1}" in finding and "衔接" in finding for finding in findings())


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_a_deleted_entry_is_found(seq):
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_auditentry WHERE seq = %s", [seq])
        assert any("序号不连续" in finding for finding in findings())


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_a_deleted_entry_with_the_rest_renumbered_is_found(seq):
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_auditentry WHERE seq = %s", [seq])
        cursor.execute("DELETE FROM audit_rowseal WHERE entry_id = %s", [seq])
        for later in range(seq + 1, LENGTH + 1):
            cursor.execute("UPDATE audit_auditentry SET seq = %s WHERE seq = %s", [later - 1, later])
            cursor.execute("UPDATE audit_rowseal SET entry_id = %s WHERE entry_id = %s", [later - 1, later])
        assert any("衔接" in finding or "内容与摘要不符" in finding for finding in findings())


def test_two_swapped_entries_are_found():
    with tampering() as cursor:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            cursor.execute("UPDATE audit_auditentry SET seq = %s WHERE seq = %s", [new, old])
        assert len(findings()) >= 2


def test_an_inserted_entry_is_found():
    with tampering() as cursor:
        for later in range(LENGTH, 4, -1):
            cursor.execute("UPDATE audit_auditentry SET seq = %s WHERE seq = %s", [later + 1, later])
        copy_entry(cursor, 4, 5)
        assert findings()


def test_a_duplicate_at_the_end_is_found():
    with tampering() as cursor:
        copy_entry(cursor, LENGTH, LENGTH + 1)
        assert any(f"审计记录 {LENGTH + 1}" in finding for finding in findings())


def test_a_cut_head_is_found():
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_auditentry WHERE seq <= 3")
        assert any("应为 1" in finding for finding in findings())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_rowseal SET digest = 'x' WHERE entry_id = 5",
        "UPDATE audit_rowseal SET object_id = object_id + 1 WHERE entry_id = 5",
        "UPDATE audit_rowseal SET kind = 'accounts.rolegrant' WHERE entry_id = 5",
        "UPDATE audit_rowseal SET entry_id = 6 WHERE entry_id = 5",
        "DELETE FROM audit_rowseal WHERE entry_id = 5",
        "INSERT INTO audit_rowseal (entry_id, kind, object_id, digest) "
        "SELECT entry_id, kind, object_id, digest FROM audit_rowseal WHERE entry_id = 5",
    ],
)
def test_any_change_of_the_seals_is_found(sql):
    with tampering() as cursor:
        cursor.execute(sql)
        assert any("审计记录 5" in finding for finding in findings())


def test_seals_beyond_the_end_of_the_record_are_found():
    with tampering() as cursor:
        cursor.execute(
            "INSERT INTO audit_rowseal (entry_id, kind, object_id, digest) VALUES (50, 'accounts.user', 1, 'x')"
        )
        assert any("审计记录 50 缺失" in finding for finding in findings())


# --- what a chain alone cannot tell ------------------------------------------------------------------------------


def cut_tail(cursor) -> None:
    cursor.execute("DELETE FROM audit_rowseal WHERE entry_id > 6")
    cursor.execute("DELETE FROM audit_auditentry WHERE seq > 6")


def wipe(cursor) -> None:
    cursor.execute("DELETE FROM audit_rowseal")
    cursor.execute("DELETE FROM audit_auditentry")


def rewrite(cursor) -> None:
    cursor.execute("UPDATE audit_auditentry SET facts = '{}' WHERE seq = 2")
    rechain(cursor, 2)


@pytest.mark.parametrize("act", [cut_tail, wipe, rewrite])
def test_a_cut_tail_a_wipe_and_a_rewritten_chain_are_found_by_an_anchor_kept_elsewhere(act):
    kept = [anchors.line()]
    with tampering() as cursor:
        act(cursor)
        assert findings() == []
        assert list(anchors.verify(kept))
    assert list(anchors.verify(kept)) == []


def test_a_cut_tail_is_also_found_by_the_rows_it_spoke_of():
    with tampering() as cursor:
        cut_tail(cursor)
        assert len(list(chain.verify_rows())) == 3


def test_a_line_that_is_no_anchor_is_refused():
    with pytest.raises(anchors.BadAnchor):
        list(anchors.verify(["not an anchor"]))


# --- rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE accounts_user SET display_name = '他人' WHERE username = 'li'", "被绕过平台改动"),
        ("DELETE FROM accounts_user WHERE username = 'li'", "被绕过平台删除"),
        (
            GHOST,
            "没有审计记录",
        ),
    ],
)
def test_a_row_edited_deleted_or_inserted_behind_the_platform_is_named(sql, words):
    true, false = ("true", "false") if connection.vendor == "postgresql" else ("1", "0")
    with tampering() as cursor:
        cursor.execute(sql.format(true=true, false=false))
        found = [str(finding) for finding in chain.verify_rows()]
    assert len(found) == 1
    assert words in found[0]
    assert "accounts_user.id=" in found[0]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets no text into a column of moments")
def test_a_row_that_cannot_even_be_read_is_named_and_the_others_are_still_proved():
    with tampering() as cursor:
        cursor.execute("UPDATE accounts_user SET created_at = 'long ago' WHERE username = 'li'")
        cursor.execute("UPDATE accounts_user SET office = 'x' WHERE username = 'zhao'")
        assert len(list(chain.verify_rows())) == 2
