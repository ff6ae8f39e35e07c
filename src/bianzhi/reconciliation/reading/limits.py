"""How much one delivery may cost before it is refused."""

from dataclasses import dataclass
from typing import Final

from bianzhi.common.tabular.limits import MEBIBYTE, Limits


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Ceilings for the process that reads one file: sizes in bytes, times in seconds.

    `address_space` is not the file's size: pyarrow and DuckDB reserve far more than they touch.
    """

    file_bytes: int = 300 * MEBIBYTE
    unpacked_bytes: int = 3_000 * MEBIBYTE
    rows: int = 3_000_000
    columns: int = 500
    sheets: int = 100
    address_space: int = 6 * 1024 * MEBIBYTE
    memory: int = 1024 * MEBIBYTE
    cpu_seconds: int = 300
    wall_seconds: int = 600
    output_bytes: int = 2 * 1024 * MEBIBYTE

    @property
    def tabular(self) -> Limits:
        """The same ceilings as the shared reader of tables knows them."""
        return Limits(
            file_bytes=self.file_bytes,
            unpacked_bytes=self.unpacked_bytes,
            sheets=self.sheets,
            rows=self.rows,
            columns=self.columns,
            cells=self.rows * 40,
        )


DELIVERED: Final = ReadingLimits()
"""For files that came over the network."""

LOCAL: Final = ReadingLimits(
    file_bytes=8 * 1024 * MEBIBYTE,
    rows=60_000_000,
    cpu_seconds=7_200,
    wall_seconds=7_200,
    output_bytes=16 * 1024 * MEBIBYTE,
    memory=4 * 1024 * MEBIBYTE,
    address_space=16 * 1024 * MEBIBYTE,
)
"""For the files of whoever runs the program on their own machine."""
