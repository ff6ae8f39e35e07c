"""Identity numbers as whole numbers: SQL that judges and lengthens them by arithmetic, and its twin in Python.

The first seventeen digits fit a BIGINT (`id_body`); the check character follows from them. What is no sound number is
no key: a spreadsheet's rounding, a wrong check character, a day that does not exist. Fifteen digits become eighteen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.identifiers.id_number import CHECK_CHARACTERS, WEIGHTS
from bianzhi.reconciliation.normalise.births import dated, dated_sql
from bianzhi.reconciliation.normalise.texts import folded, folding, quoted, translate_sql

ROUNDED_FLAG: Final = "id_rounded"
_MARKS: Final = folding({"Χ": "X", "χ": "X", "Х": "X", "х": "X", "×": "X", "✕": "X"}, "-－—_'’‘`\"“”,，.。·")
_SCIENTIFIC: Final = "[0-9][Ee][+]?[0-9]"


@dataclass(frozen=True, slots=True)
class ReadId:
    """What a written number comes to. `body` and `id18` are None unless it may serve as a key."""

    plain: str
    body: int | None
    id18: str | None
    flags: str


def read_id(text: str | None, reader_flags: str | None = None) -> ReadId:
    """The number as written plainly, its key if it is sound, and what is wrong with it or odd about it."""
    written = text or ""
    plain = folded(written.removesuffix(".0"), _MARKS)
    has_shape = re.fullmatch(r"[0-9]{17}[0-9X]|[0-9]{15}", plain) is not None
    body = int(plain[:17] if len(plain) == 18 else f"{plain[:6]}19{plain[6:]}") if has_shape else None
    is_dated = body is not None and birth_of(body) % 100 >= 1 and dated(birth_of(body)) is not None
    is_sound = body is not None and (len(plain) == 15 or plain[17] == check_of(body))
    is_rounded = (
        ROUNDED_FLAG in (reader_flags or "")
        or re.search(_SCIENTIFIC, written) is not None
        or (body is not None and len(plain) == 18 and plain.endswith("000") and not is_sound)
    )
    if not plain:
        flags = "empty"
    elif is_rounded:
        flags = "rounded"
    elif len(plain) not in (15, 18):
        flags = "length"
    elif body is None:
        flags = "characters"
    elif not is_dated:
        flags = "birth"
    elif not is_sound:
        flags = "checksum"
    else:
        id18 = f"{body:017d}{check_of(body)}"
        return ReadId(plain, body, id18, ",fifteen," if len(plain) == 15 else "")
    return ReadId(plain, None, None, f",{flags},")


def birth_of(body: int) -> int:
    """The date of birth in a body, YYYYMMDD."""
    return body // 1000 % 100_000_000


def check_of(body: int) -> str:
    """The check character of a body."""
    return CHECK_CHARACTERS[weighted_sum(body) % 11]


def weighted_sum(body: int) -> int:
    """The sum of the digits times their weights (ISO 7064 MOD 11-2)."""
    return sum(int(digit) * weight for digit, weight in zip(f"{body:017d}", WEIGHTS, strict=True))


def plain_id_sql(column: str) -> str:
    """SQL of `ReadId.plain`."""
    return (
        f"CASE WHEN {column} IS NULL THEN '' "
        f"WHEN NOT regexp_matches({column}, '[^0-9X]') THEN {column} "
        f"WHEN NOT regexp_matches({column}, '[^0-9X x]') THEN translate({column}, 'x ', 'X') "
        f"WHEN ends_with({column}, '.0') THEN {translate_sql(f'substr({column}, 1, length({column}) - 2)', _MARKS)} "
        f"ELSE {translate_sql(column, _MARKS)} END"
    )


def candidate_body_sql(plain: str) -> str:
    """SQL of the body a plainly written number would have, its soundness not yet looked at."""
    return (
        f"CASE WHEN length({plain}) = 18 THEN CASE WHEN NOT regexp_matches({plain}, '[^0-9X]') "
        f"THEN try_cast(substr({plain}, 1, 17) AS BIGINT) END "
        f"WHEN length({plain}) = 15 THEN CASE WHEN NOT regexp_matches({plain}, '[^0-9]') "
        f"THEN try_cast(substr({plain}, 1, 6) || '19' || substr({plain}, 7, 9) AS BIGINT) END END"
    )


def eighteen_digits_sql(column: str) -> str:
    """SQL of a number written as eighteen digits and nothing else, as a whole number; NULL for any other text.

    Written back it must be the very text: a cast alone also takes signs, spaces and hexadecimals.
    """
    number = f"CASE WHEN length({column}) = 18 THEN try_cast({column} AS BIGINT) END"
    return f"CASE WHEN {number} >= {10**17} AND CAST({number} AS VARCHAR) = {column} THEN {number} END"


def remainder_sql(body: str) -> str:
    """SQL of `weighted_sum` modulo 11.

    The weights are the powers of two modulo 11, so the sum is the body read as if its digits were of base two: what a
    digit counts too much for is eight times itself in the place to its right. That is one division for each place.
    """
    surplus = " + ".join(f"{2 ** (power - 1)} * ({body} // {10**power})" for power in range(1, 17))
    return f"((({body} - 8 * ({surplus})) % 11) * 2 % 11)"


def birth_of_sql(body: str) -> str:
    """SQL of `birth_of`."""
    return f"({body} // 1000 % 100000000)"


def is_day_sql(born: str) -> str:
    """SQL: whether a date of birth taken from a body is a day."""
    return f"({born} % 100 >= 1 AND {dated_sql(born)} IS NOT NULL)"


def check_digit_sql(remainder: str) -> str:
    """SQL of the check character as a number, ten being X."""
    return f"((12 - {remainder}) % 11)"


def check_of_sql(remainder: str) -> str:
    """SQL of the check character from the weighted sum's remainder by 11."""
    return f"substr({quoted(CHECK_CHARACTERS)}, {remainder} + 1, 1)"


def id18_sql(body: str) -> str:
    """SQL of the eighteen characters of a body."""
    digits = f"substr(CAST({body} + {10**17} AS VARCHAR), 2)"
    return f"{digits} || {check_of_sql(remainder_sql(body))}"


def is_rounded_sql(column: str, reader_flags: str, plain: str, is_sound: str) -> str:
    """SQL: whether a spreadsheet has eaten the last digits of a number."""
    return (
        f"({has_rounded_flag_sql(reader_flags)} "
        f"OR (NOT {is_sound} AND {column} IS NOT NULL AND (regexp_matches({column}, {quoted(_SCIENTIFIC)}) "
        f"OR (length({plain}) = 18 AND ends_with({plain}, '000') AND NOT regexp_matches({plain}, '[^0-9]')))))"
    )


def has_rounded_flag_sql(reader_flags: str) -> str:
    """SQL: whether the reader of the file saw that the number was kept as a number."""
    return f"(coalesce(strpos({reader_flags}, {quoted(ROUNDED_FLAG)}), 0) > 0)"
