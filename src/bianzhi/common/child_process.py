"""A module of ours run as a process of its own, for work on foreign files: it sees no secrets of the server."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import bianzhi

_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TESSDATA_PREFIX")


def what_it_sees() -> dict[str, str]:
    """The environment of such a process: only what Python and the readers need."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(bianzhi.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}


def started(module: str, extra: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """The module running, spoken to through its standard input and output; `extra` is added to what it sees."""
    return subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**what_it_sees(), **(extra or {})},
    )


def ended(process: "subprocess.Popen[str]") -> None:
    """End it, whatever it is doing, and close both pipes."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # what it was not sent any more
                stream.close()
