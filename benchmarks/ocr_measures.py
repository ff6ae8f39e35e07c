"""What is counted of a reading against the truth: characters, fields, order, and the processor's time."""

import resource
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

DASHES = str.maketrans("—–－_", "----")
BRACKETS = str.maketrans("[]【】［］〖〗", "〔〕〔〕〔〕〔〕")


def folded(text: str) -> str:
    """Lenient to all engines alike: no spaces, one width, one style of dashes and of brackets, one kind of star."""
    plain = unicodedata.normalize("NFKC", text.translate(BRACKETS).translate(DASHES)).translate(DASHES)
    return "".join(plain.split()).replace("☆", "★").replace("*", "★")


def distance(read: str, truth: str, *, within: bool = False) -> int:
    """Fewest characters changed, left out or put in to make `truth` of `read`, or of any part of it if `within`."""
    if not within:
        read, truth = _differing(read, truth)
    row = list(range(len(truth) + 1))
    best = row[-1]
    for number, char in enumerate(read, 1):
        before, row = row, [0 if within else number]
        for place, wanted in enumerate(truth, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (char != wanted)))
        best = min(best, row[-1])
    return best if within else row[-1]


def _differing(read: str, truth: str) -> tuple[str, str]:
    """Both without what they begin and end with alike; the distance is the same."""
    start = _alike(read, truth)
    read, truth = read[start:], truth[start:]
    end = _alike(read[::-1], truth[::-1])
    return read[: len(read) - end], truth[: len(truth) - end]


def _alike(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))


def out_of_order(read: str, truth: str, wrong: int) -> int:
    """Of `wrong` characters, those that only stand in the wrong place: less what is missing or made up."""
    missing = sum((Counter(truth) - Counter(read)).values())
    made_up = sum((Counter(read) - Counter(truth)).values())
    return max(wrong - max(missing, made_up), 0)


def processor_seconds() -> float:
    """Seconds of this process and of the programs it ran to their end."""
    run = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + run.ru_utime + run.ru_stime


def timed(function: Callable[[], Result]) -> tuple[Result, float]:
    """What the function returns, and the processor's seconds it took."""
    begun = processor_seconds()
    result = function()
    return result, processor_seconds() - begun
