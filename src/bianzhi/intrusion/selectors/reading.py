"""Signs in what people open: too much, at odd hours, what they may not see."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bianzhi.common import working_days
from bianzhi.intrusion import reading_files
from bianzhi.intrusion.models import HourlyReading
from bianzhi.intrusion.parameters import DAY_BEGINS, DAY_ENDS
from bianzhi.intrusion.rules.reading_log import Reading, as_pages
from bianzhi.intrusion.rules.signs import Event, Sign, beyond_usual, counted
from bianzhi.intrusion.selectors.acts import person
from bianzhi.intrusion.selectors.in_force import InForce
from bianzhi.kernel import clock


def mass_reading(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Many different records in an hour, and far more than this person usually opens."""
    for user_id, readings in _by_user(rule, now, lambda one: bool(one.record) and not one.is_refused).items():
        usual = beyond_usual(_usual(user_id, "records"), rule.factor)
        threshold = max(rule.threshold, usual)
        yield from _sign(rule, user_id, readings, threshold, distinct=True, usual=usual)


def many_pages(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Many pages in an hour, and far more than this person usually opens."""
    for user_id, readings in _by_user(rule, now, lambda one: one.is_shown).items():
        usual = beyond_usual(_usual(user_id, "pages"), rule.factor)
        yield from _sign(rule, user_id, as_pages(readings), max(rule.threshold, usual), usual=usual)


def odd_hours(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Pages opened outside working hours, or on a day nobody works."""
    begins, ends = DAY_BEGINS.number, DAY_ENDS.number
    calendar = working_days.load(now.astimezone(clock.CHINA).date())

    def is_odd(reading: Reading) -> bool:
        moment = datetime.fromtimestamp(reading.at, clock.CHINA)
        return reading.is_shown and not (begins <= moment.hour < ends and calendar.is_working_day(moment.date()))

    for user_id, readings in _by_user(rule, now, is_odd).items():
        yield from _sign(rule, user_id, as_pages(readings), rule.threshold)


def denied(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Different addresses somebody was refused, of things that are there."""
    for user_id, readings in _by_user(rule, now, lambda one: one.is_refused).items():
        yield from _sign(rule, user_id, readings, rule.threshold, distinct=True)


def tallies(first: datetime, last: datetime) -> Iterator[tuple[int, int, int]]:
    """(account, pages, different records) of a time."""
    groups: dict[int, list[Reading]] = defaultdict(list)
    for reading in reading_files.between(first, last):
        groups[reading.user_id].append(reading)
    for user_id, readings in sorted(groups.items()):
        records = {one.address for one in readings if one.record and not one.is_refused}
        yield user_id, len(as_pages(readings)), len(records)


def _by_user(rule: InForce, now: datetime, wanted: Callable[[Reading], bool]) -> dict[int, list[Reading]]:
    groups: dict[int, list[Reading]] = defaultdict(list)
    for reading in reading_files.between(rule.since(now), now):
        if wanted(reading):
            groups[reading.user_id].append(reading)
    return groups


def _usual(user_id: int, column: str) -> list[int]:
    return list(HourlyReading.objects.filter(user_id=user_id, **{f"{column}__gt": 0}).values_list(column, flat=True))


def _sign(
    rule: InForce, user_id: int, readings: Sequence[Reading], threshold: int, *, distinct: bool = False, usual: int = 0
) -> Iterator[Sign]:
    if len(readings) < threshold:  # nobody is looked up for nothing
        return
    events = [Event(datetime.fromtimestamp(one.at, UTC), what=one.address) for one in readings]
    routes: dict[str, int] = defaultdict(int)
    for one in readings:
        routes[one.route] += 1
    most = sorted(routes.items(), key=lambda pair: -pair[1])[:8]
    facts = {"routes": [[name, count] for name, count in most], "usual": usual}
    sign = counted(rule.code, person(user_id), events, threshold, distinct=distinct, **facts)
    if sign is not None:
        yield sign
