"""One value in its envelope: a data key of its own, wrapped by a master key, and the value sealed with it.

    version 1 | cipher 1 | key id 4 | wrapped data key (nonce, key, tag) | nonce, cipher text, tag

as URL-safe base64 behind a mark. The context (which table, which column) is authenticated with both: a text moved to
another column does not open. Changing the master key rewrites the wrapping only.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.encryption.ciphers import BY_CODE, NONCE, TAG, AuthenticatedCipher, Forged
from bianzhi.kernel.encryption.keyring import ID_LENGTH, Keyring

MARK: Final = "bz1."
"""Begins every sealed text."""
_HEAD: Final = 1 + ID_LENGTH
_LONGEST: Final = _HEAD + NONCE + max(cipher.key_length for cipher in BY_CODE.values()) + TAG
CONTENT_FROM: Final = len(MARK) + -(-_LONGEST // 3) * 4 + 1
"""From this character on (the first is 1) a sealed text is what was sealed: the same under every master key."""


@dataclass(frozen=True, slots=True)
class _Parts:
    cipher: AuthenticatedCipher
    key_id: bytes
    wrapped: bytes
    body: bytes


def seal(keyring: Keyring, value: str, context: str) -> str:
    """The value in a fresh envelope; the same value never gives the same text twice."""
    cipher, key_id = keyring.cipher, keyring.current
    data_key = secrets.token_bytes(cipher.key_length)
    wrapped = _wrap(cipher, keyring.master(key_id), data_key, context)
    return _text(_Parts(cipher, key_id, wrapped, cipher.encrypt(data_key, value.encode(), context.encode())))


def unseal(keyring: Keyring, text: str, context: str) -> str:
    """The value. Raises Forged for what was altered or belongs elsewhere, UnknownKey for a key this machine lacks."""
    parts = _parts(text)
    return parts.cipher.decrypt(_data_key(keyring, parts, context), parts.body, context.encode()).decode()


def rewrap(keyring: Keyring, text: str, context: str) -> str:
    """The same sealed value under the current master key. Raises like `unseal`."""
    parts = _parts(text)
    data_key = _data_key(keyring, parts, context)
    wrapped = _wrap(parts.cipher, keyring.master(keyring.current), data_key, context)
    return _text(_Parts(parts.cipher, keyring.current, wrapped, parts.body))


def key_of(text: str) -> bytes:
    """The id of the master key a sealed text rests on. Raises Forged for what is no sealed text."""
    return _parts(text).key_id


def is_sealed(text: str) -> bool:
    """Whether a stored text claims to be sealed."""
    return text.startswith(MARK)


def _wrap(cipher: AuthenticatedCipher, master: bytes, data_key: bytes, context: str) -> bytes:
    return cipher.encrypt(master[: cipher.key_length], data_key, b"key|" + context.encode())


def _data_key(keyring: Keyring, parts: _Parts, context: str) -> bytes:
    master = keyring.master(parts.key_id)[: parts.cipher.key_length]
    return parts.cipher.decrypt(master, parts.wrapped, b"key|" + context.encode())


def _text(parts: _Parts) -> str:
    raw = bytes([parts.cipher.code]) + parts.key_id + parts.wrapped + parts.body
    return MARK + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _parts(text: str) -> _Parts:
    try:
        encoded = text[len(MARK) :]
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        cipher = BY_CODE[raw[0]]
    except (binascii.Error, ValueError, KeyError, IndexError) as error:
        raise Forged("不是本系统的密文") from error
    end = _HEAD + NONCE + cipher.key_length + TAG
    if not is_sealed(text) or len(raw) < end + NONCE + TAG:
        raise Forged("密文不完整")
    return _Parts(cipher, raw[1:_HEAD], raw[_HEAD:end], raw[end:])
