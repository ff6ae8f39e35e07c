"""Where handwritten opinions are kept."""

from typing import Final

from bianzhi.common.kept_files import KeptFiles, sha256_of

OPINION_PAPERS: Final = KeptFiles("opinions", sha256_of)
