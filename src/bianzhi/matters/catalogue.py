"""Every matter the platform knows, by its code; filled when `matters.definitions` is imported at start."""

from dataclasses import replace
from typing import Final

from bianzhi.matters.declarations import Matter
from bianzhi.matters.rules.supervision import FIELDS

MATTERS: Final[dict[str, Matter]] = {}


class UnknownMatter(LookupError):
    """There is no matter of that code."""


def declare(matter: Matter) -> Matter:
    """Add a matter, with the fields that supervision writes; ValueError when its code is taken."""
    if matter.code in MATTERS:
        raise ValueError(f"matter declared twice: {matter.code}")
    if matter.supervised:
        matter = replace(matter, fields=(*matter.fields, *FIELDS))
    MATTERS[matter.code] = matter
    return matter


def matter(code: str) -> Matter:
    """The matter of that code. Raises UnknownMatter."""
    if code not in MATTERS:
        raise UnknownMatter(code)
    return MATTERS[code]
