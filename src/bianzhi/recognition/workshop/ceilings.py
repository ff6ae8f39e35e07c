"""Ceilings the operating system enforces on the process that opens foreign files."""

import sys
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Sizes in bytes, times in seconds. `address_space` is more than is touched: libraries reserve far ahead.

    `quiet_seconds` is how long the process may work without a word (one page, one whole check of a file).
    """

    address_space: int = 6 * 2**30
    written_bytes: int = 4 * 2**30
    quiet_seconds: float = 300.0


CEILINGS: Final = Ceilings()

if sys.platform != "win32":
    import resource

    def set_ceilings(ceilings: Ceilings) -> None:
        """Cap memory and the size of files written, for this process and for good; leave no core dumps."""
        resource.setrlimit(resource.RLIMIT_AS, (ceilings.address_space, ceilings.address_space))
        resource.setrlimit(resource.RLIMIT_FSIZE, (ceilings.written_bytes, ceilings.written_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

else:

    def set_ceilings(ceilings: Ceilings) -> None:
        """Windows has no such ceilings; the clock and the checks of sizes remain."""
