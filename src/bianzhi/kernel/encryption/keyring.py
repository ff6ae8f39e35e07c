"""The keys of an installation: master keys by their ids, one of them current, and the key of the index."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bianzhi.kernel.digests import hmac_sm3_hex
from bianzhi.kernel.encryption.ciphers import CIPHERS, AuthenticatedCipher, Forged

ID_LENGTH: Final = 4
MASTER_LENGTH: Final = 32
"""Bytes of a master key; a cipher with a shorter key takes the first ones."""


class UnknownKey(Forged):
    """The value was sealed with a key that is not in the keyring of this machine."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """What seals and opens every encrypted value. It lives in a file outside database and backups."""

    masters: Mapping[bytes, bytes]
    current: bytes
    index: bytes
    cipher: AuthenticatedCipher

    def master(self, key_id: bytes) -> bytes:
        """The master key of that id. Raises UnknownKey."""
        try:
            return self.masters[key_id]
        except KeyError:
            raise UnknownKey(f"本机密钥文件中没有编号为 {key_id.hex()} 的密钥") from None

    def rotated(self) -> "Keyring":
        """With a fresh current master key; the older ones stay, for what they sealed."""
        fresh = secrets.token_bytes(ID_LENGTH)
        return replace(self, masters={**self.masters, fresh: secrets.token_bytes(MASTER_LENGTH)}, current=fresh)

    def without(self, key_id: bytes) -> "Keyring":
        """Without a master key nothing rests on any more. Raises ValueError for the current one."""
        if key_id == self.current:
            raise ValueError("不能移除当前密钥")
        return replace(self, masters={key: value for key, value in self.masters.items() if key != key_id})

    def fingerprint(self, purpose: str, value: str) -> str:
        """HMAC-SM3 of a value: equal values of one purpose have equal fingerprints, and nothing else shows."""
        return hmac_sm3_hex(self.index, f"{purpose}\x00{value}".encode())

    def to_json(self) -> str:
        """As it is written to the key file."""
        encoded = {key.hex(): base64.b64encode(value).decode() for key, value in self.masters.items()}
        facts = {"current": self.current.hex(), "keys": encoded, "index": base64.b64encode(self.index).decode()}
        return json.dumps(facts, indent=2) + "\n"


def fresh_keyring(cipher: AuthenticatedCipher) -> Keyring:
    """A keyring with one new master key and a new index key."""
    key_id = secrets.token_bytes(ID_LENGTH)
    masters = {key_id: secrets.token_bytes(MASTER_LENGTH)}
    return Keyring(masters, key_id, secrets.token_bytes(MASTER_LENGTH), cipher)


def read_keyring(text: str, cipher: AuthenticatedCipher = CIPHERS["aes"]) -> Keyring:
    """The keyring a key file holds. Raises ValueError when it holds none."""
    try:
        facts: Any = json.loads(text)
        masters = {bytes.fromhex(key): base64.b64decode(value, validate=True) for key, value in facts["keys"].items()}
        keyring = Keyring(masters, bytes.fromhex(facts["current"]), base64.b64decode(facts["index"]), cipher)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("不是本系统的密钥文件") from error
    right = all(len(key) == ID_LENGTH and len(value) == MASTER_LENGTH for key, value in masters.items())
    if not right or keyring.current not in masters or len(keyring.index) != MASTER_LENGTH:
        raise ValueError("密钥文件不完整")
    return keyring


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
