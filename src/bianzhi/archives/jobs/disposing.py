"""The bytes of what was disposed of go after the commit: a refused disposal must never have destroyed anything."""

from typing import Final

from bianzhi.archives import derivatives
from bianzhi.archives.models import Original, OriginalState
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.models import OutboxMessage

DISPOSAL: Final = System("档案销毁")


@unit_of_work
def disposed(message: OutboxMessage) -> None:
    """archives.disposed: destroy the originals that are disposed of still; told twice, it finds them gone."""
    named = Original.objects.select_for_update().filter(sha256__in=message.payload["originals"])
    for original in named.filter(state=OriginalState.DISPOSED):
        if originals().exists(original.sha256):
            originals().destroy(original.sha256)
            derivatives.forget(original.sha256)
            record("archives.bytes_destroyed", actor=DISPOSAL, subject=original, facts={"sha256": original.sha256})
