"""The catalogue of a package as a table for people: one line for each item, in the order of the 档号."""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Final

from bianzhi.archives.models import ItemState, Retention
from bianzhi.common.web.exports import Cell, Heading, Table, write_xlsx

COLUMNS: Final = (
    ("档号", "code", 32),
    ("题名", "title", 60),
    ("文件编号", "doc_no", 22),
    ("责任者", "responsible", 24),
    ("成文日期", "dated_on", 12),
    ("所属单位", "unit_name", 26),
    ("门类", "category", 8),
    ("年度", "year", 8),
    ("保管期限", "retention", 10),
    ("页数", "page_count", 8),
    ("密级", "classification", 8),
    ("存放位置", "storage_place", 20),
    ("状态", "state", 10),
    ("附注", "note", 30),
)


def write_catalogue(records: Iterable[Mapping[str, Any]], name: str, file: IO[bytes]) -> int:
    """Write the catalogue of some records as XLSX; returns the number of lines."""
    headings = [Heading(label, width) for label, _, width in COLUMNS]
    return write_xlsx(Table(name, headings, catalogue_rows(records)), file)


def catalogue_rows(records: Iterable[Mapping[str, Any]]) -> Iterator[list[Cell]]:
    """The lines of the catalogue; digests of the originals stand in the manifests."""
    for record in records:
        shown = {
            **record,
            "retention": dict(Retention.choices).get(record["retention"], ""),
            "state": dict(ItemState.choices)[record["state"]],
        }
        yield [shown[key] for _, key, _ in COLUMNS]
