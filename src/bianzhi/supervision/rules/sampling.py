"""Drawing what is checked so that the draw can be repeated and cannot be steered.

Each thing gets a place by the digest of the seed and its key; the first of that order are drawn. Whoever has the seed
and the keys draws the same, and adding a thing changes nothing about the order of the others.
"""

from collections.abc import Iterable
from hashlib import sha256


def draw(keys: Iterable[str], percent: int, seed: str) -> list[str]:
    """So many percent of the keys, rounded up, in the order of the draw; a draw from something is never empty.

    Raises ValueError for a percentage outside 1–100.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"a sample is 1 to 100 percent, not {percent}")
    ordered = sorted(set(keys), key=lambda key: (_place(seed, key), key))
    return ordered[: -(-len(ordered) * percent // 100)]


def is_sampled(number: str, percent: int) -> bool:
    """Whether a case is checked when so many percent of all cases are (0: none, 100: all), by its number alone."""
    return int(_place("case", number), 16) % 100 < percent


def _place(seed: str, key: str) -> str:
    return sha256(f"{seed}\n{key}".encode()).hexdigest()
