"""A file in its envelope: a data key of its own, wrapped by a master key, and the content in chunks sealed with it.

    mark 8 | cipher 1 | chunk size (power of two) 1 | length of context 2 | context | key id 4 | wrapped data key
    | nonce, cipher text, tag of each chunk … | mark 8

Each chunk is bound to its number, to whether it is the last one, and to the head: none can be changed, moved, left out,
added, or taken from another file. Any part can be read without the rest. The mark stands at both ends, so that damage
to one does not make the file pass for a plain one. Another master key means another head before the same chunks.
"""

import io
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from bianzhi.kernel.encryption.ciphers import BY_CODE, NONCE, TAG, AuthenticatedCipher, Forged
from bianzhi.kernel.encryption.keyring import ID_LENGTH, Keyring, UnknownKey

MARK: Final = b"BZFILE\x011"
END: Final = b"1\x01ELIFZB"
CHUNK_POWER: Final = 16
"""64 KiB: what a viewer asks for at once, and large enough for the cipher to be the only cost that counts."""
_POWERS: Final = range(10, 25)
_LONGEST_CONTEXT: Final = 1_000
_OVERHEAD: Final = NONCE + TAG


class BrokenSeal(Forged, OSError):
    """The file was altered, cut short, or is another than was asked for: nothing of it is given out."""


class LockedFile(UnknownKey, OSError):
    """The file is whole as far as can be seen, but this machine lacks the master key it was sealed under."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the chunks."""

    cipher: AuthenticatedCipher
    power: int
    context: str
    key_id: bytes
    wrapped: bytes

    @property
    def bound(self) -> bytes:
        """The part of it that every chunk and the wrapping are bound to."""
        context = self.context.encode()
        return MARK + bytes([self.cipher.code, self.power]) + len(context).to_bytes(2) + context

    @property
    def encoded(self) -> bytes:
        """As it is written."""
        return self.bound + self.key_id + self.wrapped

    def data_key(self, keyring: Keyring) -> bytes:
        """The key of the chunks. Raises LockedFile, BrokenSeal."""
        try:
            master = keyring.master(self.key_id)[: self.cipher.key_length]
            return self.cipher.decrypt(master, self.wrapped, b"file|" + self.bound)
        except UnknownKey as error:
            raise LockedFile(str(error)) from error
        except Forged as error:
            raise BrokenSeal("文件头已被改动") from error

    def rewrapped(self, keyring: Keyring) -> "Head":
        """The same under the current master key. Raises as `data_key`."""
        return _wrapped(keyring, self.cipher, self.power, self.context, self.data_key(keyring))

    def about(self, number: int, *, is_last: bool) -> bytes:
        """What a chunk is bound to."""
        return b"chunk|" + number.to_bytes(8) + bytes([is_last]) + self.bound


def is_sealed(stream: BinaryIO) -> bool:
    """Whether a file claims, at either end, to be sealed; the stream is left at its beginning."""
    begins = stream.read(len(MARK))
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(size - len(END), 0))
    ends = stream.read(len(END))
    stream.seek(0)
    return begins == MARK or ends == END


def read_head(stream: BinaryIO) -> Head:
    """The head of a sealed file; the stream is left behind it. Raises BrokenSeal."""
    fixed = _exactly(stream, len(MARK) + 4)
    cipher, power = BY_CODE.get(fixed[8]), fixed[9]
    length = int.from_bytes(fixed[10:12])
    if not fixed.startswith(MARK) or cipher is None or power not in _POWERS or length > _LONGEST_CONTEXT:
        raise BrokenSeal("文件头已损坏")
    rest = _exactly(stream, length + ID_LENGTH + _OVERHEAD + cipher.key_length)
    try:
        context = rest[:length].decode()
    except UnicodeDecodeError as error:
        raise BrokenSeal("文件头已损坏") from error
    return Head(cipher, power, context, rest[length : length + ID_LENGTH], rest[length + ID_LENGTH :])


