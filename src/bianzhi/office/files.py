"""Where the files of notices are kept."""

from typing import Final

from bianzhi.common.kept_files import KeptFiles, sha256_of

NOTICE_FILES: Final = KeptFiles("notices", sha256_of)
