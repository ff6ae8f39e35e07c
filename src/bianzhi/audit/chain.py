"""Appending to the chain and proving it.

One entry at a time can be appended: SQLite has one writer (IMMEDIATE), PostgreSQL takes an advisory
lock that is held to the commit. The lock is taken after all row locks, so it cannot deadlock with them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import connection
from django.utils import timezone

from bianzhi.audit.models import AuditEntry, RowSeal, SealedModel
from bianzhi.audit.seals import digests_of, row_digests, sealed_models
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.integrity import Finding
from bianzhi.kernel.digests import canonical_json, sm3_hex

CHAIN_LOCK = 0x6269616E  # "bian"
Line = tuple[str, int, str]
"""A sealed row: model label, id, digest."""


@dataclass(slots=True)
class Note:
    """An act waiting to be chained at the end of its unit of work; `facts` is canonical JSON already."""

    action: str
    actor_id: int | None
    actor_name: str
    subject_kind: str
    subject_id: str
    subject_label: str
    facts: str
    wrote: list[tuple[type[SealedModel], int]] = field(default_factory=list)


@beyond_scope("sealing")
def append(notes: Sequence[Note]) -> tuple[int, str]:
    """Chain the notes of one unit of work and seal the rows they wrote; call inside its transaction.

    Returns number and hash of the last of them, (0, "") where there was nothing to note.
    """
    if not notes:
        return 0, ""
    digests = digests_of(row for note in notes for row in note.wrote)
    _lock_chain()
    entries, seals = _link(notes, digests, head())
    AuditEntry.objects.bulk_create(entries, batch_size=500)
    RowSeal.objects.bulk_create(seals, batch_size=1000)
    return entries[-1].seq, entries[-1].hash


def _lock_chain() -> None:
    """Let nobody else append before this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def _link(
    notes: Sequence[Note], digests: dict[tuple[str, int], str], last: tuple[int, str]
) -> tuple[list[AuditEntry], list[RowSeal]]:
    """Entries and seals; a row that several acts wrote is sealed by the last of them."""
    lines_of = _lines_by_note(notes, digests)
    now = timezone.now()
    entries: list[AuditEntry] = []
    seals: list[RowSeal] = []
    seq, prev_hash = last
    for index, note in enumerate(notes):
        seq += 1
        lines = sorted(lines_of.get(index, []))
        entry = AuditEntry(
            seq=seq,
            recorded_at=now,
            action=note.action,
            actor_id=note.actor_id,
            actor_name=note.actor_name,
            subject_kind=note.subject_kind,
            subject_id=note.subject_id,
            subject_label=note.subject_label,
            facts=note.facts,
            seals_digest=_seals_digest(lines),
            prev_hash=prev_hash,
        )
        entry.hash = prev_hash = _hash(entry)
        entries.append(entry)
        seals += [RowSeal(entry=entry, kind=kind, object_id=pk, digest=digest) for kind, pk, digest in lines]
    return entries, seals


def _lines_by_note(notes: Sequence[Note], digests: dict[tuple[str, int], str]) -> dict[int, list[Line]]:
    """Sealed rows by the index of the note that wrote them last."""
    last_writer = {(model._meta.label_lower, pk): index for index, note in enumerate(notes) for model, pk in note.wrote}
    lines: dict[int, list[Line]] = {}
    for key, index in last_writer.items():
        if key in digests:
            lines.setdefault(index, []).append((*key, digests[key]))
    return lines


def _hash(entry: AuditEntry) -> str:
    return sm3_hex(canonical_json(entry.content()))


def _seals_digest(lines: Sequence[Line]) -> str:
    return sm3_hex("\n".join(f"{kind} {pk} {digest}" for kind, pk, digest in lines)) if lines else ""


def verify_chain() -> Iterator[Finding]:
    """Walk the whole chain; yields what is missing, altered or out of order."""
    sealed = _SealReader()
    prev_hash, expected_seq = "", 1
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=2000):
        where = f"审计记录 {entry.seq}（audit_auditentry.seq={entry.seq}）"
        if entry.seq != expected_seq:
            yield Finding(where, f"序号不连续：应为 {expected_seq}，其间记录缺失")
        if entry.prev_hash != prev_hash:
            yield Finding(where, "与前一条记录衔接不上：前一条被改动、删除或插入")
        if entry.hash != _hash(entry):
            yield Finding(where, "内容与摘要不符：记录被改动")
        yield from sealed.orphans_before(entry.seq)
        if _seals_digest(sealed.lines_of(entry.seq)) != entry.seals_digest:
            yield Finding(where, "行封印被改动、删除或插入")
        prev_hash, expected_seq = entry.hash, entry.seq + 1
    yield from sealed.orphans_before(None)


class _SealReader:
    """Reads all seals once, in step with the walk along the chain."""

    def __init__(self) -> None:
        rows = RowSeal.objects.order_by("entry_id", "kind", "object_id", "digest").values_list(
            "entry_id", "kind", "object_id", "digest"
        )
        self._groups = groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0])
        self._advance()

    def _advance(self) -> None:
        seq, group = next(self._groups, (None, iter(())))
        self._seq: int | None = seq
        self._lines: list[Line] = [(kind, pk, digest) for _, kind, pk, digest in group]

    def orphans_before(self, seq: int | None) -> Iterator[Finding]:
        """Seals that belong to no entry, up to `seq` (None: to the end)."""
        while self._seq is not None and (seq is None or self._seq < seq):
            where = f"行封印（audit_rowseal.entry_id={self._seq}）"
            yield Finding(where, f"封印所属的审计记录 {self._seq} 缺失")
            self._advance()

    def lines_of(self, seq: int) -> list[Line]:
        """The seals of one entry."""
        if self._seq != seq:
            return []
        lines = self._lines
        self._advance()
        return lines


def verify_rows() -> Iterator[Finding]:
    """Compare every register row with its newest seal: changed, missing and unaudited rows are named."""
    for model in sealed_models():
        kind, title, table = model._meta.label_lower, str(model._meta.verbose_name), model._meta.db_table
        newest = dict(RowSeal.objects.filter(kind=kind).order_by("entry_id").values_list("object_id", "digest"))
        for pk, digest in row_digests(model):
            where = f"{title} {pk}（{table}.id={pk}）"
            seal = newest.pop(pk, None)
            if seal is None:
                yield Finding(where, "没有审计记录：该行不是由平台的业务服务写入的")
            elif seal != digest:
                yield Finding(where, "与最近一次审计封印不符：该行被绕过平台改动")
        for pk in sorted(newest):
            where = f"{title} {pk}（{table}.id={pk}）"
            yield Finding(where, "审计记录中有此行，数据库中已不存在：被绕过平台删除")


def not_as_sealed(model: type[SealedModel], ids: Iterable[int]) -> list[int]:
    """Which of the given rows are not as their newest seal left them, or were never sealed."""
    digests = dict(row_digests(model, ids))
    seals = RowSeal.objects.filter(kind=model._meta.label_lower, object_id__in=digests).order_by("entry_id")
    newest = dict(seals.values_list("object_id", "digest"))
    return [pk for pk, digest in digests.items() if newest.get(pk) != digest]


def head() -> tuple[int, str]:
    """Number and hash of the newest entry; (0, "") of an empty chain. Kept elsewhere, it proves the chain whole."""
    return AuditEntry.objects.order_by("-seq").values_list("seq", "hash").first() or (0, "")