def sealed(keyring: Keyring, pieces: Iterable[bytes], context: str) -> Iterator[bytes]:
    """The content in its envelope, piece by piece, whatever pieces it comes in."""
    data_key = secrets.token_bytes(keyring.cipher.key_length)
    head = _wrapped(keyring, keyring.cipher, CHUNK_POWER, context, data_key)
    yield head.encoded
    waiting: bytes | None = None
    number = 0
    for chunk in _chunks(pieces, 1 << CHUNK_POWER):
        if waiting is not None:
            yield head.cipher.encrypt(data_key, waiting, head.about(number, is_last=False))
            number += 1
        waiting = chunk
    yield head.cipher.encrypt(data_key, waiting or b"", head.about(number, is_last=True))
    yield END


def opened(keyring: Keyring, stream: BinaryIO, context: str | None) -> BinaryIO:
    """The plain content of a sealed file, to be read from anywhere; `context` None takes whatever stands in its head.

    Closing it closes `stream`. Raises BrokenSeal (also later, when a damaged chunk is come to), LockedFile.
    """
    return cast("BinaryIO", io.BufferedReader(Reader(keyring, stream, context), 1 << CHUNK_POWER))


class Reader(io.RawIOBase):
    """Opens one chunk at a time. The last one is opened first: a file cut short is refused before a byte is given."""

    def __init__(self, keyring: Keyring, stream: BinaryIO, context: str | None) -> None:
        self._stream = stream
        self._head = read_head(stream)
        if context is not None and self._head.context != context:
            raise BrokenSeal("文件不是登记在此处的那一个")
        self._key = self._head.data_key(keyring)
        self._start = stream.tell()
        self._length = 1 << self._head.power
        body = stream.seek(0, io.SEEK_END) - len(END) - self._start
        self._count, over = divmod(body, self._length + _OVERHEAD)
        self._count += over > 0
        stream.seek(self._start + max(body, 0))
        if not self._count > 0 or body < _OVERHEAD or stream.read() != END:
            raise BrokenSeal("文件不完整")
        self._body = body
        self._at = 0
        self._number, self._chunk = -1, b""
        self._load(self._count - 1)
        self._size = (self._count - 1) * self._length + len(self._chunk)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, self._length)
        if number != self._number:
            self._load(number)
        part = self._chunk[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _load(self, number: int) -> None:
        step = self._length + _OVERHEAD
        self._stream.seek(self._start + number * step)
        stored = self._stream.read(min(step, self._body - number * step))
        is_last = number == self._count - 1
        try:
            self._chunk = self._head.cipher.decrypt(self._key, stored, self._head.about(number, is_last=is_last))
        except Forged as error:
            raise BrokenSeal("文件内容已被改动或不完整") from error
        self._number = number


def _wrapped(keyring: Keyring, cipher: AuthenticatedCipher, power: int, context: str, data_key: bytes) -> Head:
    bare = Head(cipher, power, context, keyring.current, b"")
    master = keyring.master(keyring.current)[: cipher.key_length]
    return Head(cipher, power, context, keyring.current, cipher.encrypt(master, data_key, b"file|" + bare.bound))


def _chunks(pieces: Iterable[bytes], length: int) -> Iterator[bytes]:
    """The same bytes in chunks of one length, only the last one shorter."""
    kept = bytearray()
    for piece in pieces:
        view = memoryview(piece)
        start = 0
        if kept:
            start = min(length - len(kept), len(view))
            kept += view[:start]
            if len(kept) < length:
                continue
            yield bytes(kept)
            kept.clear()
        whole = start + (len(view) - start) // length * length
        for place in range(start, whole, length):
            yield bytes(view[place : place + length])
        kept += view[whole:]
    if kept:
        yield bytes(kept)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    found = stream.read(length)
    if len(found) != length:
        raise BrokenSeal("文件不完整")
    return found
