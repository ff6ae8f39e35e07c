"""The watch: which rule is asked how often, and what comes of it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError
from django.utils import timezone

from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.intrusion import installation, reading_files
from bianzhi.intrusion.models import Alert, HourlyReading, RuleRun
from bianzhi.intrusion.parameters import READS_PER_MINUTE
from bianzhi.intrusion.rules.signs import Sign
from bianzhi.intrusion.selectors import acts, reading, standing
from bianzhi.intrusion.selectors.in_force import InForce, rules_in_force
from bianzhi.intrusion.services.raising import Outcome, climb, keep_hours, note_outcomes
from bianzhi.intrusion.services.sealing import seal_installation
from bianzhi.intrusion.services.telling import WATCH

log = logging.getLogger(__name__)

Detector = Callable[[InForce, datetime], Iterable[Sign]]
WATCH_SECONDS: Final = 180
USUAL_DAYS: Final = 60
_SLACK: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule's detector and how many minutes lie between two askings; `nightly` ones read everything."""

    detect: Detector
    every_minutes: int = 3
    nightly: Detector | None = None


WATCHED: Final[dict[str, Watched]] = {
    "brute_user": Watched(acts.brute_user),
    "brute_address": Watched(acts.brute_address),
    "spraying": Watched(acts.spraying),
    "mass_reading": Watched(reading.mass_reading),
    "many_pages": Watched(reading.many_pages),
    "odd_hours": Watched(reading.odd_hours, 15),
    "reveals": Watched(acts.reveals),
    "exports": Watched(acts.exports),
    "denied": Watched(reading.denied),
    "admin_new_address": Watched(acts.admin_new_address),
    "reset_then_reveal": Watched(acts.reset_then_reveal),
    "harmful_files": Watched(standing.harmful_files),
    "installation": Watched(standing.changed_installation, 60, standing.damaged_packages),
    "record": Watched(standing.failing_record, 24 * 60, standing.failing_record),
    "anchors": Watched(standing.failing_anchors, 60),
    "old_backup": Watched(standing.old_backup, 60),
    "clock": Watched(standing.clock_set_back),
    "structure": Watched(standing.changed_structure, 60),
    "key_files": Watched(standing.exposed_keys, 60),
}


def watch(now: datetime | None = None) -> list[Alert]:
    """Ask the rules that are due, take the hours past into account, climb the ladder; returns the new alerts."""
    moment = now or timezone.now()
    seal_once()
    reading_files.keep_limit(READS_PER_MINUTE.number)
    _keep_past_hours(moment)
    due = [code for code in _due(moment) if code != "record"]
    raised = note_outcomes(actor=WATCH, outcomes=ask(due, moment), now=moment) if due else []
    climb(actor=WATCH, now=moment)
    return raised


def watch_everything(now: datetime | None = None) -> list[Alert]:
    """Once a day, or when asked: every rule, with what reads every file and every row."""
    moment = now or timezone.now()
    seal_once()
    outcomes = ask(list(WATCHED), moment, nightly=True)
    raised = note_outcomes(actor=WATCH, outcomes=outcomes, now=moment)
    reading_files.sweep(moment)
    return raised


def ask(codes: Iterable[str], now: datetime, *, nightly: bool = False) -> list[Outcome]:
    """What these rules find; nobody who writes waits for them. One that breaks keeps none of the others."""
    rules = rules_in_force()
    return [_outcome(rules[code], WATCHED[code], now, nightly=nightly) for code in codes]


def _outcome(rule: InForce, watched: Watched, now: datetime, *, nightly: bool) -> Outcome:
    if not rule.is_enabled:
        return Outcome(rule, now)
    begun = time.monotonic()
    detect = (watched.nightly if nightly else None) or watched.detect
    try:
        with read_snapshot():
            signs = tuple(detect(rule, now))
    except (DatabaseError, OSError, ValueError, LookupError, TypeError) as error:
        log.exception("rule %s failed", rule.code)
        return Outcome(rule, now, time.monotonic() - begun, error=f"{type(error).__name__}：规则没有运行完，详见日志")
    return Outcome(rule, now, time.monotonic() - begun, signs)


def _due(now: datetime) -> Iterator[str]:
    ran = dict(RuleRun.objects.values_list("rule", "ran_at"))
    for code, watched in WATCHED.items():
        last = ran.get(code)
        if last is None or last > now or now - last >= timedelta(minutes=watched.every_minutes) - _SLACK:
            yield code


def seal_once() -> None:
    """Make the manifest when there is none yet: at the first start of an installation."""
    if not installation.place().exists() and not _was_sealed():
        seal_installation(actor=WATCH, reason="首次启动")


def _was_sealed() -> bool:
    return AuditEntry.objects.filter(action=standing.SEALED).exists()


def _keep_past_hours(now: datetime) -> None:
    """What each account opened in the hours since the newest kept one; an hour that is not over yet waits."""
    newest = HourlyReading.objects.order_by("-hour").values_list("hour", flat=True).first()
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hour = newest + timedelta(hours=1) if newest else this_hour - timedelta(hours=24)
    hour = max(hour, this_hour - timedelta(hours=reading_files.KEPT_HOURS))
    found: dict[datetime, list[tuple[int, int, int]]] = {}
    while hour < this_hour:
        found[hour] = list(reading.tallies(hour, hour + timedelta(hours=1) - timedelta(seconds=1)))
        hour += timedelta(hours=1)
    if any(found.values()):
        keep_hours(actor=WATCH, hours=found, before=now - timedelta(days=USUAL_DAYS))
