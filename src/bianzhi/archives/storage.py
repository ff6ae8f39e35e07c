"""Where originals lie: under the SHA-256 of their bytes, written once, on disk or in an S3 bucket.

    BIANZHI_HOME/archive/originals/ab/cd/<sha256>     mode 0400; nothing here is ever written a second time

Where files are encrypted they lie sealed, bound to their digest; digests are those of the plain bytes. A damaged
original that is restored from a backup is moved to `archive/damaged/` first: it is evidence.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from django.conf import settings
from django.core.files import File
from django.utils.module_loading import import_string

from bianzhi.archives.models import OriginalState
from bianzhi.common import lasting_files, sealed_files, working_files
from bianzhi.common.sealed_places import Stored, on_disk
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.kernel.file_digests import PIECE, Digests, digests_of, pieces_from, pieces_of

_HEX: Final = frozenset("0123456789abcdef")


class NotAsTold(Exception):
    """A file does not have the digests it should have; the message is Chinese."""


def archive_home() -> Path:
    """The archive's folder: originals, quarantine, derivatives, drop folder."""
    return Path(settings.HOME) / "archive"


class Place(Protocol):
    """Somewhere originals can lie, under names made of their digest."""

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file that is not there yet. Raises FileExistsError when it is."""

    def open(self, name: str) -> BinaryIO:
        """The file for reading. Raises FileNotFoundError."""

    def exists(self, name: str) -> bool:
        """Whether it is there."""

    def put_aside(self, name: str) -> None:
        """Move the file out of the way, keeping it."""

    def destroy(self, name: str) -> None:
        """Remove the file and what was put aside of it; nothing is done when it is gone."""

    def every(self) -> Iterator[Stored]:
        """All files, for `common.sealed_places`."""

    def local(self, name: str) -> AbstractContextManager[Path]:
        """The file as a path on this machine, for as long as the block lasts."""


class Disk:
    """A folder of this machine, or one mounted into it."""

    def __init__(self, root: Path, aside: Path) -> None:
        self._root, self._aside = root, aside

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write beside, make sure it is on disk, and link it to its name: a link never replaces anything."""
        place = self._root / name
        lasting_files.make_folder(place.parent)
        fresh = lasting_files.beside(place)
        try:
            lasting_files.write_apart(fresh, pieces)
            fresh.chmod(0o400)
            lasting_files.put_new(fresh, place)
        finally:
            fresh.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """The file itself."""
        return (self._root / name).open("rb")

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        return (self._root / name).is_file()

    def put_aside(self, name: str) -> None:
        """Rename it into the folder of damaged files, with the moment."""
        self._aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._root / name).rename(self._aside / f"{Path(name).name}-{time.time_ns()}")

    def destroy(self, name: str) -> None:
        """Unlink it, and the damaged copies kept as evidence: what is disposed of is disposed of whole."""
        (self._root / name).unlink(missing_ok=True)
        for copy in self._aside.glob(f"{Path(name).name}-*"):
            copy.unlink()

    def every(self) -> Iterator[Stored]:
        """All files that lie under a digest."""
        return on_disk(sorted(self._root.glob("??/??/*")), lambda path: context_of(path.name))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """The file where it lies; readers must not write to it, and its mode forbids it."""
        place = self._root / name
        if not place.is_file():
            raise FileNotFoundError(name)
        yield place


