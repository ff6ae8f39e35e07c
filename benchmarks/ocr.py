"""Reading generated official documents: characters, header fields with and without seal, column order, pages a minute.

python -m benchmarks.ocr [DOCUMENTS PER CONDITION, 12]

Every reader gets the same images, page by page in turn, on one thread; seconds are the processor's, so that a busy
machine does not matter. OCRMYPDF names the program where it is not on the path.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from benchmarks.ocr_measures import distance, folded, out_of_order, timed
from benchmarks.ocr_readers import Reader, readers
from bianzhi.recognition.extraction import extract
from bianzhi.recognition.sheets import Form, Sheet, Wear, made, papers

SEED = 20_260
WEARS = (Wear.SCAN, Wear.PHOTOCOPY, Wear.PHOTO, Wear.OLD)
HEADER = ("doc_no", "title", "dated_on", "classification")
TWO_COLUMN = 3


@dataclass
class Tally:
    """What is added up for one reader over some documents."""

    characters: int = 0
    wrong: int = 0
    header_characters: int = 0
    header_wrong: int = 0
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misplaced: int = 0
    pages: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        fields = "  ".join(f"{name} {self.right[name]}/{self.asked[name]}" for name in HEADER if self.asked[name])
        return (
            f"CER {self.wrong / self.characters:.4f}  header CER {self.header_wrong / self.header_characters:.4f}  "
            f"out of order {self.misplaced / self.characters:.4f}  {self.seconds / self.pages:5.2f} s/page  "
            f"{60 * self.pages / self.seconds:5.1f} pages/min/core  {fields}"
        )

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        for name in ("characters", "wrong", "header_characters", "header_wrong", "misplaced", "pages", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in HEADER:
            self.asked[name] += other.asked[name]
            self.right[name] += other.right[name]


def read_and_count(reader: Reader, sheet: Sheet, tally: Tally) -> None:
    """Let the reader read one document and add what came of it."""
    pages, seconds = timed(lambda: reader.read(sheet.pages))
    read = [folded(page.text) for page in pages]
    truth = [folded(page.text) for page in sheet.truth.pages]
    found = {finding.field: finding.value for finding in reversed(extract(pages, {}))}
    written = _written(sheet)
    tally.pages += len(truth)
    tally.seconds += seconds
    for mine, wanted in zip(read, truth, strict=True):
        tally.characters += len(wanted)
        wrong = distance(mine, wanted)
        tally.wrong += wrong
        tally.misplaced += out_of_order(mine, wanted, wrong)
    for name in HEADER:
        if name in written:
            tally.header_characters += len(written[name])
            tally.header_wrong += distance("".join(read), written[name], within=True)
            tally.asked[name] += 1
            tally.right[name] += folded(found.get(name, "")) == folded(sheet.truth.fields[name])


def _written(sheet: Sheet) -> dict[str, str]:
    """The header's fields as they stand on the paper."""
    known = {name: sheet.truth.fields[name] for name in HEADER if name in sheet.truth.fields}
    return {name: folded(value) for name, value in {**known, "dated_on": sheet.paper.written_date}.items()}


def measure(heading: str, sheets: Sequence[Sheet], compared: Sequence[Reader]) -> dict[str, Tally]:
    """Every document by every reader in turn; prints one line a reader."""
    tallies = {reader.name: Tally() for reader in compared}
    for sheet in sheets:
        for reader in compared:
            read_and_count(reader, sheet, tallies[reader.name])
    print(f"\n{heading}: {len(sheets)} documents, {sum(len(sheet.pages) for sheet in sheets)} pages", flush=True)
    for name, tally in tallies.items():
        print(f"  {name:<30} {tally}", flush=True)
    return tallies


def summarise(parts: Sequence[dict[str, Tally]]) -> None:
    """All conditions together."""
    print("\nall conditions")
    for name in parts[0]:
        total = Tally()
        for part in parts:
            total.add(part[name])
        print(f"  {name:<30} {total}")


def main() -> None:
    """Print every condition, documents with and without seal, and pages in two columns."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    compared = readers()
    drawn = list(papers(SEED, count))
    for reader in compared:
        reader.read(made(drawn[0]).pages[:1])  # models are loaded once, not page by page
    parts = [
        measure(f"{wear.value}, sealed as drawn", [made(paper, seed=SEED, wear=wear) for paper in drawn], compared)
        for wear in WEARS
    ]
    sealed = [paper for paper in drawn if paper.has_seal]
    for label, has_seal in (("with seal", True), ("without seal", False)):
        sheets = [made(replace(paper, has_seal=has_seal), seed=SEED, wear=Wear.SCAN) for paper in sealed]
        measure(f"the same documents {label}", sheets, compared)
    columns = islice(
        (paper for paper in papers(SEED + 1, 400) if paper.form is Form.BULLETIN), max(TWO_COLUMN, count // 3)
    )
    measure("in two columns", [made(paper, seed=SEED, wear=Wear.SCAN) for paper in columns], compared)
    summarise(parts)


if __name__ == "__main__":
    main()
