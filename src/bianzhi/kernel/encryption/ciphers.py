"""The two authenticated ciphers values are sealed with: AES-256-GCM, and SM4-GCM (GB/T 32907-2016) where asked for.

Each is proved at start with a known answer. One that gives none stops the start: nothing is ever sealed with another
algorithm than the one that was chosen.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
TAG: Final = 16


class CipherUnavailable(RuntimeError):
    """This machine cannot compute the chosen cipher, or computes it wrongly."""


class Forged(ValueError):
    """The sealed bytes, their context or the key are not the ones that were sealed."""


class AuthenticatedCipher(Protocol):
    """Seals bytes under a key so that any change of them, or of their context, is noticed."""

    @property
    def code(self) -> int:
        """Its number in sealed texts."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def key_length(self) -> int:
        """Bytes of its keys."""

    def encrypt(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        """Fresh nonce, cipher text and tag in one."""

    def decrypt(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes. Raises Forged."""


@dataclass(frozen=True, slots=True)
class Aes256:
    """AES-256-GCM."""

    code: int = 1
    name: str = "aes"
    key_length: int = 32

    def encrypt(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(key).encrypt(nonce, plain, context)

    def decrypt(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        try:
            return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context)
        except (InvalidTag, ValueError) as error:
            raise Forged("密文、用途或密钥不符") from error


@dataclass(frozen=True, slots=True)
class Sm4:
    """SM4-GCM."""

    code: int = 2
    name: str = "sm4"
    key_length: int = 16

    def encrypt(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context)
        return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        if len(sealed) < NONCE + TAG:
            raise Forged("密文不完整")
        try:
            decryptor = Cipher(algorithms.SM4(key), modes.GCM(sealed[:NONCE], sealed[-TAG:])).decryptor()
            decryptor.authenticate_additional_data(context)
            return decryptor.update(sealed[NONCE:-TAG]) + decryptor.finalize()
        except (InvalidTag, ValueError) as error:
            raise Forged("密文、用途或密钥不符") from error


CIPHERS: Final[Mapping[str, AuthenticatedCipher]] = {cipher.name: cipher for cipher in (Aes256(), Sm4())}
BY_CODE: Final[Mapping[int, AuthenticatedCipher]] = {cipher.code: cipher for cipher in CIPHERS.values()}

_KNOWN_ANSWERS: Final[Mapping[str, tuple[str, str, str, str, str]]] = {
    # key, nonce, context, plain, cipher text with tag
    # NIST SP 800-38D, AES-256 test case 16
    "aes": (
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
    # RFC 8998, appendix A.1
    "sm4": (
        "0123456789abcdeffedcba9876543210",
        "00001234567800000000abcd",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec",
    ),
}


def probed(name: str) -> AuthenticatedCipher:
    """The cipher called `name`, after it has opened its standard's own example.

    Raises CipherUnavailable when this machine cannot, KeyError for a name nobody knows.
    """
    cipher = CIPHERS[name]
    key, nonce, context, plain, sealed = (bytes.fromhex(part) for part in _KNOWN_ANSWERS[name])
    try:
        opened = cipher.decrypt(key, nonce + sealed, context)
    except (Forged, UnsupportedAlgorithm) as error:
        raise CipherUnavailable(
            f"本机的 {name.upper()} 算法不可用，无法启动：请更换支持它的 OpenSSL 或 cryptography 组件"
        ) from error
    if opened != plain:
        raise CipherUnavailable(f"本机的 {name.upper()} 算法结果与标准示例不符，无法启动")
    return cipher
