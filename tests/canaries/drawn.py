"""Canaries: made-up people whose ID numbers and telephones occur nowhere else, drawn anew for each run.

Drawn anew, since the write-ahead log of a server that many runs share keeps what an earlier run has written.
"""

from __future__ import annotations

import random
import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN: Final = "安白川丹恩帆歌禾佳凯岚明宁欧鹏青然思桐维希一云子"
NUMBERS: Final = re.compile(rb"330699\d{11}")
"""The body of a number; its last character is known from it."""
PHONES: Final = re.compile(rb"199\d{8}")


@dataclass(frozen=True, slots=True)
class Canary:
    """One made-up person."""

    name: str
    number: str
    phone: str
    born: date

    @property
    def marks(self) -> frozenset[bytes]:
        """What must be found nowhere."""
        return frozenset({self.number[:17].encode(), self.phone.encode()})


def draw(count: int) -> list[Canary]:
    """So many canaries, all of them men, no two alike."""
    chance = random.Random(secrets.randbits(64))
    found: dict[str, Canary] = {}
    while len(found) < count:
        born = date(1970, 1, 1) + timedelta(days=chance.randrange(11_000))
        number = make_id_number(UNALLOCATED_REGION, born, chance.randrange(1, 999, 2)).value
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))
        found[number] = Canary(name, number, f"199{chance.randrange(10**8):08d}", born)
    return list(found.values())


def marks_in(data: bytes) -> set[bytes]:
    """Everything in some bytes that looks like a number or a telephone of a canary."""
    return {*_all(NUMBERS, data), *_all(PHONES, data)}


def _all(pattern: re.Pattern[bytes], data: bytes) -> set[bytes]:
    """Matches, those that overlap another one too."""
    found: set[bytes] = set()
    at = 0
    while match := pattern.search(data, at):
        found.add(match[0])
        at = match.start() + 1
    return found
