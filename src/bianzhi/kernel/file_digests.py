"""SHA-256 and SM3 of a file, or of what comes in pieces, in one pass."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from bianzhi.kernel.digests import running_sm3

PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """What a file is known by; `size` in bytes."""

    size: int
    sha256: str
    sm3: str


class Digester:
    """Both digests, fed piece by piece."""

    def __init__(self) -> None:
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = running_sm3()

    def update(self, piece: bytes) -> None:
        """Take the next piece."""
        self._size += len(piece)
        self._sha256.update(piece)
        self._sm3.update(piece)

    def result(self) -> Digests:
        """The digests of all that was taken."""
        return Digests(self._size, self._sha256.hexdigest(), self._sm3.hexdigest())


def digests_of(source: Path | Iterable[bytes]) -> Digests:
    """The digests of a file, or of pieces. Raises OSError."""
    digester = Digester()
    for piece in pieces_of(source) if isinstance(source, Path) else source:
        digester.update(piece)
    return digester.result()


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in pieces that fit into memory."""
    with path.open("rb") as stream:
        yield from pieces_from(stream)


def pieces_from(stream: BinaryIO) -> Iterator[bytes]:
    """What is left of a stream, in pieces that fit into memory."""
    while piece := stream.read(PIECE):
        yield piece
