"""What proves a restored platform: its own checks, run in its own home by a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.management import call_command

from bianzhi.common import integrity
from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.recovery.sets.refusing import refusal

NOT_FOR_IT: Final = (
    "DJANGO_SETTINGS_MODULE",
    "BIANZHI_ANCHORS",
    "BIANZHI_BACKUP_DIR",
    "BIANZHI_BACKUP_DATABASE_URL",
    "BIANZHI_DATABASE_OWNER_URL",
)
"""Settings of the running platform. Its anchors know more than any backup: they are compared apart."""
SHOWN: Final = 800


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored platform, as its process is told of it."""

    home: Path
    database_url: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its process."""
        inherited: Mapping[str, str] = {name: text for name, text in os.environ.items() if name not in NOT_FOR_IT}
        return {
            **inherited,
            "BIANZHI_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "BIANZHI_RESTORING": "1",
            "BIANZHI_PROCESS": "restore",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONUTF8": "1",
        }

    def findings(self) -> list[str]:
        """What the restored platform finds wrong with itself. Raises Refused where it cannot even look."""
        command = [sys.executable, "-m", "bianzhi", "restore", "--prove"]
        done = subprocess.run(command, env=self.variables, capture_output=True, text=True, check=False)  # noqa: S603
        try:
            found: list[str] = json.loads(done.stdout)["findings"]
        except (ValueError, KeyError) as error:
            said = (done.stderr or done.stdout).strip()[-SHOWN:]
            raise refusal("BK16", f"恢复后的核对没有完成：{said}") from error
        return found


def upgrade_and_prove() -> list[str]:
    """In the restored platform's own process: bring an older structure up to this program's, then prove everything.

    The record and its seals are among the checks (`audit.chain`, `audit.rows`).
    """
    call_command("migrate", verbosity=0)
    with read_snapshot():
        return [f"{check.label}：{finding}" for check, findings in integrity.run() for finding in findings]
