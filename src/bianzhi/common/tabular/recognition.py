"""What a file was taken for: sheets, headers and columns, each with the reason and the doubt."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bianzhi.common.tabular.cells import column_letter, folded
from bianzhi.common.tabular.headings import Header, Path, joined
from bianzhi.common.tabular.kinds import ImportKind


class Role(StrEnum):
    """What a sheet is taken for."""

    TABLE = "table"
    UNRECOGNISED = "unrecognised"
    NOTES = "notes"
    EMPTY = "empty"
    SKIPPED = "skipped"

    @property
    def label(self) -> str:
        """What an official reads."""
        return {
            "table": "数据表",
            "unrecognised": "未能识别",
            "notes": "说明页",
            "empty": "空表",
            "skipped": "不导入",
        }[self.value]


class Basis(StrEnum):
    """Why a column was taken for a field."""

    WORDING = "wording"
    RESEMBLANCE = "resemblance"
    VALUES = "values"
    REMEMBERED = "remembered"
    CHOSEN = "chosen"
    NONE = "none"

    @property
    def label(self) -> str:
        """What an official reads."""
        return {
            "wording": "列名相符",
            "resemblance": "列名相近",
            "values": "按内容推断",
            "remembered": "沿用上次",
            "chosen": "人工指定",
            "none": "未对应",
        }[self.value]


def signature_of(paths: Iterable[Path]) -> str:
    """A short digest of headings in their order; nameless columns at the end do not count."""
    labels = "\n".join(folded(joined(path)) for path in paths).rstrip("\n")
    return hashlib.sha256(labels.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of a table: its heading, the field it was taken for ("" for none), why, and what it holds.

    `alternatives` are other fields it might be, best first; `doubt` says in Chinese what is uncertain.
    """

    column: int
    path: Path
    field: str = ""
    score: float = 0.0
    basis: Basis = Basis.NONE
    alternatives: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    doubt: str = ""
    ignored: bool = False

    @property
    def heading(self) -> str:
        """The heading as one label."""
        return joined(self.path)

    @property
    def letter(self) -> str:
        """Excel's name of the column."""
        return column_letter(self.column)


@dataclass(frozen=True, slots=True)
class SheetRecognition:
    """What one sheet was taken for. `captions` are values found in the lines above the table, by field."""

    sheet: str
    role: Role
    header: Header | None = None
    columns: tuple[ColumnMatch, ...] = ()
    captions: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    hidden: bool = False
    filled_rows: int = 0

    @property
    def header_row(self) -> int | None:
        """Excel's number of the first header row."""
        return None if self.header is None else self.header.top + 1

    @property
    def fields(self) -> dict[str, int]:
        """Field key → column counted from 0."""
        return {column.field: column.column for column in self.columns if column.field}

    @property
    def doubts(self) -> tuple[str, ...]:
        """Everything about the columns that a person should look at."""
        return tuple(f"{match.letter} 列「{match.heading}」：{match.doubt}" for match in self.columns if match.doubt)

    @property
    def signature(self) -> str:
        """The same for every sheet with the same headings in the same order: the key of a remembered mapping."""
        return signature_of(column.path for column in self.columns)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a whole file was taken for."""

    kind: ImportKind
    sheets: tuple[SheetRecognition, ...]

    @property
    def tables(self) -> tuple[SheetRecognition, ...]:
        """The sheets that will be read."""
        return tuple(sheet for sheet in self.sheets if sheet.role is Role.TABLE)

    def sheet(self, name: str) -> SheetRecognition:
        """The recognition of one sheet. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.sheet == name:
                return sheet
        raise KeyError(name)
