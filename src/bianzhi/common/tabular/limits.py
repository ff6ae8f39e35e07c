"""How large a file may be before it is refused unread (security.md §7)."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one file. Bytes for sizes; `ratio` is unpacked size over packed size."""

    file_bytes: int = 50 * MEBIBYTE
    unpacked_bytes: int = 600 * MEBIBYTE
    members: int = 2_000
    ratio: int = 200
    ratio_floor_bytes: int = 20 * MEBIBYTE
    sheets: int = 200
    rows: int = 200_000
    columns: int = 1_000
    cells: int = 10_000_000
    merged_cells: int = 2_000_000


DEFAULT_LIMITS: Final = Limits()
