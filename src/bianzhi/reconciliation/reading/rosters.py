"""Writes the roster of a delivery: the rows that are people, in the columns the hub works on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bianzhi.kernel.identifiers.id_number import looks_damaged
from bianzhi.reconciliation.contracts.model import Contract, ContractField
from bianzhi.reconciliation.reading.columns import Roster
from bianzhi.reconciliation.reading.tables import Batch
from bianzhi.reconciliation.sources import ROSTER_COLUMNS

ROUNDED: Final = "id_rounded"
SCHEMA: Final = pa.schema(
    [(name, pa.int64() if kind == "BIGINT" else pa.string()) for name, kind in ROSTER_COLUMNS.items()]
)
_SCIENTIFIC: Final = r"^[0-9](\.[0-9]+)?[eE]\+?1[0-9]$"
_BLANKS: Final = r"[\s\p{Z}]+"
_TOTAL: Final = (
    r"^(本页|本表|本单位|单位|人数|全[省市县区])?[合小总共累]计(人数|人员|数)?[:：(（]?([0-9０-９]*[人名])?[)）]?$"
)
_NOTE: Final = r"[:：]|^(制表|填表|审核|备注|说明|注)"
_EXAMPLES: Final = 5


class RosterWriter:
    """Writes batches into one Parquet file; use as a context manager."""

    def __init__(self, path: Path, *, contract: Contract, department: str, delivery: str) -> None:
        self._contract = contract
        self._department = department
        self._delivery = delivery
        self._file = pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=1)
        self.rows = 0
        self.left_out = 0
        self.left_out_examples: list[str] = []

    def __enter__(self) -> "RosterWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take(self, roster: Roster, *, shift: int) -> Iterator[int]:
        """Write a roster; `shift` is added to its row numbers. Yields the rows written so far after every batch."""
        for batch in roster.table.batches(roster.below):
            if batch.height:
                self._write(_Columns(self._contract, roster, batch), batch, shift=shift)
            yield self.rows

    def _write(self, columns: "_Columns", batch: Batch, *, shift: int) -> None:
        feeding = {column: columns.of(field) for column, field in self._contract.feeding.items()}
        names = feeding["name"]
        ids = feeding["id_number"]
        kept = columns.people(ids, names)
        height = batch.height
        made = {
            "source": pa.repeat(pa.scalar(self._department), height),
            "delivery": pa.repeat(pa.scalar(self._delivery), height),
            "row": pc.add(batch.rows, shift),
            "flags": _flags(ids, batch.rounded),
            **feeding,
        }
        nothing = pa.nulls(height, pa.string())
        table = pa.Table.from_arrays([made.get(name, nothing) for name in ROSTER_COLUMNS], schema=SCHEMA)
        if not pc.all(kept).as_py():
            table = table.filter(kept)
            self._note_left_out(names, kept)
        self._file.write_table(table)
        self.rows += table.num_rows

    def _note_left_out(self, names: pa.Array, kept: pa.Array) -> None:
        out = pc.filter(names, pc.invert(kept))
        self.left_out += len(out) - out.null_count
        room = _EXAMPLES - len(self.left_out_examples)
        self.left_out_examples += pc.drop_null(out).slice(0, room).to_pylist()


class _Columns:
    """The columns of one batch as the contract's fields."""

    def __init__(self, contract: Contract, roster: Roster, batch: Batch) -> None:
        self._roster = roster
        self._batch = batch
        self._missing = pa.array(sorted({"", *contract.missing_values}))

    def of(self, field: ContractField) -> pa.Array:
        """The field's texts: blanks and what stands for nothing are NULL, codes are what they mean."""
        place = self._roster.columns.get(field.name)
        if place is None or place >= len(self._batch.columns):
            constant = self._roster.constants.get(field.name)
            return pa.repeat(pa.scalar(constant, pa.string()), self._batch.height)
        text = pc.utf8_trim_whitespace(self._batch.columns[place])
        text = pc.if_else(pc.is_in(text, value_set=self._missing), pa.scalar(None, pa.string()), text)
        translated = {code: word for code, word in field.codes.items() if code != word}
        return _translated(text, translated) if translated else text

    def people(self, ids: pa.Array, names: pa.Array) -> pa.Array:
        """Which rows are people: not totals, notes, repeated headers or the line of column numbers."""
        filled = pc.or_(pc.is_valid(ids), pc.is_valid(names))
        bare = pc.is_null(ids)
        named = pc.fill_null(names, "")
        unspaced = pc.replace_substring_regex(pc.if_else(bare, named, ""), _BLANKS, "")
        total = pc.match_substring_regex(unspaced, _TOTAL)
        note = pc.and_(bare, pc.match_substring_regex(named, _NOTE))
        header = pc.equal(named, self._roster.headings.get("name", "\x00"))
        numbered = pc.and_(pc.match_substring_regex(named, r"^[0-9]{1,2}$"), pc.is_in(_short(ids), pa.array(["", "n"])))
        return pc.and_not(filled, pc.or_(pc.or_(total, note), pc.or_(header, numbered)))


def _short(ids: pa.Array) -> pa.Array:
    """ "" for no number, "n" for one or two digits, "i" for anything longer."""
    text = pc.fill_null(ids, "")
    return pc.if_else(pc.match_substring_regex(text, r"^[0-9]{1,2}$"), "n", pc.if_else(pc.equal(text, ""), "", "i"))


def _translated(text: pa.Array, codes: dict[str, str]) -> pa.Array:
    places = pc.index_in(text, value_set=pa.array(list(codes)))
    words = pc.take(pa.array(list(codes.values())), places)
    return pc.coalesce(words, text)


def _flags(ids: pa.Array, rounded: frozenset[str]) -> pa.Array:
    """Which numbers a spreadsheet has damaged: written as numbers, in powers of ten, or with three zeros for an end."""
    damaged = pc.match_substring_regex(ids, _SCIENTIFIC)
    zeros = pc.unique(pc.filter(ids, pc.fill_null(pc.ends_with(ids, "000"), fill_value=False))).to_pylist()
    texts = sorted(rounded | {text for text in zeros if looks_damaged(text)})
    if texts:
        damaged = pc.or_(damaged, pc.is_in(ids, value_set=pa.array(texts)))
    return pc.if_else(pc.fill_null(damaged, fill_value=False), pa.scalar(ROUNDED), pa.scalar(None, pa.string()))
