"""The thirteen classes of tampering (security dossier §6), and the cut after an anchor: each found at every position.

Each class is done by somebody who owns the database: triggers lifted, hashes recomputed where the class says so. The
chain alone must find the first eight; the last five need an anchor kept elsewhere, and are found only with one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bianzhi.accounts.models import User
from bianzhi.audit import anchors, chain
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.digests import canonical_json, sm3_hex
from tests.audit.sample_services import ACTOR
from tests.tampering import tampering

pytestmark = pytest.mark.django_db

LENGTH, POSITIONS = 24, 3
LONG, MANY = 240, 100


@unit_of_work
def record_of(*, length: int) -> None:
    """So many accounts, each with its entry and its seal, in one unit of work."""
    for number in range(length):
        user = User.objects.create(username=f"user{number}", display_name=f"人员{number}")
        record("test.opened", actor=ACTOR, subject=user, facts={"number": number}, wrote=[user])


def content_hash(entry: AuditEntry) -> str:
    return sm3_hex(canonical_json(entry.content()))


def set_hash(cursor: Any, seq: int) -> None:
    cursor.execute(
        "UPDATE audit_auditentry SET hash = %s WHERE seq = %s", [content_hash(AuditEntry.objects.get(seq=seq)), seq]
    )


def rechain(cursor: Any, first: int) -> None:
    """Recompute every hash from here on, as somebody who has the program can."""
    prev = AuditEntry.objects.get(seq=first - 1).hash if first > 1 else ""
    for entry in AuditEntry.objects.filter(seq__gte=first).order_by("seq"):
        entry.prev_hash = prev
        prev = content_hash(entry)
        cursor.execute(
            "UPDATE audit_auditentry SET prev_hash = %s, hash = %s WHERE seq = %s", [entry.prev_hash, prev, entry.seq]
        )


def shift(cursor: Any, first: int, by: int) -> None:
    """Renumber everything from `first` on, seals included."""
    numbers = AuditEntry.objects.filter(seq__gte=first).order_by("-seq" if by > 0 else "seq")
    for seq in list(numbers.values_list("seq", flat=True)):
        cursor.execute("UPDATE audit_auditentry SET seq = %s WHERE seq = %s", [seq + by, seq])
        cursor.execute("UPDATE audit_rowseal SET entry_id = %s WHERE entry_id = %s", [seq + by, seq])


def copy(cursor: Any, source: int, target: int) -> None:
    columns = ", ".join(str(f.column) for f in AuditEntry._meta.concrete_fields if f.column != "seq")
    cursor.execute(
        f"INSERT INTO audit_auditentry (seq, {columns})"
        f" SELECT {target}, {columns} FROM audit_auditentry WHERE seq = {source}"
    )


def drop(cursor: Any, where: str) -> None:
    cursor.execute(f"DELETE FROM audit_rowseal WHERE entry_id {where}")
    cursor.execute(f"DELETE FROM audit_auditentry WHERE seq {where}")


def edit(cursor: Any, seq: int) -> None:
    cursor.execute("UPDATE audit_auditentry SET facts = '{}' WHERE seq = %s", [seq])


def edit_with_own_hash(cursor: Any, seq: int) -> None:
    edit(cursor, seq)
    set_hash(cursor, seq)


def delete(cursor: Any, seq: int) -> None:
    drop(cursor, f"= {seq}")


def delete_and_renumber(cursor: Any, seq: int) -> None:
    delete(cursor, seq)
    shift(cursor, seq + 1, -1)


def swap(cursor: Any, seq: int) -> None:
    for old, new in ((seq, 0), (seq + 1, seq), (0, seq + 1)):
        cursor.execute("UPDATE audit_auditentry SET seq = %s WHERE seq = %s", [new, old])
        cursor.execute("UPDATE audit_rowseal SET entry_id = %s WHERE entry_id = %s", [new, old])


def insert(cursor: Any, seq: int) -> None:
    shift(cursor, seq + 1, 1)
    copy(cursor, seq, seq + 1)
    cursor.execute("UPDATE audit_auditentry SET facts = '{\"number\":-1}' WHERE seq = %s", [seq + 1])
    set_hash(cursor, seq + 1)


def duplicate(cursor: Any, seq: int) -> None:
    copy(cursor, seq, AuditEntry.objects.count() + 1)


def cut_head(cursor: Any, seq: int) -> None:
    drop(cursor, f"<= {seq}")


def cut_tail(cursor: Any, seq: int) -> None:
    drop(cursor, f"> {seq}")


def wipe(cursor: Any, seq: int) -> None:
    drop(cursor, "> 0")


def restore_old_backup(cursor: Any, seq: int) -> None:
    """The database of an earlier day: later entries, seals and rows were never there."""
    drop(cursor, f"> {seq}")
    cursor.execute("DELETE FROM accounts_user WHERE id NOT IN (SELECT object_id FROM audit_rowseal)")


def edit_and_rechain(cursor: Any, seq: int) -> None:
    edit(cursor, seq)
    rechain(cursor, seq)


def delete_and_rechain(cursor: Any, seq: int) -> None:
    delete_and_renumber(cursor, seq)
    rechain(cursor, seq)


@dataclass(frozen=True)
class Class:
    act: Callable[[Any, int], None]
    by_chain: bool
    first: int = 1
    before_end: int = 1
    """How many entries must follow the position for the act to change anything."""

    def positions(self, length: int, count: int) -> list[int]:
        possible = list(range(self.first, length - self.before_end + 1))
        return random.Random(7).sample(possible, min(count, len(possible)))


CLASSES = [
    Class(edit, by_chain=True, before_end=0),
    Class(edit_with_own_hash, by_chain=True),
    Class(delete, by_chain=True),
    Class(delete_and_renumber, by_chain=True),
    Class(swap, by_chain=True),
    Class(insert, by_chain=True),
    Class(duplicate, by_chain=True, before_end=0),
    Class(cut_head, by_chain=True),
    Class(cut_tail, by_chain=False),
    Class(wipe, by_chain=False),
    Class(restore_old_backup, by_chain=False),
    Class(edit_and_rechain, by_chain=False, before_end=0),
    Class(delete_and_rechain, by_chain=False),
]


def found_by_chain() -> bool:
    return next(chain.verify_chain(), None) is not None


def found_by_anchors(kept: list[str]) -> bool:
    return next(anchors.verify(kept), None) is not None


def found_at(kind: Class, length: int, count: int) -> tuple[int, int, int]:
    """Positions tried, found by the chain, and found with an anchor on the newest entry."""
    record_of(length=length)
    kept = [anchors.line()]
    by_chain = by_both = 0
    positions = kind.positions(length, count)
    for seq in positions:
        with tampering() as cursor:
            kind.act(cursor, seq)
            chained = found_by_chain()
            by_chain += chained
            by_both += chained or found_by_anchors(kept)
    assert not found_by_chain()
    assert not found_by_anchors(kept)
    return len(positions), by_chain, by_both


def test_there_are_thirteen_classes():
    assert len({kind.act for kind in CLASSES}) == 13


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.act.__name__)
def test_a_class_of_tampering_is_found_at_some_positions(kind):
    tried, by_chain, by_both = found_at(kind, LENGTH, POSITIONS)
    assert by_both == tried == POSITIONS
    assert by_chain == (tried if kind.by_chain else 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.act.__name__)
def test_a_class_of_tampering_is_found_at_a_hundred_positions(kind):
    tried, by_chain, by_both = found_at(kind, LONG, MANY)
    assert by_both == tried == MANY
    assert by_chain == (tried if kind.by_chain else 0)


# --- the cut after the anchor ------------------------------------------------------------------------------------


def cut_after_anchor(length: int, count: int) -> tuple[int, int, int]:
    """Positions tried, cuts found by an anchor at the cut itself, and found by anchor and rows together."""
    record_of(length=length)
    every = {entry.seq: f"{entry.seq} {entry.hash}" for entry in AuditEntry.objects.all()}
    positions = Class(cut_tail, by_chain=False).positions(length, count)
    by_anchor = with_rows = 0
    for seq in positions:
        with tampering() as cursor:
            cut_tail(cursor, seq)
            assert not found_by_chain()
            anchored = found_by_anchors([every[seq]])
            by_anchor += anchored
            with_rows += anchored or next(chain.verify_rows(), None) is not None
    return len(positions), by_anchor, with_rows


def test_a_cut_after_the_newest_anchor_is_found_by_the_rows_it_spoke_of():
    tried, by_anchor, with_rows = cut_after_anchor(LENGTH, POSITIONS)
    assert (by_anchor, with_rows) == (0, tried)


@pytest.mark.slow
def test_a_cut_after_the_newest_anchor_is_found_at_a_hundred_positions():
    tried, by_anchor, with_rows = cut_after_anchor(LONG, MANY)
    assert (by_anchor, with_rows, tried) == (0, MANY, MANY)
