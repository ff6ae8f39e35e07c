"""Keeping the working calendar: seeded from the holiday libraries, put right by the State Council's notice."""

from datetime import date
from typing import Any, Final

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor, System
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common.models import CalendarDay
from bianzhi.common.working_days import YEARS_AHEAD
from bianzhi.kernel import calendar
from bianzhi.kernel.objections import Objection, Refused

MANAGE: Final = "system.manage"
KIND: Final = "common.calendarday"


@unit_of_work
def seed_calendar(*, actor: Actor, first: int, last: int) -> int:
    """Write the rows of the years `first` to `last` that have none yet; returns how many rows were written.

    A year that was only guessed at is written anew once the holiday libraries know the notice. Raises Refused for
    years they do not know at all.
    """
    require(actor, MANAGE)
    if not calendar.FIRST_ANNOUNCED_YEAR <= first <= last <= calendar.LAST_ANNOUNCED_YEAR + 10:
        limits = f"{calendar.FIRST_ANNOUNCED_YEAR} 至 {calendar.LAST_ANNOUNCED_YEAR + 10}"
        raise Refused([Objection("S20", f"只能生成 {limits} 年的工作日历。", next_step="请更改年份。")])
    kept = _years_to_keep()
    rows = [row for row in calendar.seed_years(first, last) if row.day.year not in kept]
    CalendarDay.objects.filter(day__year__in={row.day.year for row in rows}).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(
            day=row.day,
            is_working=row.is_workday,
            name=row.name[:40],
            provisional=row.provisional,
            source=short_source(row.source),
        )
        for row in rows
    )
    if rows:
        years = sorted({row.day.year for row in rows})
        about = Subject(KIND, str(years[0]), f"{years[0]}–{years[-1]} 年工作日历")
        record("system.calendar_seeded", actor=actor, subject=about, facts={"years": years, "days": len(rows)})
    return len(rows)


def keep_seeded(today: date) -> dict[str, int]:
    """Daily work: have every year up to a few ahead in the table, from the first one known."""
    last = today.year + YEARS_AHEAD
    return {"days": seed_calendar(actor=System("工作日历"), first=calendar.FIRST_ANNOUNCED_YEAR, last=last)}


def _years_to_keep() -> set[int]:
    """Years with a row that is settled, and guessed years the libraries still know nothing better of."""
    rows = list(CalendarDay.objects.values_list("day", "provisional"))
    return {day.year for day, provisional in rows if not provisional or day.year > calendar.LAST_ANNOUNCED_YEAR}


@unit_of_work
def set_day(*, actor: Actor, day: date, is_working: bool, name: str, source: str) -> CalendarDay:
    """Say of one day whether offices work, and by which notice. A year without rows is seeded first."""
    require(actor, MANAGE)
    if not source.strip():
        raise Refused([Objection("S21", "请填写依据，例如国务院办公厅放假通知的文号。")])
    seed_calendar(actor=actor, first=day.year, last=day.year)
    before = CalendarDay.objects.filter(day=day).first()
    row = CalendarDay(
        day=day, is_working=is_working, name=name.strip()[:40], provisional=False, source=source.strip()[:40]
    )
    row.save()
    facts = {"before": _facts(before) if before else None, "after": _facts(row)}
    record("system.calendar_changed", actor=actor, subject=_subject(day), facts=facts)
    return row


@unit_of_work
def confirm_year(*, actor: Actor, year: int, source: str) -> int:
    """Take a year's rows as announced, by the notice `source`; returns how many were provisional."""
    require(actor, MANAGE)
    if not source.strip():
        raise Refused([Objection("S21", "请填写依据，例如国务院办公厅放假通知的文号。")])
    rows = CalendarDay.objects.filter(day__year=year, provisional=True)
    count = rows.update(provisional=False, source=source.strip()[:40])
    if count:
        about = Subject(KIND, str(year), f"{year} 年工作日历")
        facts = {"confirmed": count, "source": source.strip()}
        record("system.calendar_changed", actor=actor, subject=about, facts=facts)
    return count


def short_source(source: str) -> str:
    """The source without the library versions in brackets: the column holds forty characters."""
    return source.split("（", maxsplit=1)[0][:40]


def _subject(day: date) -> Subject:
    return Subject(KIND, day.isoformat(), f"{day.isoformat()} 工作日安排")


def _facts(row: CalendarDay) -> dict[str, Any]:
    return {"is_working": row.is_working, "name": row.name, "provisional": row.provisional, "source": row.source}
