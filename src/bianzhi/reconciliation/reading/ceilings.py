"""Ceilings the operating system enforces on the process that reads a file."""

import sys

from bianzhi.reconciliation.reading.limits import ReadingLimits

if sys.platform != "win32":
    import resource

    def set_ceilings(limits: ReadingLimits) -> None:
        """Cap memory, processor time and the size of files written, for this process and for good."""
        resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes, limits.output_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

else:

    def set_ceilings(limits: ReadingLimits) -> None:
        """Windows has no such ceilings; the wall clock and the checks of sizes remain."""
