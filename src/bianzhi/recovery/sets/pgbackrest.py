"""What pgBackRest holds of the database: the copies and the log an office can go back to any moment with.

pgBackRest is set up and run by the database's administrator (docs/howto/PostgreSQL.md); the platform only asks it.
"""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

PATIENCE: Final = 15
KINDS: Final = {"full": "完整", "diff": "差异", "incr": "增量"}
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Repository:
    """The newest copy and the range of the log; `problem` where there is none or it could not be asked."""

    stanza: str
    made_at: datetime | None = None
    kind: str = ""
    copies: int = 0
    log: str = ""
    problem: str = ""


def repository() -> Repository | None:
    """How it stands; None where no stanza is set (BIANZHI_PGBACKREST_STANZA)."""
    stanza = settings.PGBACKREST_STANZA
    if not stanza:
        return None
    command = ["pgbackrest", f"--stanza={stanza}", "--output=json", "--log-level-console=off", "info"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return Repository(stanza, problem=f"pgBackRest 没有应答（{error}）")
    if told.returncode != 0:
        return Repository(stanza, problem=f"pgBackRest 没有应答：{told.stderr.strip()[-SHOWN:]}")
    return read(stanza, told.stdout)


def read(stanza: str, told: str) -> Repository:
    """What `pgbackrest info --output=json` said."""
    try:
        found: list[dict[str, Any]] = json.loads(told)
    except ValueError:
        return Repository(stanza, problem="pgBackRest 的回答无法识别")
    of_it = next((one for one in found if one.get("name") == stanza), None)
    if of_it is None or not of_it.get("backup"):
        said = of_it["status"]["message"] if of_it else "没有这个 stanza"
        return Repository(stanza, problem=f"pgBackRest 还没有备份（{said}）")
    newest = of_it["backup"][-1]
    archives = of_it.get("archive") or [{}]
    return Repository(
        stanza,
        datetime.fromtimestamp(newest["timestamp"]["stop"], tz=UTC),
        KINDS.get(newest["type"], newest["type"]),
        len(of_it["backup"]),
        f"{archives[-1].get('min') or '—'} 至 {archives[-1].get('max') or '—'}",
        "" if of_it["status"]["code"] == 0 and not newest.get("error") else of_it["status"]["message"],
    )
