"""What the operator reads: short steps on stderr, so that stdout stays free for a command's own output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):
    """Something that stops the launcher: what failed, why, and what the operator can do about it."""

    def __init__(self, what: str, *, why: str, advice: list[str]) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.advice = advice

    def __str__(self) -> str:
        lines = [f"✗ {self.what}", "  原因："]
        lines += [f"    {line}" for line in self.why.strip().splitlines() or ["（没有更多信息）"]]
        lines += ["  怎么办："] + [f"    · {line}" for line in self.advice]
        return "\n".join(lines)


def say(text: str = "") -> None:
    """One line to the operator."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and its duration once it is done."""
    say(f"· {title}……")
    begun = time.monotonic()
    yield
    say(f"  完成（{time.monotonic() - begun:.1f} 秒）")


def last_lines(text: str) -> str:
    """The end of a program's output, where it says what went wrong."""
    return "\n".join([line for line in text.splitlines() if line.strip()][-8:])[-1500:]
