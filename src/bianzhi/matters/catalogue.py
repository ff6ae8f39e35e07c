"""Every matter the platform knows, by its code; filled when `matters.definitions` is imported at start."""

from typing import Final

from bianzhi.matters.declarations import Matter

MATTERS: Final[dict[str, Matter]] = {}


class UnknownMatter(LookupError):
    """There is no matter of that code."""


def declare(matter: Matter) -> Matter:
    """Add a matter; ValueError when its code or the name of one of its commands is taken."""
    if matter.code in MATTERS:
        raise ValueError(f"matter declared twice: {matter.code}")
    MATTERS[matter.code] = matter
    return matter


def matter(code: str) -> Matter:
    """The matter of that code. Raises UnknownMatter."""
    if code not in MATTERS:
        raise UnknownMatter(code)
    return MATTERS[code]
