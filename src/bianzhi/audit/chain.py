"""Appending to the chain and proving it.

One entry at a time can be appended: SQLite has one writer (IMMEDIATE), PostgreSQL takes an advisory
lock that is held to the commit. The lock is taken after all row locks, so it cannot deadlock with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import timezone

from bianzhi.audit.models import AuditEntry, RowSeal, SealedModel
from bianzhi.audit.seals import digests_of, row_digests, sealed_models
from bianzhi.kernel.digests import canonical_json, sm3_hex

CHAIN_LOCK = 0x6269616E  # "bian"


@dataclass(slots=True)
class Note:
    """An act waiting to be chained at the end of its unit of work."""

    action: str
    actor_id: int | None
    actor_name: str
    subject_kind: str
    subject_id: str
    subject_label: str
    facts: dict[str, Any]
    wrote: list[tuple[type[SealedModel], int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the proof found wrong, in words for the auditor."""

    where: str
    what: str


def append(notes: Sequence[Note]) -> None:
    """Chain the notes of one unit of work and seal the rows they wrote; call inside its transaction."""
    if not notes:
        return
    digests = digests_of(row for note in notes for row in note.wrote)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = AuditEntry.objects.order_by("-seq").values_list("seq", "hash").first() or (0, "")
    entries, seals = _link(notes, digests, last)
    AuditEntry.objects.bulk_create(entries, batch_size=500)
    RowSeal.objects.bulk_create(seals, batch_size=1000)


def _link(
    notes: Sequence[Note], digests: dict[tuple[str, int], str], last: tuple[int, str]
) -> tuple[list[AuditEntry], list[RowSeal]]:
    """Entries and seals; a row that several acts wrote is sealed by the last of them."""
    final_writer = {(model._meta.label_lower, pk): index for index, note in enumerate(notes) for model, pk in note.wrote}
    now = timezone.now()
    entries: list[AuditEntry] = []
    seals: list[RowSeal] = []
    seq, prev_hash = last
    rows_of: dict[int, list[tuple[str, int]]] = {}
    for key, index in final_writer.items():
        if key in digests:
            rows_of.setdefault(index, []).append(key)
    for index, note in enumerate(notes):
        seq += 1
        rows = sorted(rows_of.get(index, []))
        lines = [(kind, pk, digests[kind, pk]) for kind, pk in rows]
        entry = AuditEntry(
            seq=seq,
            recorded_at=now,
            action=note.action,
            actor_id=note.actor_id,
            actor_name=note.actor_name,
            subject_kind=note.subject_kind,
            subject_id=note.subject_id,
            subject_label=note.subject_label,
            facts=canonical_json(note.facts),
            seals_digest=_seals_digest(lines),
            prev_hash=prev_hash,
        )
        entry.hash = prev_hash = _hash(entry)
        entries.append(entry)
        seals += [RowSeal(entry=entry, kind=kind, object_id=pk, digest=digest) for kind, pk, digest in lines]
    return entries, seals


def _hash(entry: AuditEntry) -> str:
    return sm3_hex(canonical_json(entry.content()))


def _seals_digest(lines: Sequence[tuple[str, int, str]]) -> str:
    return sm3_hex("\n".join(f"{kind} {pk} {digest}" for kind, pk, digest in lines)) if lines else ""


def verify_chain() -> Iterator[Finding]:
    """Walk the whole chain; yields what is missing, altered or out of order."""
    sealed = _sealed_lines()
    next_sealed = next(sealed, None)
    prev_hash, expected_seq = "", 1
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=2000):
        where = f"审计记录 {entry.seq}"
        if entry.seq != expected_seq:
            yield Finding(where, f"序号不连续：应为 {expected_seq}，其间记录缺失")
        if entry.prev_hash != prev_hash:
            yield Finding(where, "与前一条记录衔接不上：前一条被改动、删除或插入")
        if entry.hash != _hash(entry):
            yield Finding(where, "内容与摘要不符：记录被改动")
        lines: list[tuple[str, int, str]] = []
        while next_sealed is not None and next_sealed[0] <= entry.seq:
            if next_sealed[0] == entry.seq:
                lines = next_sealed[1]
            else:
                yield Finding(f"审计记录 {next_sealed[0]}", "封印所属的审计记录缺失")
            next_sealed = next(sealed, None)
        if _seals_digest(lines) != entry.seals_digest:
            yield Finding(where, "行封印被改动、删除或插入")
        prev_hash, expected_seq = entry.hash, entry.seq + 1


def _sealed_lines() -> Iterator[tuple[int, list[tuple[str, int, str]]]]:
    rows = RowSeal.objects.order_by("entry_id", "kind", "object_id").values_list(
        "entry_id", "kind", "object_id", "digest"
    )
    for seq, group in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        yield seq, [(kind, pk, digest) for _, kind, pk, digest in group]


def verify_rows() -> Iterator[Finding]:
    """Compare every register row with its newest seal: changed, missing and unaudited rows are named."""
    for model in sealed_models():
        kind, title = model._meta.label_lower, str(model._meta.verbose_name)
        newest = dict(RowSeal.objects.filter(kind=kind).order_by("id").values_list("object_id", "digest"))
        for pk, digest in row_digests(model):
            where = f"{title} {pk}（{model._meta.db_table}.id={pk}）"
            seal = newest.pop(pk, None)
            if seal is None:
                yield Finding(where, "没有审计记录：该行不是由平台的业务服务写入的")
            elif seal != digest:
                yield Finding(where, "与最近一次审计封印不符：该行被绕过平台改动")
        for pk in newest:
            yield Finding(f"{title} {pk}（{model._meta.db_table}.id={pk}）", "审计记录中有此行，数据库中已不存在：被绕过平台删除")
