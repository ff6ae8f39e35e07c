"""Proofs over the whole database, run by `./bianzhi check`.

Each app registers what it can prove in its `AppConfig.ready`. A check walks the database and yields a `Finding` for
every record that is not as the platform's own services would have left it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `where` names the record (title, table and id), `what` says what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


@dataclass(frozen=True, slots=True)
class Check:
    """One proof; `name` is what `--only` takes, `label` what the operator reads."""

    name: str
    label: str
    function: Callable[[], Iterable[Finding]]


class UnknownCheck(LookupError):
    """A check was asked for by a name nobody registered."""


_checks: dict[str, Check] = {}


def register(name: str, label: str, function: Callable[[], Iterable[Finding]]) -> None:
    """Add a proof. Raises ValueError when the name is taken."""
    if name in _checks:
        raise ValueError(f"integrity check registered twice: {name}")
    _checks[name] = Check(name, label, function)


def registered() -> list[Check]:
    """Every check in the order of registration."""
    return list(_checks.values())


def run(names: Sequence[str] | None = None) -> Iterator[tuple[Check, list[Finding]]]:
    """Run the named checks, or all; yields each with what it found. Raises UnknownCheck for a name nobody knows."""
    unknown = [name for name in names or () if name not in _checks]
    if unknown:
        raise UnknownCheck(unknown[0])
    for check in [_checks[name] for name in names] if names else registered():
        yield check, _findings_of(check)


def _findings_of(check: Check) -> list[Finding]:
    """What a check finds. Damaged data may be too odd for it to go through: then that is the finding."""
    try:
        with transaction.atomic():
            return list(check.function())
    except Exception as error:
        log.exception("integrity check %s could not be finished", check.name)
        what = f"未能完成，数据异常或程序出错（{type(error).__name__}），详见日志"
        return [Finding(f"核对项“{check.label}”（{check.name}）", what)]


def findings(names: Sequence[str] | None = None) -> list[Finding]:
    """All findings of the named checks, or of all."""
    return [finding for _, found in run(names) for finding in found]
