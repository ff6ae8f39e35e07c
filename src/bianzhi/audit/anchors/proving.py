"""Comparing the chain with what the places of anchors hold, and saying how far that proof reaches."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.conf import settings
from django.utils import timezone

from bianzhi.audit.anchors import places
from bianzhi.audit.anchors.lines import Anchor, BadAnchor, Seal, read, seal_state
from bianzhi.audit.chain import head
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import Finding

GAP_ACCEPTED: Final = "audit.gap_accepted"
SILENCE: Final = timedelta(minutes=3)
BATCH: Final = 500
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that a restored backup does not hold, and the answer for that; anchors up to `until` are excused."""

    first: int
    last: int
    until: datetime
    reason: str
    entry: int


def accepted_gaps() -> list[Gap]:
    """What was answered for, from the chain itself."""
    rows = AuditEntry.objects.filter(action=GAP_ACCEPTED).order_by("seq").values_list("seq", "facts", "recorded_at")
    return [_gap(seq, json.loads(facts), at) for seq, facts, at in rows]


def _gap(seq: int, facts: dict[str, object], at: datetime) -> Gap:
    return Gap(int(str(facts["first"])), int(str(facts["last"])), at, str(facts["reason"]), seq)


def verify_configured() -> Iterator[Finding]:
    """Compare the chain with every configured place; a place that cannot be read proves nothing, and that is said."""
    gaps = accepted_gaps()
    for place in places.configured():
        where = f"锚点 {place.name}"
        try:
            kept = list(readable(place.lines(), where))
        except FileNotFoundError:
            if head()[0]:
                yield Finding(where, "文件不存在：无法证明审计链未被截断")
            continue
        except OSError as error:
            yield Finding(where, f"读不到（{places.in_words(error)}）：无法证明审计链未被截断")
            continue
        yield from (item for item in kept if isinstance(item, Finding))
        found = [item for item in kept if isinstance(item, Anchor)]
        yield from _missing(place, where, found)
        yield from compare(found, gaps)


def _missing(place: places.Place, where: str, found: Sequence[Anchor]) -> Iterator[Finding]:
    """What the place no longer holds of what the platform delivered there: an emptied place proves nothing."""
    if not found:
        if head()[0]:
            yield Finding(where, "没有一个可读的锚点：还没有写入，或已被清空，无法证明审计链未被截断")
        return
    since = places.kept_since(place)
    first = next((anchor.at for anchor in found if anchor.at and seal_state(anchor) is Seal.OURS), None)
    if since and (first is None or first > since):
        told = f"{timezone.localtime(since):%Y-%m-%d %H:%M:%S} 起写入的锚点有缺失"
        yield Finding(where, f"{told}：文件被清空、截短或换过，无法证明此前的审计链未被改写")


def readable(lines: Iterable[str], where: str) -> Iterator[Anchor | Finding]:
    """The anchors among the lines, and what is wrong with each line that is none or was not sealed by a platform."""
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            anchor = read(text)
        except BadAnchor:
            yield Finding(f"{where} 第 {number} 行", "不是锚点：写到一半中断，或被改动")
            continue
        if seal_state(anchor) in (Seal.BROKEN, Seal.NONE):
            yield Finding(f"{where} 第 {number} 行", "校验码不符：这一行不是平台写下的，或被改动")
        yield anchor


def verify(lines: Iterable[str]) -> Iterator[Finding]:
    """Compare the chain with anchors kept elsewhere, paper included. Raises BadAnchor for a line that is none."""
    anchors = [read(text) for text in lines if text.strip()]
    for number, anchor in enumerate(anchors, start=1):
        if seal_state(anchor) is Seal.BROKEN:
            yield Finding(f"锚点第 {number} 行", "校验码不符：这一行被改动")
    yield from compare(anchors, accepted_gaps())


def compare(anchors: Sequence[Anchor], gaps: Sequence[Gap]) -> Iterator[Finding]:
    """What the anchors give away: entries that are gone, entries that are others now."""
    gone, changed = standing_in_the_way(anchors, gaps)
    if gone:
        last = max(anchor.at.isoformat(timespec="seconds") if anchor.at else "" for anchor in gone)
        told = f"（{len(gone)} 个锚点，最晚 {last}）" if last else ""
        yield Finding(_span(gone), f"锚点中有此记录，审计链中已不存在{told}：链尾被截断，或恢复了旧备份")
    if changed:
        yield Finding(_span(changed), f"与锚点不符（{len(changed)} 个锚点）：此前的审计链被整体改写，或恢复了旧备份")


