"""What was found when a set was last proved; kept beside the set, since nothing in it may change any more."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils import timezone


@dataclass(frozen=True, slots=True)
class State:
    """Whether the set was whole, and what was not; `checked_at` is "" while nobody looked."""

    checked_at: str = ""
    is_good: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def moment(self) -> datetime | None:
        """When somebody looked."""
        return datetime.fromisoformat(self.checked_at) if self.checked_at else None


def read(path: Path) -> State:
    """The state noted of a set."""
    try:
        return State(**json.loads(_file(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return State()


def write(path: Path, problems: list[str]) -> State:
    """Note what was found; a folder that cannot be written (a DVD, a lent disk) is no reason to fail."""
    state = State(timezone.localtime().isoformat(timespec="seconds"), not problems, problems[:50])
    fresh = _file(path).with_suffix(f".{os.getpid()}.new")
    try:
        fresh.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
        fresh.replace(_file(path))
    except OSError:
        return state
    return state


def add(path: Path, problems: list[str]) -> None:
    """Note what proving another set found wrong in this one: it counts as damaged until it is proved whole itself."""
    if path.is_dir():
        write(path, list(dict.fromkeys([*read(path).problems, *problems])))


def forget(path: Path) -> None:
    """The set is gone."""
    _file(path).unlink(missing_ok=True)


def _file(path: Path) -> Path:
    return path.parent / f"{path.name}.state.json"
