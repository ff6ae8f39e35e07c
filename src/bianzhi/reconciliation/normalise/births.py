"""Dates of birth as one whole number, YYYYMMDD, or YYYYMM00 when only the month is known.

Read are 1987-06-05, 1987/6/5, 1987.06.05, 1987年6月5日, 19870605, 198706, 1987.06, 87.06, a time of day behind any of
them, and the serial number of a spreadsheet. What is no date of a person living is NULL, and so is 1987.1, which a
spreadsheet makes of 1987.10 as well: nothing is guessed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bianzhi.kernel.dates import EXCEL_EPOCH, EXCEL_FIRST, EXCEL_LAST, PIVOT_YEAR
from bianzhi.reconciliation.normalise.texts import folded, folding, translate_sql
from bianzhi.reconciliation.sql.engine import Engine

EARLIEST: Final = 1900
LATEST: Final = 2100
_MARKS: Final = folding(
    dict.fromkeys("年月./\\．。／—–－−~_", "-") | dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)),
    "日号'’‘`\"“”生出",
)
_TIME: Final = " T"
_YEAR_AND_TENTH: Final = (len("87.1"), len("1987.1"))


def birth_key(text: str | None) -> int | None:
    """The date of birth a text writes, or None."""
    if _is_january_or_october(text or ""):
        return None
    plain = folded(_before_time(text or ""), _MARKS)
    if plain.isascii() and plain.isdigit():
        return _from_digits(plain)
    parts = plain.split("-")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    year, month, day = (*map(int, parts), 0)[:3]
    if len(parts[0]) not in (2, 4):
        return None
    if len(parts[0]) == 2:
        year += 2000 if year <= PIVOT_YEAR else 1900
    return dated(year * 10_000 + month * 100 + day) if month < 100 and day < 100 and month else None


def _is_january_or_october(text: str) -> bool:
    return text.endswith(".1") and len(text) in _YEAR_AND_TENTH and text.find(".") == len(text) - 2


def dated(key: int) -> int | None:
    """The key itself when there is such a day, or such a month and no day; else None."""
    year, month, day = key // 10_000, key // 100 % 100, key % 100
    if not EARLIEST <= year <= LATEST or not 1 <= month <= 12:
        return None
    return key if day <= days_in_month(year, month) else None


def days_in_month(year: int, month: int) -> int:
    """How many days a month of the Gregorian calendar has."""
    if month == 2:
        return 28 + int(year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 + (month + month // 8) % 2


def _before_time(text: str) -> str:
    places = [place for mark in _TIME if (place := text.find(mark)) >= 8]
    return text[: min(places)] if places else text


def _from_digits(plain: str) -> int | None:
    if len(plain) == 8:
        return dated(int(plain))
    if len(plain) == 6:
        return dated(int(plain) * 100)
    if len(plain) == 5 and EXCEL_FIRST <= int(plain) <= EXCEL_LAST:
        return int((EXCEL_EPOCH + timedelta(days=int(plain))).strftime("%Y%m%d"))
    return None


def make_birth_keys(engine: Engine, written: str) -> None:
    """`birth_keys` (text, key) of the texts of the relation `written`; each spelling is read once, not each row."""
    engine.create("birth_keys", _KEYS.replace("{written}", written))


def dated_sql(key: str) -> str:
    """SQL of `dated`."""
    year, month, day = f"({key} // 10000)", f"(({key} // 100) % 100)", f"({key} % 100)"
    leap = f"{year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0)"
    last = f"CASE WHEN {month} = 2 THEN CASE WHEN {leap} THEN 29 ELSE 28 END ELSE 30 + ({month} + {month} // 8) % 2 END"
    return (
        f"CASE WHEN {year} BETWEEN {EARLIEST} AND {LATEST} AND {month} BETWEEN 1 AND 12 AND {day} <= {last} "
        f"THEN {key} END"
    )


_IS_JANUARY_OR_OCTOBER: Final = (
    f"ends_with(text, '.1') AND length(text) IN {_YEAR_AND_TENTH} AND strpos(text, '.') = length(text) - 1"
)
_CUT: Final = "SELECT text, strpos(text, ' ') AS space, strpos(text, 'T') AS letter FROM {written}"
_PLAIN: Final = f"""
    SELECT text, CASE
        WHEN NOT regexp_matches(shorter, '[^0-9./-]') THEN translate(shorter, './', '--')
        WHEN NOT regexp_matches(shorter, '[^0-9年月日]') THEN translate(shorter, '年月日', '--')
        ELSE {translate_sql("shorter", _MARKS)} END AS plain FROM (
        SELECT text, CASE
            WHEN space > 8 AND (letter <= 8 OR space < letter) THEN substr(text, 1, space - 1)
            WHEN letter > 8 THEN substr(text, 1, letter - 1)
            ELSE text END AS shorter
        FROM ({_CUT}) AS cut
    ) AS shortened
