"""Anchors: the head of the chain, written down where whoever tampers with the database cannot reach.

A chain proves itself only up to its end: cut the tail, restore an old backup or recompute every hash, and it looks
whole. An anchor, one line "seq hash time" kept in another place, gives such tampering away. BIANZHI_AUDIT_ANCHORS
names the file (on another host, on write-once storage); without it an office prints `audit head` once a day.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bianzhi.audit.chain import head
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import Finding


class BadAnchor(ValueError):
    """A line that is no anchor."""


def line() -> str:
    """The head of the chain now, as a line to be kept; empty while nothing is recorded."""
    seq, digest = head()
    return f"{seq} {digest} {timezone.localtime().isoformat(timespec='seconds')}" if seq else ""


def configured() -> Path | None:
    """The file of anchors, if the office has set one."""
    return Path(settings.AUDIT_ANCHORS) if settings.AUDIT_ANCHORS else None


def write() -> bool:
    """Append the head to the configured file when it has moved; the worker does this every minute."""
    path = configured()
    newest = line() if path is not None else ""
    if path is None or not newest:
        return False
    last = path.read_text(encoding="utf-8").splitlines()[-1:] if path.exists() else []
    if last and last[0].split()[:2] == newest.split()[:2]:
        return False
    with path.open("a", encoding="utf-8") as file:
        file.write(newest + "\n")
    return True


def verify_configured() -> Iterator[Finding]:
    """Compare the chain with the configured anchors."""
    path = configured()
    if path is None:
        return
    if not path.exists():
        if head()[0]:
            yield Finding(f"锚点文件 {path}", "文件不存在：无法证明审计链未被截断")
        return
    yield from verify(path.read_text(encoding="utf-8").splitlines())


def verify(lines: Iterable[str]) -> Iterator[Finding]:
    """Compare the chain with anchors kept elsewhere. Raises BadAnchor for a line that is none."""
    for text in filter(None, map(str.strip, lines)):
        seq, digest = _read(text)
        found = AuditEntry.objects.filter(seq=seq).values_list("hash", flat=True).first()
        if found is None:
            yield Finding(f"审计记录 {seq}", "锚点中有此记录，审计链中已不存在：链尾被截断，或恢复了旧备份")
        elif found != digest:
            yield Finding(f"审计记录 {seq}", "与锚点不符：此前的审计链被整体改写")


def _read(text: str) -> tuple[int, str]:
    words = text.replace(":", " ", 1).split()
    if len(words) < 2 or not words[0].isdecimal() or len(words[1]) != 64:
        raise BadAnchor(text)
    return int(words[0]), words[1]
