"""Where files of approved exports are kept until they are fetched or expire."""

from typing import Final

from bianzhi.common.kept_files import KeptFiles, sha256_of

FILES: Final = KeptFiles("exports", sha256_of)


def forget(digest: str) -> None:
    """Remove a file that may no longer be fetched."""
    if digest:
        FILES.path_of(digest).unlink(missing_ok=True)
