"""Encryption of the parts of a backup: AES-256-GCM in pieces of 1 MiB, each bound to its file and its place in it.

    "BZB1" | 16 bytes salt | pieces, each with its 16-byte tag

Every part has a key of its own (HKDF of the backup key and the salt). A piece moved, left out or taken from another
part does not open; the last piece is marked, so that a part cut short does not open either.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from bianzhi.common.key_files import write_new
from bianzhi.kernel.file_digests import PIECE
from bianzhi.recovery.sets.refusing import Damaged, refusal

MAGIC: Final = b"BZB1"
SALT: Final = 16
TAG: Final = 16
KEY_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The 32 bytes every part's own key is made from."""

    raw: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """A short name that tells keys apart and gives nothing of them away."""
        return hashlib.sha256(b"bianzhi-backup-key-name" + self.raw).hexdigest()[:16]

    def for_part(self, salt: bytes, context: str) -> AESGCM:
        """The cipher of one part."""
        derived = HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=salt, info=f"bianzhi-backup|{context}".encode())
        return AESGCM(derived.derive(self.raw))


def read_key(path: Path) -> BackupKey:
    """The key in a file: 32 bytes, 64 hexadecimal digits or base64. Raises Refused."""
    try:
        content = path.read_bytes()
    except OSError as error:
        ask = "请插上保存密钥的介质，或用 BIANZHI_BACKUP_KEY_FILE 指明密钥文件。"
        raise refusal("BK02", f"备份密钥文件 {path} 读不到（{error.strerror}）", ask) from error
    for reading in (_as_hex, _as_base64, bytes):
        raw = reading(content)
        if len(raw) == KEY_LENGTH:
            return BackupKey(raw)
    raise refusal("BK02", f"备份密钥文件 {path} 不是 32 字节的密钥", "可用 ./bianzhi backup key 文件 生成。")


def office_key() -> BackupKey | None:
    """The key this office encrypts its backups with, None where none is set. Raises Refused where it cannot be read."""
    return read_key(Path(settings.BACKUP_KEY_FILE)) if settings.BACKUP_KEY_FILE else None


def _as_hex(content: bytes) -> bytes:
    try:
        return bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        return b""


def _as_base64(content: bytes) -> bytes:
    try:
        return base64.b64decode(content.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def make_key(path: Path) -> BackupKey:
    """Write a fresh key; refuses to touch a file that is there."""
    raw = secrets.token_bytes(KEY_LENGTH)
    try:
        written = write_new(path, raw.hex().encode() + b"\n")
    except OSError as error:
        raise refusal("BK02", f"密钥文件 {path} 写不进（{error.strerror}）") from error
    if not written:
        raise refusal("BK02", f"文件 {path} 已存在，没有改动", "覆盖密钥会使用它加密的备份都打不开；请换一个文件名。")
    return BackupKey(raw)


def seal(pieces: Iterable[bytes], into: BinaryIO, key: BackupKey, context: str) -> None:
    """Write the pieces encrypted."""
    salt = secrets.token_bytes(SALT)
    cipher = key.for_part(salt, context)
    into.write(MAGIC + salt)
    for number, (piece, is_last) in enumerate(_even(pieces)):
        into.write(cipher.encrypt(_nonce(number, is_last=is_last), piece, _bound(context, number, is_last=is_last)))


def unseal(stream: BinaryIO, key: BackupKey, context: str) -> Iterator[bytes]:
    """The pieces as they were. Raises Damaged, at the latest after the last piece."""
    head = stream.read(len(MAGIC) + SALT)
    if len(head) != len(MAGIC) + SALT or not head.startswith(MAGIC):
        raise Damaged(context, "不是加密的备份文件，或开头被改动")
    cipher = key.for_part(head[len(MAGIC) :], context)
    number, piece = 0, stream.read(PIECE + TAG)
    while True:
        following = stream.read(PIECE + TAG)
        is_last = not following
        bound = _bound(context, number, is_last=is_last)
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), piece, bound)
        except (InvalidTag, ValueError) as error:
            raise Damaged(context, "解不开：被改动、截短，或不是用这把密钥加密的") from error
        if is_last:
            return
        number, piece = number + 1, following


def _even(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of one length, the last one marked (and empty where there is nothing at all)."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) > PIECE:
            yield bytes(buffer[:PIECE]), False
            del buffer[:PIECE]
    yield bytes(buffer), True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


def _bound(context: str, number: int, *, is_last: bool) -> bytes:
    return f"{context}|{number}|{int(is_last)}".encode()
