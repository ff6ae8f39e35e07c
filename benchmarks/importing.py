"""20 000 persons from an Excel file into the register, against rows saved one by one through Django's ORM.

    python -m benchmarks.importing [NUMBER]

Ours reads, recognises, checks, writes persons, occupancies and movements, seals and audits every row. The
peer is what a script would do: openpyxl and `save()` for person and occupancy, nothing checked and nothing audited.
"""

import sys
from datetime import date

import openpyxl

from benchmarks.database import throwaway
from benchmarks.timing import once

ASKED = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
PEER_SHARE = 10
"""The peer saves a tenth of the rows: its rate does not depend on the number."""


def main() -> None:
    """Print persons per second of both and the ratio."""
    with throwaway() as home:
        from benchmarks.importing_parts import commit, prepare, save_one_by_one

        path = prepare(home, ASKED)
        print(f"{ASKED:,} persons, {path.stat().st_size / 1e6:.1f} MB")
        ours = once("import (check, write, seal, audit)", lambda: commit(path), count=ASKED, unit="persons") / ASKED
        few = ASKED // PEER_SHARE
        sheet = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))[2 : 2 + few]
        taken = once(
            "openpyxl + ORM save() per row", lambda: save_one_by_one(sheet, date.today()), count=few, unit="persons"
        )
        print(f"  ratio peer / ours, per person: {taken / few / ours:.1f}×")


if __name__ == "__main__":
    main()
