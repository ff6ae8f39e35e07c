"""The files of packages: those nobody registered go again."""

from typing import Final

from bianzhi.archives.models import Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.common.models import Job, JobState

IMPORT_JOB: Final = "archives.import"


def forget_unregistered(digest: str) -> None:
    """Remove the file of a package that was not taken in or not finished, unless something else needs it."""
    waiting = Job.objects.filter(kind=IMPORT_JOB, state=JobState.WAITING).values_list("params", flat=True)
    if Package.objects.filter(sha256=digest).exists() or any(params["sha256"] == digest for params in waiting):
        return
    PACKAGES.remove(digest)
