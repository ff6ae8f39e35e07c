"""The watch as it comes round: every few minutes inside each worker, and once a night with everything read again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bianzhi.intake import quarantine
from bianzhi.intrusion.watching import watch, watch_everything


def watch_now() -> int:
    """The rules that are due; returns how many new alerts there are."""
    return len(watch())


def nightly_watch(today: date) -> Mapping[str, Any]:
    """Every rule, with every file and every sealed row read again; old quarantine is cleared."""
    return {"alerts": len(watch_everything()), "cleared": quarantine.sweep()}
