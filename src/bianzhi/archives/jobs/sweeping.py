"""What killed processes leave behind that nobody will ever ask for: bytes of files whose rows were never committed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.archives import quarantine
from bianzhi.archives.models import IncomingFile
from bianzhi.common import jobs

DAY: Final = 86_400.0


def sweep(today: date, older_than: float = DAY) -> Mapping[str, Any]:
    """Clear quarantine folders that belong to no file, untouched for `older_than` seconds."""
    found = quarantine.leftovers(older_than)
    known = set(IncomingFile.objects.filter(pk__in=found).values_list("pk", flat=True))
    orphans = [pk for pk in found if pk not in known]
    for pk in orphans:
        quarantine.release(pk)
    return {"orphans": len(orphans)}


jobs.daily("archives.sweep", sweep, title="清理档案接收中断后的残留文件")
