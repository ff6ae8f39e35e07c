"""How far two names are apart, character by character.

DuckDB's own edit distances count bytes (王伟 and 王玮 are 3 apart), Spark's count characters; so neither is used.
"""

from typing import Final

FAR: Final = 9
LONGEST: Final = 16  # characters compared one by one; longer names differ or are equal


def cd(left: str, right: str) -> int:
    """0 for equal texts; 1 for one character put for another, left out, added, or two neighbours swapped.

    Of texts of equal length otherwise the number of places that differ, else FAR.
    """
    if left == right:
        return 0
    if max(len(left), len(right)) > LONGEST:
        return FAR
    if len(left) == len(right):
        places = [place for place in range(len(left)) if left[place] != right[place]]
        is_swap = len(places) == 2 and places[1] == places[0] + 1
        is_swap = is_swap and (left[places[0]], left[places[1]]) == (right[places[1]], right[places[0]])
        return 1 if is_swap else len(places)
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    if len(longer) != len(shorter) + 1:
        return FAR
    return 1 if any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))) else FAR


def cd_sql(left: str, right: str) -> str:
    """SQL of `cd`; both are columns. Long: ask it of few pairs, behind cheaper conditions."""
    places = range(1, LONGEST + 1)
    differing = " + ".join(f"CASE WHEN {_at(left, i)} <> {_at(right, i)} THEN 1 ELSE 0 END" for i in places)
    swaps = " OR ".join(
        f"({_at(left, i)} <> {_at(left, i + 1)} AND {_at(left, i)} = {_at(right, i + 1)} "
        f"AND {_at(left, i + 1)} = {_at(right, i)} AND substr({left}, 1, {i - 1}) = substr({right}, 1, {i - 1}) "
        f"AND substr({left}, {i + 2}) = substr({right}, {i + 2}))"
        for i in places[:-1]
    )
    return (
        f"CASE WHEN {left} = {right} THEN 0 "
        f"WHEN length({left}) > {LONGEST} OR length({right}) > {LONGEST} THEN {FAR} "
        f"WHEN length({left}) = length({right}) THEN CASE WHEN {swaps} THEN 1 ELSE {differing} END "
        f"WHEN length({left}) = length({right}) + 1 THEN CASE WHEN {_left_out(left, right)} THEN 1 ELSE {FAR} END "
        f"WHEN length({right}) = length({left}) + 1 THEN CASE WHEN {_left_out(right, left)} THEN 1 ELSE {FAR} END "
        f"ELSE {FAR} END"
    )


def may_be_near_sql(left: str, right: str) -> str:
    """SQL, cheap: true wherever `cd` is at most 1, and seldom otherwise; it sifts what `cd_sql` is asked of."""
    swapped = (
        f"substr({left}, 1, 1) = substr({right}, 2, 1) AND substr({left}, 2, 1) = substr({right}, 1, 1) "
        f"AND substr({left}, 3) = substr({right}, 3)"
    )
    return (
        f"(substr({left}, 1, 1) = substr({right}, 1, 1) OR substr({left}, 2) = substr({right}, 2) "
        f"OR substr({left}, 2) = {right} OR {left} = substr({right}, 2) OR ({swapped}))"
    )


def same_given(left: str, right: str) -> bool:
    """Whether two names differ in the surname alone, a compound surname of two characters included."""
    tails = ((1, 1), (2, 1), (1, 2))
    return any(len(left) > i and len(right) > j and left[i:] == right[j:] for i, j in tails)


def same_given_sql(left: str, right: str) -> str:
    """SQL of `same_given`."""
    tails = ((1, 1), (2, 1), (1, 2))
    cases = (
        f"(length({left}) > {i} AND length({right}) > {j} AND substr({left}, {i + 1}) = substr({right}, {j + 1}))"
        for i, j in tails
    )
    return f"({' OR '.join(cases)})"


def _at(text: str, place: int) -> str:
    return f"substr({text}, {place}, 1)"


def _left_out(longer: str, shorter: str) -> str:
    return (
        "("
        + " OR ".join(
            f"(substr({longer}, 1, {i}) = substr({shorter}, 1, {i}) AND "
            f"substr({longer}, {i + 2}) = substr({shorter}, {i + 1}))"
            for i in range(LONGEST)
        )
        + ")"
    )
