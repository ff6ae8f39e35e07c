"""The list of a set: every file of the home, with its digests and the set that holds it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from bianzhi.kernel.file_digests import Digests
from bianzhi.recovery.sets.refusing import Damaged

NAME = "listing"


@dataclass(frozen=True, slots=True)
class Line:
    """One file: where it lay, what it was, and which set holds it."""

    path: str
    size: int
    sha256: str
    sm3: str
    held_in: str

    @property
    def digests(self) -> Digests:
        """Size and both digests."""
        return Digests(self.size, self.sha256, self.sm3)


def as_pieces(lines: Iterable[Line]) -> Iterator[bytes]:
    """The list as it is written."""
    for line in lines:
        yield json.dumps(asdict(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_bytes(content: bytes, context: str) -> list[Line]:
    """The list as it was written. Raises Damaged for what is none, or leads out of the home."""
    try:
        lines = [Line(**json.loads(text)) for text in content.decode().splitlines()]
    except (ValueError, TypeError) as error:
        raise Damaged(f"{context}/{NAME}", "不是文件清单") from error
    for line in lines:
        parts = PurePosixPath(line.path).parts
        if not parts or ".." in parts or line.path.startswith("/") or "/" in line.held_in or line.held_in in ("", ".."):
            raise Damaged(f"{context}/{NAME}", f"列有不允许的路径 {line.path!r}")
    return lines
