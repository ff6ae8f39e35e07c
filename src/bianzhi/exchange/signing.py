"""The key with which the platform signs what it gives back: Ed25519, in a file beside the database, never in it."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from bianzhi.common.key_files import read_or_make

FILE: Final = "exchange_ed25519.pem"


def sign(data: bytes) -> str:
    """The signature of these bytes, as 128 hexadecimal digits."""
    return _private_key(str(_path())).sign(data).hex()


def is_signed(data: bytes, signature: str, public_key: str | None = None) -> bool:
    """Whether the signature is of these bytes, by the platform's key or by another one in PEM.

    Raises ValueError when `public_key` is no Ed25519 key.
    """
    key = _private_key(str(_path())).public_key() if public_key is None else _read_public(public_key)
    try:
        key.verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def has_key() -> bool:
    """Whether this platform has signed anything yet."""
    return _path().exists()


def public_pem() -> str:
    """The public key, for those who want to check signatures."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return _private_key(str(_path())).public_key().public_bytes(*form).decode()


def key_id() -> str:
    """A short name of the key: the first 16 digits of the SHA-256 of its 32 bytes."""
    raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(_private_key(str(_path())).public_key().public_bytes(*raw)).hexdigest()[:16]


def _path() -> Path:
    return Path(settings.HOME) / "keys" / FILE


@lru_cache(maxsize=2)
def _private_key(path: str) -> Ed25519PrivateKey:
    place = Path(path)
    key = serialization.load_pem_private_key(read_or_make(place, _fresh), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"签名密钥文件 {place} 不是 Ed25519 密钥：请恢复备份，或移走后由系统重新生成。")
    return key


def _fresh() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_public(pem: str) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("公钥不是 Ed25519 公钥")
    return key
