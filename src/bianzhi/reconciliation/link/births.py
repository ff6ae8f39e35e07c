"""Whether two dates of birth are one, when either may know only the month."""

from typing import Final

FULL: Final = 2
MONTH: Final = 1
UNKNOWN: Final = 0
PARTIAL: Final = -1
CLASH: Final = -2


def agreement(left: int | None, right: int | None) -> int:
    """FULL, MONTH, UNKNOWN (one is missing), PARTIAL (what one slip of the pen or a few days make) or CLASH."""
    if left is None or right is None:
        return UNKNOWN
    years, months, days = zip(_parts(left), _parts(right), strict=True)
    is_slip = abs((years[0] - years[1]) * 12 + months[0] - months[1]) <= 1
    if 0 in days:
        if years[0] == years[1] and months[0] == months[1]:
            return MONTH
        return PARTIAL if is_slip or years[0] == years[1] or months[0] == months[1] else CLASH
    if left == right:
        return FULL
    equal = (years[0] == years[1]) + (months[0] == months[1]) + (days[0] == days[1])
    is_swapped = years[0] == years[1] and (months[0], days[0]) == (days[1], months[1])
    return PARTIAL if is_slip or is_swapped or equal == 2 else CLASH


def agreement_sql(left: str, right: str) -> str:
    """SQL of `agreement`."""
    (year, month, day), (other_year, other_month, other_day) = _parts_sql(left), _parts_sql(right)
    slip = f"abs(({year} - {other_year}) * 12 + {month} - {other_month}) <= 1"
    return (
        f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN {UNKNOWN} "
        f"WHEN {left} % 100 = 0 OR {right} % 100 = 0 "
        f"THEN CASE WHEN {year} = {other_year} AND {month} = {other_month} THEN {MONTH} "
        f"WHEN {slip} OR {year} = {other_year} OR {month} = {other_month} THEN {PARTIAL} ELSE {CLASH} END "
        f"WHEN {left} = {right} THEN {FULL} "
        f"WHEN {slip} OR ({year} = {other_year} AND ({day} = {other_day} "
        f"OR ({month} = {other_day} AND {day} = {other_month}))) THEN {PARTIAL} "
        f"WHEN {month} = {other_month} AND {day} = {other_day} THEN {PARTIAL} ELSE {CLASH} END"
    )


def _parts(key: int) -> tuple[int, int, int]:
    return key // 10_000, key // 100 % 100, key % 100


def _parts_sql(key: str) -> tuple[str, str, str]:
    return f"({key} // 10000)", f"({key} // 100 % 100)", f"({key} % 100)"
