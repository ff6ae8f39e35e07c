"""What is known, outside a backup, of a later state than its own: anchors and newer sets give an old backup away."""

from dataclasses import dataclass
from pathlib import Path

from bianzhi.audit.anchors import places
from bianzhi.audit.anchors.lines import Anchor, BadAnchor, read
from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.label import Label


@dataclass(frozen=True, slots=True)
class Later:
    """The newest audit number somebody else knows of; 0 where nobody knows more than the backup."""

    seq: int = 0
    at: str = ""
    told_by: str = ""

    def lost(self, label: Label) -> int:
        """How many audit entries the backup is known to lack."""
        return max(0, self.seq - label.audit_seq)


def known_later(label: Label, folder: Path) -> Later:
    """The newest state anchors or other sets of the folder tell of, beyond that of `label`."""
    found = [Later(), *_by_anchors(), *_by_sets(folder)]
    newest = max(found, key=lambda one: one.seq)
    return newest if newest.seq > label.audit_seq else Later()


def _by_anchors() -> list[Later]:
    told = []
    for place in places.configured():
        anchor = _newest(place)
        if anchor is not None:
            at = anchor.at.isoformat(timespec="seconds") if anchor.at else ""
            told.append(Later(anchor.seq, at, f"锚点 {place.name}"))
    return told


def _newest(place: places.Place) -> Anchor | None:
    """The anchor with the highest number: after a restore the last line is not it."""
    newest: Anchor | None = None
    try:
        for text in filter(str.strip, place.lines()):
            anchor = _read(text)
            if anchor is not None and (newest is None or anchor.seq > newest.seq):
                newest = anchor
    except (OSError, UnicodeDecodeError):
        return newest
    return newest


def _read(text: str) -> Anchor | None:
    try:
        return read(text)
    except BadAnchor:
        return None


def _by_sets(folder: Path) -> list[Later]:
    try:
        found = sets_in(folder)
    except OSError:
        return []
    return [Later(one.label.audit_seq, one.label.made_at, f"备份 {one.name}") for one in found if one.label is not None]
