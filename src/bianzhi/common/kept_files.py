"""Files kept under the digest of their content: the same file is kept once, and its name tells whether it is whole."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from bianzhi.common import sealed_files
from bianzhi.common.sealed_places import Stored, on_disk
from bianzhi.kernel.digests import sm3_hex

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class KeptFiles:
    """One folder of kept files under BIANZHI_HOME; `digest` names what it keeps. On the disk they lie sealed."""

    def __init__(self, name: str, digest: Callable[[bytes | Path], str]) -> None:
        self._name = name
        self._digest = digest

    def keep(self, content: bytes | Path) -> str:
        """Keep a file and return its digest; one that is there already is left as it is."""
        digest = self._digest(content)
        place = self.path_of(digest)
        if not place.exists():
            sealed_files.write(place, content, self.context_of(digest))
        return digest

    def read(self, digest: str) -> bytes:
        """The content of a kept file. Raises as `open`."""
        with self.open(digest) as stream:
            return stream.read()

    def open(self, digest: str) -> BinaryIO:
        """The content of a kept file, to be read from anywhere.

        Raises FileNotFoundError when somebody removed it from the folder, BrokenSeal when it was altered, LockedFile.
        """
        return sealed_files.open_file(self.path_of(digest), self.context_of(digest))

    def plain(self, digest: str) -> AbstractContextManager[Path]:
        """The content as a path, for programs that want one, as long as the block lasts. Raises as `open`."""
        return sealed_files.plain(self.path_of(digest), self.context_of(digest))

    def exists(self, digest: str) -> bool:
        """Whether something lies under the digest."""
        return self.path_of(digest).exists()

    def remove(self, digest: str) -> None:
        """Take a kept file away; nothing happens when it is gone."""
        self.path_of(digest).unlink(missing_ok=True)

    def every(self) -> Iterator[Stored]:
        """All files of the folder, for `common.sealed_places`."""
        return on_disk(self._paths(), lambda path: self.context_of(path.name))

    def digests(self) -> Iterator[str]:
        """The digests of everything that lies in the folder."""
        return (path.name for path in self._paths())

    def path_of(self, digest: str) -> Path:
        """Where the file with that digest lies. Raises ValueError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a digest: {digest!r}")
        return Path(settings.HOME) / "files" / self._name / digest[:2] / digest

    def context_of(self, digest: str) -> str:
        """What a sealed file of this folder is bound to."""
        return f"{self._name}|{digest}"

    def _paths(self) -> Iterator[Path]:
        folder = Path(settings.HOME) / "files" / self._name
        return (path for path in sorted(folder.glob("??/*")) if _DIGEST.fullmatch(path.name))


def sm3_of(content: bytes | Path) -> str:
    """SM3 of a file's content."""
    return sm3_hex(content.read_bytes() if isinstance(content, Path) else content)


def sha256_of(content: bytes | Path) -> str:
    """SHA-256 of a file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
