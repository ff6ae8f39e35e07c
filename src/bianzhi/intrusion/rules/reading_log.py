"""One line for each page somebody opened: moment, account, route, key of the record, and how it was answered.

    1764210000 17 personnel:person 4711 p

No names, numbers, addresses or questions: what was opened is told by route and key alone, and a number too long to be
a key (somebody's ID number typed into an address) by its beginning. Ways of answer: p a page, f a fragment of one, x a
download, d refused for want of permission, o there but out of sight, n not there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

PAGE: Final = "p"
FRAGMENT: Final = "f"
DENIED: Final = "d"
OUT_OF_SIGHT: Final = "o"
NOT_THERE: Final = "n"
FRAGMENTS_TO_A_PAGE: Final = 4
"""Whoever reads a page asks for some fragments; whoever says of every page that it is a fragment is counted too."""
_WAYS: Final = frozenset({PAGE, FRAGMENT, DENIED, OUT_OF_SIGHT, NOT_THERE})
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.:,-]")
_NO_KEY: Final = re.compile(r"([0-9]{6})[0-9]{5,}[Xx]?")


@dataclass(frozen=True, slots=True)
class Reading:
    """One request of one account."""

    at: int
    user_id: int
    route: str
    record: str
    way: str

    @property
    def address(self) -> str:
        """Route and key: what tells two readings of different things apart."""
        return f"{self.route} {self.record}"

    @property
    def is_page(self) -> bool:
        """Whether a whole page was shown."""
        return self.way == PAGE

    @property
    def is_shown(self) -> bool:
        """Whether a page or a fragment of one was shown."""
        return self.way in (PAGE, FRAGMENT)

    @property
    def is_refused(self) -> bool:
        """Whether it asked for something its reader may not see."""
        return self.way in (DENIED, OUT_OF_SIGHT)


def line(reading: Reading) -> str:
    """The reading as it is written down."""
    record = _NO_KEY.sub(r"\1..", _UNSAFE.sub("", reading.record))[:60] or "-"
    return f"{reading.at} {reading.user_id} {_UNSAFE.sub('', reading.route)[:60] or '-'} {record} {reading.way}\n"


def read(text: str) -> Iterator[Reading]:
    """The readings of a file; a line that was torn off is left out."""
    for written in text.splitlines():
        parts = written.split(" ")
        if len(parts) == 5 and parts[0].isdecimal() and parts[1].isdecimal() and parts[4] in _WAYS:
            record = "" if parts[3] == "-" else parts[3]
            yield Reading(int(parts[0]), int(parts[1]), parts[2], record, parts[4])


def as_pages(readings: Iterable[Reading]) -> list[Reading]:
    """The pages shown, and one for so many fragments; a page that asks again how one thing stands, once a minute."""
    pages: list[Reading] = []
    fragments: list[Reading] = []
    asked: set[tuple[str, int]] = set()
    for one in readings:
        moment = (one.address, one.at // 60)
        if one.is_page:
            pages.append(one)
        elif one.is_shown and not (one.record and moment in asked):
            asked.add(moment)
            fragments.append(one)
    return pages + fragments[FRAGMENTS_TO_A_PAGE - 1 :: FRAGMENTS_TO_A_PAGE]
