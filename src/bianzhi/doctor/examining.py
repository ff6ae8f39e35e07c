"""Every check, one after another; one that breaks is told as broken and keeps none of the others."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.doctor.checks import CHECKS
from bianzhi.doctor.findings import Finding, State, bad

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One group of findings."""

    name: str
    title: str
    findings: tuple[Finding, ...]


def examine(names: Iterable[str] | None = None) -> Iterator[Part]:
    """The findings of the named checks, or of all. Raises KeyError for a name nobody knows.

    Checks ask other servers and read disks: nobody who writes waits for them.
    """
    for name in names or CHECKS:
        title, check = CHECKS[name]
        try:
            with read_snapshot():
                findings = tuple(check())
        except Exception as error:
            log.exception("doctor: check %s broke", name)
            findings = (bad(title, f"这一项没有查完（{type(error).__name__}）", "详见日志"),)
        yield Part(name, title, findings)


def worst(parts: Iterable[Part]) -> State:
    """The gravest state there is."""
    order = list(State)
    return max((one.state for part in parts for one in part.findings), key=order.index, default=State.GOOD)
