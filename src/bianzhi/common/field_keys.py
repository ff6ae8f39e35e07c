"""The keyring of this installation, read once from its file beside the database (never in it, never in a backup)."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi.common.key_files import write_new, write_over
from bianzhi.kernel.encryption.ciphers import probed
from bianzhi.kernel.encryption.keyring import Keyring, fresh_keyring, read_keyring

FROM_COPY: Final = "请从另行保存的密钥副本恢复该文件；切勿另造密钥，否则已加密的内容无法打开"


class KeysUnreadable(RuntimeError):
    """The key file is missing or holds no keys: everything encrypted would be lost if another took its place."""


def keyring() -> Keyring:
    """The keys that seal and open every encrypted column.

    Raises KeysUnreadable for a missing or damaged file, CipherUnavailable when this machine lacks the chosen cipher.
    """
    place = place_of_keys()
    return _read(str(place), settings.FIELD_CIPHER, _written_at(place))


def establish(*, anything_sealed: Callable[[], bool]) -> None:
    """Make the keys of a new installation; with sealed values in the database, missing keys are never made up.

    Raises KeysUnreadable when they are missing and needed, or damaged; CipherUnavailable.
    """
    place = place_of_keys()
    if not place.exists():
        if anything_sealed():
            raise KeysUnreadable(f"数据库或文件中已有加密数据，但密钥文件 {place} 不存在。{FROM_COPY}")
        write_new(place, fresh_keyring(probed(settings.FIELD_CIPHER)).to_json().encode())
    keyring()


def place_of_keys() -> Path:
    """The key file: BIANZHI_KEYS_FILE, else in the home folder."""
    return Path(settings.FIELD_KEYS)


def replace_keys(keys: Keyring) -> None:
    """Write another keyring in place of the one there, whole or not at all."""
    write_over(place_of_keys(), keys.to_json().encode())


@lru_cache(maxsize=2)
def _read(place: str, cipher: str, _written: int) -> Keyring:
    chosen = probed(cipher)
    try:
        return read_keyring(Path(place).read_text("utf-8"), chosen)
    except (OSError, ValueError) as error:
        raise KeysUnreadable(f"密钥文件 {place} 无法使用：{error}。{FROM_COPY}") from error


def _written_at(place: Path) -> int:
    """When the file was written, so that a rotation by another process is noticed."""
    try:
        return place.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
