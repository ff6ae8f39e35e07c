"""Whether the platform runs: web server and workers share a lock while they live, an upgrade holds it alone.

BIANZHI_HOME/jobs/in-use.lock
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi.common.file_locks import Taken, locked

log = logging.getLogger(__name__)

FILE: Final = "in-use.lock"


class StandsStill(RuntimeError):
    """The platform must not run now; the message says in Chinese why, and what to do."""


@contextmanager
def running() -> Iterator[None]:
    """The block is the life of a server or worker. Raises StandsStill while an upgrade is at work."""
    with ExitStack() as held:
        try:
            is_known = held.enter_context(locked(_file(), shared=True))
        except Taken as taken:
            raise StandsStill("数据库正在升级，没有启动。请等升级结束后再启动。") from taken
        if not is_known:
            log.warning("the file system of BIANZHI_HOME has no locks: an upgrade cannot see that this runs")
        yield


@contextmanager
def standing_still() -> Iterator[bool]:
    """Nothing of the platform runs during the block. Raises Taken; yields False where nobody can know."""
    with locked(_file()) as is_known:
        yield is_known


def _file() -> Path:
    file = Path(settings.HOME) / "jobs" / FILE
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return file