def standing_in_the_way(anchors: Sequence[Anchor], gaps: Sequence[Gap] = ()) -> tuple[list[Anchor], list[Anchor]]:
    """Anchors whose entry is gone, and those whose entry has another hash; without those an accepted gap excuses."""
    gone: dict[tuple[int, str], Anchor] = {}
    changed: dict[tuple[int, str], Anchor] = {}
    distinct = sorted({(anchor.seq, anchor.hash): anchor for anchor in anchors}.values(), key=lambda a: a.seq)
    for start in range(0, len(distinct), BATCH):
        batch = distinct[start : start + BATCH]
        wanted = [anchor.seq for anchor in batch if anchor.seq < 2**63]
        found = dict(AuditEntry.objects.filter(seq__in=wanted).values_list("seq", "hash"))
        for anchor in batch:
            key = (anchor.seq, anchor.hash)
            if found.get(anchor.seq) != anchor.hash and not any(_excuses(gap, anchor) for gap in gaps):
                (changed if anchor.seq in found else gone)[key] = anchor
    return list(gone.values()), list(changed.values())


def _excuses(gap: Gap, anchor: Anchor) -> bool:
    return gap.first <= anchor.seq <= gap.last and (anchor.at is None or anchor.at <= gap.until)


def _span(anchors: Sequence[Anchor]) -> str:
    first, last = min(a.seq for a in anchors), max(a.seq for a in anchors)
    return f"审计记录 {first}" if first == last else f"审计记录 {first}–{last}"


# --- how far the proof reaches -----------------------------------------------------------------------------------


def notes() -> list[str]:
    """What a reader of the proof must know: the window no anchor covers, silences, places that are down."""
    if not settings.ANCHORS:
        return ["没有设置锚点（BIANZHI_ANCHORS）：链尾被截断或恢复旧备份时，仅凭数据库发现不了。"]
    told = [f"锚点 {place.name} 目前写不进：{places.state_of(place).error}" for place in places.down()]
    anchors = list(_all_ours())
    told += [_window(anchors), *_silences(anchors)]
    told += [
        f"审计记录 {gap.first}–{gap.last} 因恢复备份而缺失，已于 {timezone.localtime(gap.until):%Y-%m-%d %H:%M} 说明"
        f"（审计记录 {gap.entry}）：{gap.reason}"
        for gap in accepted_gaps()
    ]
    return told


def _all_ours() -> Iterator[Anchor]:
    """Every dated anchor of every place that can be read."""
    for place in places.configured():
        try:
            kept = list(readable(place.lines(), place.name))
        except OSError:
            continue
        yield from (item for item in kept if isinstance(item, Anchor) and item.at is not None)


def _window(anchors: Sequence[Anchor]) -> str:
    if not anchors:
        return "还没有任何锚点：目前的审计链没有外部证明。"
    newest = max(anchors, key=lambda anchor: anchor.seq)
    after = AuditEntry.objects.filter(seq__gt=newest.seq).count()
    at = f"{timezone.localtime(newest.at):%Y-%m-%d %H:%M:%S}" if newest.at else ""
    return (
        f"锚点已覆盖到第 {newest.seq} 条（{at}），其后还有 {after} 条未锚定。"
        "最后一个锚点之后被截去的记录，锚点发现不了，只能由它涉及的数据行发现（--rows）。"
    )


def _silences(anchors: Sequence[Anchor]) -> list[str]:
    """Times without a heartbeat in which acts were recorded all the same; the newest ones."""
    moments = sorted({anchor.at for anchor in anchors if anchor.at is not None})
    told = []
    for before, after in pairwise(moments):
        if after - before <= SILENCE:
            continue
        count = AuditEntry.objects.filter(recorded_at__gt=before, recorded_at__lt=after - SILENCE).count()
        if count:
            told.append(
                f"{timezone.localtime(before):%Y-%m-%d %H:%M} 至 {timezone.localtime(after):%Y-%m-%d %H:%M} 没有锚点，"
                f"其间有 {count} 条审计记录：后台进程没有运行，或锚点写不进。"
            )
    return told[-SHOWN:]