class Bucket:
    """A bucket of an S3 service, by django-storages."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._storage: Any = import_string("storages.backends.s3.S3Storage")(**options)

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Upload; when another process put it there at the same moment, ours is taken away again."""
        if self._storage.exists(name):
            raise FileExistsError(name)
        with self._collected(pieces) as stream:
            saved = self._storage.save(name, File(stream))
        if saved != name:
            self._storage.delete(saved)
            raise FileExistsError(name)

    def open(self, name: str) -> BinaryIO:
        """The object as a stream that can be read from anywhere."""
        return cast("BinaryIO", self._storage.open(name, "rb"))

    def exists(self, name: str) -> bool:
        """Whether the object is there."""
        return bool(self._storage.exists(name))

    def put_aside(self, name: str) -> None:
        """Copy it below damaged/, then take it off its place (a bucket with versions keeps it there as well)."""
        bucket = self._storage.bucket
        aside = f"damaged/{Path(name).name}-{time.time_ns()}"
        bucket.copy({"Bucket": bucket.name, "Key": name}, aside)
        self._storage.delete(name)

    def destroy(self, name: str) -> None:
        """Delete it with every version a bucket has of it, and what was put aside."""
        bucket = self._storage.bucket
        bucket.object_versions.filter(Prefix=name).delete()
        bucket.object_versions.filter(Prefix=f"damaged/{Path(name).name}-").delete()

    def every(self) -> Iterator[Stored]:
        """All objects that lie under a digest."""
        for found in self._storage.bucket.objects.all():
            key = str(found.key)
            sha256 = key.rpartition("/")[2]
            if len(sha256) == len(hashlib.sha256().hexdigest()) and key.endswith(name_of(sha256)):
                name = name_of(sha256)
                yield Stored(name, context_of(sha256), partial(self.open, name), partial(self._over, key))

    def _over(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write an object in place of the one there: the service shows the old one until the new one is whole."""
        with self._collected(pieces) as stream:
            self._storage.bucket.Object(key).upload_fileobj(stream)

    @contextmanager
    def _collected(self, pieces: Iterable[bytes]) -> Iterator[BinaryIO]:
        with tempfile.TemporaryFile(dir=working_files.folder()) as stream:
            for piece in pieces:
                stream.write(piece)
            stream.seek(0)
            yield cast("BinaryIO", stream)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A copy that is gone after the block."""
        with working_files.workspace("object-") as folder:
            copy = folder / "original"
            with self.open(name) as stream, copy.open("wb") as target:
                shutil.copyfileobj(stream, target, PIECE)
            yield copy


class OriginalStore:
    """The originals, whatever they lie on."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def keep(self, source: Path) -> Digests:
        """Keep a file and return its digests; the same content is kept once.

        What lies under the digest already is read again: damaged, it is put aside and kept anew.
        """
        told = digests_of(source)
        name = name_of(told.sha256)
        try:
            self._put(told.sha256, pieces_of(source))
        except FileExistsError:
            if self.verify(told.sha256, told.sm3) is not OriginalState.INTACT:
                self._place.put_aside(name)
                self._put(told.sha256, pieces_of(source))
        return told

    def open(self, sha256: str) -> BinaryIO:
        """An original for reading, from anywhere in it.

        Raises FileNotFoundError, BrokenSeal (an OSError) for one that was altered, LockedFile where its key is missing.
        """
        return sealed_files.opened(self._place.open(name_of(sha256)), context_of(sha256))

    def exists(self, sha256: str) -> bool:
        """Whether something lies under the digest."""
        return self._place.exists(name_of(sha256))

    def every(self) -> Iterator[Stored]:
        """All originals where they lie, for `common.sealed_places`."""
        return self._place.every()

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """An original as a path, for programs that want one, as long as the block lasts. Raises as `open`."""
        with (
            self._place.local(name_of(sha256)) as kept,
            sealed_files.plain(kept, context_of(sha256)) as path,
        ):
            yield path

    def verify(self, sha256: str, sm3: str = "") -> OriginalState:
        """Read an original from the first byte to the last and compare both digests.

        Raises LockedFile where its key is missing: that says nothing of the original.
        """
        try:
            with self.open(sha256) as stream:
                told = digests_of(pieces_from(stream))
        except FileNotFoundError:
            return OriginalState.MISSING
        except LockedFile:
            raise
        except OSError:
            return OriginalState.DAMAGED
        is_same = told.sha256 == sha256 and sm3 in ("", told.sm3)
        return OriginalState.INTACT if is_same else OriginalState.DAMAGED

    def destroy(self, sha256: str) -> None:
        """Remove an original for ever: only an approved disposal may ask for it (`archives.jobs.disposing`)."""
        self._place.destroy(name_of(sha256))

    def restore(self, sha256: str, sm3: str, copy: Path) -> None:
        """Put a copy from a backup in the place of a damaged or missing original.

        The copy proves itself by both digests before anything is touched. Raises NotAsTold, FileNotFoundError.
        """
        try:
            told = sealed_files.digests_in(copy, context_of(sha256))
        except BrokenSeal as error:
            raise NotAsTold(f"备份中的文件{str(error).removeprefix('文件')}") from error
        if (told.sha256, told.sm3) != (sha256, sm3):
            raise NotAsTold(f"备份中的文件与登记的摘要不符（SHA-256 为 {told.sha256[:12]}…，应为 {sha256[:12]}…）")
        name = name_of(sha256)
        if self._place.exists(name):
            self._place.put_aside(name)
        with sealed_files.open_file(copy, context_of(sha256)) as stream:
            self._put(sha256, pieces_from(stream))

    def _put(self, sha256: str, pieces: Iterable[bytes]) -> None:
        self._place.put(name_of(sha256), sealed_files.stored(pieces, context_of(sha256)))


def name_of(sha256: str) -> str:
    """The name an original lies under. Raises ValueError for what is no digest."""
    if len(sha256) != 64 or set(sha256) - _HEX:
        raise ValueError(f"not a digest: {sha256!r}")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def context_of(sha256: str) -> str:
    """What a sealed original is bound to."""
    return f"archive-original|{sha256}"


def originals() -> OriginalStore:
    """The store this installation is set up with."""
    if settings.ARCHIVE_S3:
        return OriginalStore(Bucket(settings.ARCHIVE_S3))
    return OriginalStore(Disk(archive_home() / "originals", archive_home() / "damaged"))
