"""Whom a password alone does not let in, and the codes that stand beside it."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import Final

DECIDING: Final = frozenset(
    {"system.manage", "accounts.manage", "audit.view", "approvals.issue", "archives.appraise", "matters.intervene"}
)
"""Permissions whose holders must show a second factor: the three administrators, and who approves."""
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY: Final = re.compile(r"[a-z0-9]{5}-[a-z0-9]{5}")


def is_required(permissions: Iterable[str]) -> bool:
    """Whether the holder of these permissions must have a second factor, where the installation enforces it."""
    return not DECIDING.isdisjoint(permissions)


def fresh_recovery_codes() -> list[str]:
    """Ten codes of ten letters each (49 bits), without those that are read for one another."""
    return ["-".join(_group() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def tidied(code: str) -> str:
    """A code as it was typed, without blanks, in small letters, full-width ones as plain ones."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", code)).lower()


def is_recovery_code(code: str) -> bool:
    """Whether a tidied code has the shape of a recovery code, not that of a device's six digits."""
    return _RECOVERY.fullmatch(code) is not None


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))
