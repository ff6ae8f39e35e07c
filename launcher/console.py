"""What the operator reads: short steps on stderr, so that stdout stays free for a command's own output."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CAUSE_OF_RETRY = re.compile(r"\[Errno[^'\")]*|[Tt]imed out|certificate verify failed[^'\")]*")


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
    """The end of a program's output, where it says what went wrong; pip's retries are cut down to their cause."""
    lines: list[str] = []
    for line in filter(None, map(str.rstrip, text.splitlines())):
        cause = CAUSE_OF_RETRY.search(line) if "Retrying" in line else None
        shown = cause[0] if cause else line
        if shown not in lines:
            lines.append(shown)
    return "\n".join(lines[-8:])[-1500:]
