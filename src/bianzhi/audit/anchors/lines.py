"""One anchor as a line of text: "number hash time kind key:hmac"."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi.common.key_files import read_or_make
from bianzhi.kernel.digests import hmac_sm3_hex

HASH_LENGTH: Final = 64
KEY_NAME_LENGTH: Final = 8


class BadAnchor(ValueError):
    """A line that is no anchor."""


class Kind(StrEnum):
    """Why an anchor was written."""

    ACT = "act"
    BEAT = "beat"


class Seal(StrEnum):
    """What the HMAC of a line says."""

    OURS = "ours"
    FOREIGN = "foreign"
    NONE = "none"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A number and a hash somebody wrote down; `at` is None on a line copied from paper without its time."""

    seq: int
    hash: str
    at: datetime | None = None
    kind: str = ""
    seal: str = ""

    def __str__(self) -> str:
        at = self.at.isoformat(timespec="seconds") if self.at else ""
        return " ".join(filter(None, (str(self.seq), self.hash, at, self.kind, self.seal)))


def sealed(seq: int, digest: str, at: datetime, kind: Kind) -> Anchor:
    """An anchor with the HMAC of this platform."""
    bare = Anchor(seq, digest, at, kind.value)
    return Anchor(seq, digest, at, kind.value, _seal_of(bare))


def read(text: str) -> Anchor:
    """The anchor on a line, typed by hand or written by the platform. Raises BadAnchor."""
    words = text.replace(":", " ", 1).split() if ":" in text.partition(" ")[0] else text.split()
    if len(words) < 2 or not words[0].isdecimal() or len(words[1]) != HASH_LENGTH:
        raise BadAnchor(text.strip()[:120])
    return Anchor(int(words[0]), words[1], _moment(words[2:3]), "".join(words[3:4]), "".join(words[4:5]))


def _moment(words: list[str]) -> datetime | None:
    try:
        found = datetime.fromisoformat(words[0]) if words else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def seal_state(anchor: Anchor) -> Seal:
    """Whether the platform wrote this line as it stands."""
    if not anchor.seal:
        return Seal.NONE
    expected = _seal_of(anchor)
    if anchor.seal.partition(":")[0] != expected.partition(":")[0]:
        return Seal.FOREIGN
    return Seal.OURS if hmac.compare_digest(anchor.seal, expected) else Seal.BROKEN


def _seal_of(anchor: Anchor) -> str:
    key = _key(str(_key_file()))
    at = anchor.at.isoformat(timespec="seconds") if anchor.at else ""
    text = f"bianzhi-anchor {anchor.seq} {anchor.hash} {at} {anchor.kind}"
    return f"{_name_of(key)}:{hmac_sm3_hex(key, text.encode())}"


def key_name() -> str:
    """The short name of the key this platform seals its lines with."""
    return _name_of(_key(str(_key_file())))


def _key_file() -> Path:
    return Path(settings.ANCHOR_KEY_FILE or Path(settings.HOME) / "keys" / "anchor.key")


@lru_cache(maxsize=4)
def _key(path: str) -> bytes:
    return read_or_make(Path(path), lambda: secrets.token_hex(32).encode()).strip()


@lru_cache(maxsize=4)
def _name_of(key: bytes) -> str:
    """A short name of a key, which gives nothing of it away."""
    return hmac_sm3_hex(key, b"bianzhi-anchor-key")[:KEY_NAME_LENGTH]
