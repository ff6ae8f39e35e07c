"""`./bianzhi archive restore BACKUP`: damaged or missing originals come back from a backup that proves itself."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.archives.management.telling import FAILED, OPERATOR
from bianzhi.archives.models import Original, OriginalState
from bianzhi.archives.services.fixity import copies_in, restore_original
from bianzhi.archives.storage import originals
from bianzhi.kernel.objections import Refused

HELP: Final = "从备份恢复损坏的原件 bring damaged originals back from a backup"
WRONG_USE: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the backup lies."""
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="BIANZHI_HOME 或其 archive/originals 的备份文件夹")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Read all originals, restore those that are not as they came; code 1 when one stays damaged."""
    backup: Path = options["backup"]
    if not backup.is_dir():
        command.stderr.write(f"没有文件夹 {backup}。")
        raise SystemExit(WRONG_USE)
    told = _restored(backup)
    if options["json"]:
        command.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        command.stdout.write(f"核验 {told['checked']} 件，恢复 {len(told['restored'])} 件。")
        for each in told["damaged"]:
            command.stdout.write(f"  {each['sha256']}：{each['reason']}")
    if told["damaged"]:
        raise SystemExit(FAILED)


def _restored(backup: Path) -> dict[str, Any]:
    store, checked = originals(), 0
    broken = []
    for original in Original.objects.exclude(state=OriginalState.DISPOSED).order_by("pk").iterator():
        checked += 1
        if store.verify(original.sha256, original.sm3) is not OriginalState.INTACT:
            broken.append(original)
    copies = copies_in(backup, broken)
    restored, damaged = [], []
    for original in broken:
        try:
            restore_original(actor=OPERATOR, original_id=original.pk, copy=copies.get(original.pk, backup / "absent"))
            restored.append(original.sha256)
        except Refused as refusal:
            damaged.append({"sha256": original.sha256, "reason": str(refusal)})
    return {"checked": checked, "restored": restored, "damaged": damaged}
