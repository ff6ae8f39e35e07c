"""A sign: a rule's figure about one subject, with what it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

MOST_EVIDENCE: Final = 50
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a sign is about: "user:7", "address:10.0.0.9", "system"."""

    key: str
    label: str

    @property
    def user_id(self) -> int | None:
        """The account, where it is about one."""
        kind, _, number = self.key.partition(":")
        return int(number) if kind == "user" and number.isdecimal() else None


PLATFORM: Final = Subject(SYSTEM, "平台")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, the audit entry (0 where there is none), and what makes it distinct."""

    at: datetime
    seq: int = 0
    what: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A rule fired for a subject."""

    rule: str
    subject: Subject
    count: int
    first_at: datetime
    last_at: datetime
    evidence: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    times: tuple[datetime, ...] = field(default=(), repr=False)
    """When each event was, for telling new ones from those an earlier alert spoke of."""


def counted(
    rule: str, subject: Subject, events: Sequence[Event], threshold: int, *, distinct: bool = False, **facts: Any
) -> Sign | None:
    """The sign, when the events (or the different things they are of) reach the threshold."""
    count = len({event.what for event in events}) if distinct else len(events)
    if not events or count < threshold:
        return None
    return Sign(
        rule,
        subject,
        count,
        min(event.at for event in events),
        max(event.at for event in events),
        tuple(sorted({event.seq for event in events if event.seq}))[-MOST_EVIDENCE:],
        facts,
        tuple(event.at for event in events),
    )


def stands(rule: str, findings: Iterable[str], now: datetime, **facts: Any) -> Sign | None:
    """The sign of something that stands wrong, with what was found."""
    found = list(findings)
    if not found:
        return None
    return Sign(rule, PLATFORM, len(found), now, now, (), {"findings": found[:MOST_EVIDENCE], **facts})


def beyond_usual(usual: Sequence[int], factor: int) -> int:
    """So many times what 19 of 20 of a person's own hours stay below; 0 of somebody with too little past."""
    if factor <= 0 or len(usual) < 20:
        return 0
    return factor * sorted(usual)[int(0.95 * (len(usual) - 1))]
