"""Full-text search of 200 000 pages beside SQLite FTS5 with bigrams: same pages, same questions, same run.

python -m benchmarks.search [--pages N] [--laws FOLDER] [--rounds N]

What is timed is what a page of results asks: the ten best and the count, with the reader's access inside the query; for
ours with marked passages and titles besides. Truth is plain substring search over the text with blanks dropped.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.search_data import UNITS, BenchPage, Question, pages, questions
from benchmarks.search_peer import Fts5
from benchmarks.timing import once, seconds
from bianzhi.fulltext.documents import FACETS, Doc, Request
from bianzhi.fulltext.embedded import TantivyBackend
from bianzhi.fulltext.numbers import fold_number

LAWS = Path(__file__).resolve().parents[2] / "shared/data/laws"
DEPARTMENT = frozenset(range(40))
"""A 主管部门 with 40 of 500 units: 8 % of the pages."""
LISTED = 5_000
READERS: dict[str, frozenset[int] | None] = {"编办（全部）": None, "主管部门（40 个单位）": DEPARTMENT}


def doc(page: BenchPage) -> Doc:
    """A page as the archive indexes it, found with its title."""
    return Doc(
        key=str(page.key), subject=str(page.key), kind="archives.item", title=page.title, url=f"/{page.key}/",
        access=("filed", f"unit:{page.unit}"), body=page.text, numbers=(page.number,), units=(str(page.unit),),
        year=int(page.number[4:8]),
    )  # fmt: skip


def request(question: Question, units: frozenset[int] | None, *, limit: int = 10, facets: bool = False) -> Request:
    """The question of a reader."""
    access = frozenset(["filed"]) if units is None else frozenset(f"unit:{unit}" for unit in units)
    text = " ".join(f'"{word}"' for word in question.words)
    return Request(text=text, access=access, limit=limit, facets=FACETS if facets else ())


def build_ours(engine: TantivyBackend, made: list[BenchPage]) -> None:
    """The index of all pages."""
    with engine.build() as build:
        for page in made:
            build.writer.replace(str(page.key), [doc(page)])
        build.switch(lambda writer: None)


def main() -> None:
    """Build both, check against the truth, time in turn, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--laws", type=Path, default=LAWS)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    made = list(pages(wanted.laws, wanted.pages))
    asked = questions(made)
    raw = sum(len(page.text.encode()) for page in made)
    print(f"{len(made):,} pages, {raw / 1e6:.0f} MB, {len(asked)} questions, {UNITS} units")
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = TantivyBackend(Path(folder) / "ours"), Fts5(Path(folder) / "peer.sqlite3")
        built = once("Tantivy, build", lambda: build_ours(ours, made), count=len(made), unit="pages")
        theirs = once("FTS5 bigram, build", lambda: peer.build(made), count=len(made), unit="pages")
        _print_sizes(Path(folder), raw, built / theirs)
        _check(ours, made, asked)
        _time(ours, peer, asked, wanted.rounds)


def _print_sizes(folder: Path, raw: int, ratio: float) -> None:
    files = [file for file in (folder / "ours").rglob("*") if file.is_file()]
    whole = sum(file.stat().st_size for file in files)
    kept = sum(file.stat().st_size for file in files if file.suffix == ".store")
    peer = sum(file.stat().st_size for file in folder.glob("peer.sqlite3*"))
    print(f"  build ours / peer {ratio:.2f}")
    print(f"  size / raw: ours {(whole - kept) / raw:.2f} + kept texts {kept / raw:.2f}; FTS5 {peer / raw:.2f}")


def _check(ours: TantivyBackend, made: list[BenchPage], asked: list[Question]) -> None:
    """Recall and precision against the truth, for every reader; counts alone where more than LISTED are found."""
    plain = [fold_number(f"{page.title}\n{page.number}\n{page.text}") for page in made]
    hit = found_all = true_all = wrong_counts = 0
    for question in asked:
        words = [fold_number(word) for word in question.words]
        there = [page for page, text in zip(made, plain, strict=True) if all(word in text for word in words)]
        for units in READERS.values():
            truth = {page.key for page in there if units is None or page.unit in units}
            results = ours.search(request(question, units, limit=LISTED))
            wrong_counts += results.total != len(truth)
            if len(truth) <= LISTED:
                found = {int(one.key) for one in results.hits}
                hit, found_all, true_all = hit + len(found & truth), found_all + len(found), true_all + len(truth)
    counts = 2 * len(asked)
    print(f"  recall {hit / true_all:.3f}, precision {hit / found_all:.3f} over {true_all:,} true hits")
    print(f"  counts equal to the truth: {counts - wrong_counts} of {counts}")


def _time(ours: TantivyBackend, peer: Fts5, asked: list[Question], rounds: int) -> None:
    for reader, units in READERS.items():
        taken = {question: _taken(ours, peer, question, units, rounds) for question in asked}
        print(f"  {reader}: p50 / p95 in ms: ours | FTS5 bigram | ours with facets")
        for kind in [*dict.fromkeys(question.kind for question in asked), ""]:
            rows = [times for question, times in taken.items() if kind in ("", question.kind)]
            columns = [list(column) for column in zip(*rows, strict=True)]
            told = " | ".join(f"{statistics.median(one) * 1e3:8.2f} /{_p95(one) * 1e3:9.2f}" for one in columns)
            print(f"    {kind or 'all':<16}{told} | p95 ratio {_p95(columns[0]) / _p95(columns[1]):.3f}")


def _taken(
    ours: TantivyBackend, peer: Fts5, question: Question, units: frozenset[int] | None, rounds: int
) -> tuple[float, float, float]:
    """Ours, the peer, ours with facets; the best of some rounds each."""
    return (
        _best(lambda: ours.search(request(question, units)), rounds),
        _best(lambda: peer.top_ten(question, units), rounds),
        _best(lambda: ours.search(request(question, units, facets=True)), rounds),
    )


def _best(act: Callable[[], object], rounds: int) -> float:
    return min(seconds(act) for _ in range(rounds))


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


if __name__ == "__main__":
    main()
