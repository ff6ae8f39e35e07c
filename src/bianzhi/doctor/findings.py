"""What a check comes to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    GOOD = "good"
    NOTE = "note"
    WARN = "warn"
    BAD = "bad"

    @property
    def label(self) -> str:
        """The word on the page and in the terminal."""
        return {"good": "正常", "note": "说明", "warn": "需注意", "bad": "不合格"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: state, the fact, what to do ("" where nothing is)."""

    subject: str
    state: State
    fact: str
    advice: str = ""

    @property
    def label(self) -> str:
        """The state in a word."""
        return self.state.label


Check = Callable[[], Iterable[Finding]]


def good(subject: str, fact: str) -> Finding:
    """As it should be."""
    return Finding(subject, State.GOOD, fact)


def note(subject: str, fact: str, advice: str = "") -> Finding:
    """Neither good nor bad."""
    return Finding(subject, State.NOTE, fact, advice)


def warn(subject: str, fact: str, advice: str) -> Finding:
    """Works, and should be otherwise."""
    return Finding(subject, State.WARN, fact, advice)


def bad(subject: str, fact: str, advice: str) -> Finding:
    """Must not stay so."""
    return Finding(subject, State.BAD, fact, advice)
