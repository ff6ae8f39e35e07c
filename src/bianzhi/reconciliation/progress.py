"""What of a run is through: the stages whose results lie in its folder, each under the digest of what made it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = "stages.json"


class Progress:
    """The finished stages of one folder. A stage counts as finished only for the digest it was computed under."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done: dict[str, dict[str, Any]] = _read(folder / FILE)

    def path_of(self, table: str) -> Path:
        """Where a relation of the run lies, or will lie."""
        return self._folder / f"{table}.parquet"

    def is_done(self, stage: str, digest: str, makes: Iterable[str]) -> bool:
        """Whether the stage was through under this digest and its files are still there."""
        known = self._done.get(stage, {}).get("digest")
        return known == digest and all(self.path_of(table).exists() for table in makes)

    def note(self, stage: str, digest: str, facts: Mapping[str, Any]) -> None:
        """Keep that a stage is through; from now on a run under the same digest passes it over."""
        self._done[stage] = {"digest": digest, **facts}
        write_json(self._folder / FILE, self._done)

    def facts_of(self, stage: str) -> dict[str, Any]:
        """What was noted of a finished stage, without its digest."""
        return {name: value for name, value in self._done[stage].items() if name != "digest"}


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file that appears whole or not at all."""
    making = path.with_name(f".{path.name}.{os.getpid()}")
    making.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True), "utf-8")
    making.replace(path)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