"""
_PARTS: Final = f"""
    SELECT text, is_number, number, size,
           strpos(plain, '-') - 1 AS year_size,
           CASE WHEN NOT is_number THEN try_cast(substr(plain, 1, strpos(plain, '-') - 1) AS BIGINT) END AS year,
           CASE WHEN strpos(rest, '-') > 0 THEN substr(rest, 1, strpos(rest, '-') - 1) ELSE rest END AS month,
           CASE WHEN strpos(rest, '-') > 0 THEN substr(rest, strpos(rest, '-') + 1) ELSE '' END AS day
    FROM (
        SELECT text, plain, plain <> '' AND NOT regexp_matches(plain, '[^0-9]') AS is_number, length(plain) AS size,
               CASE WHEN NOT regexp_matches(plain, '[^0-9]') AND length(plain) <= 8
                    THEN try_cast(plain AS BIGINT) END AS number,
               CASE WHEN regexp_matches(plain, '[^-0-9]') THEN '' ELSE substr(plain, strpos(plain, '-') + 1) END AS rest
        FROM ({_PLAIN}) AS plain_texts
    ) AS measured
"""
_NUMBERS: Final = f"""
    SELECT text, is_number, number, size, number + 693899 AS epoch_day,
           CASE WHEN year_size = 2 THEN year + CASE WHEN year <= {PIVOT_YEAR} THEN 2000 ELSE 1900 END
                WHEN year_size = 4 THEN year END AS year,
           CASE WHEN length(month) BETWEEN 1 AND 4 THEN try_cast(month AS BIGINT) END AS month,
           CASE WHEN day = '' THEN 0
                WHEN length(bare_day) BETWEEN 1 AND 4 AND strpos(bare_day, '-') = 0
                THEN try_cast(bare_day AS BIGINT) END AS day
    FROM (
        SELECT *, CASE WHEN ends_with(day, '-') THEN substr(day, 1, length(day) - 1) ELSE day END AS bare_day
        FROM ({_PARTS}) AS parts
    ) AS trimmed
"""
_SERIAL: Final = f"""
    SELECT *, (5 * day_of_year + 2) // 153 AS shifted_month FROM (
        SELECT *, day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100) AS day_of_year FROM (
            SELECT *, (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
                      AS year_of_era
            FROM (
                SELECT *, epoch_day // 146097 AS era, epoch_day % 146097 AS day_of_era FROM ({_NUMBERS}) AS numbers
            ) AS eras
        ) AS years
    ) AS days
"""
_SERIAL_KEY: Final = """
    (year_of_era + era * 400 + CASE WHEN shifted_month >= 10 THEN 1 ELSE 0 END) * 10000
    + (CASE WHEN shifted_month < 10 THEN shifted_month + 3 ELSE shifted_month - 9 END) * 100
    + day_of_year - (153 * shifted_month + 2) // 5 + 1
"""
_KEYS: Final = f"""
    SELECT text, {dated_sql("key")} AS key FROM (
        SELECT text, CASE
            WHEN {_IS_JANUARY_OR_OCTOBER} THEN NULL
            WHEN is_number AND size = 8 THEN number
            WHEN is_number AND size = 6 THEN number * 100
            WHEN is_number AND size = 5 AND number BETWEEN {EXCEL_FIRST} AND {EXCEL_LAST} THEN {_SERIAL_KEY}
            WHEN NOT is_number AND month BETWEEN 1 AND 99 AND day BETWEEN 0 AND 99
            THEN year * 10000 + month * 100 + day END AS key
        FROM ({_SERIAL}) AS serials
    ) AS read
"""
