"""What a person states of an item: the description of DA/T 46, normalised and judged before it is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.archives.models import Item, ItemSource, Retention
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.kernel.dates import EARLIEST_YEAR, LATEST_YEAR
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.names import normalise_organisation_name
from bianzhi.kernel.objections import Objection

PLACED: Final = ("category_id", "organization_id", "volume_id", "year", "retention")
"""What places an item in the archive, and so its 档号."""
DESCRIPTIVE: Final = (
    "title",
    "doc_no",
    "responsible",
    "addressee",
    "signer",
    "dated_on",
    "language",
    "classification",
    "keywords",
    "persons",
    "attachments",
    "summary",
    "note",
    "storage_place",
    "is_restricted",
    "is_exhibited",
)
DESCRIBED: Final = (*PLACED, *DESCRIPTIVE)


def describe(item: Item, facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Put the facts (any of DESCRIBED) into the row, unsaved; returns what differs as {name: [old, new]}.

    The year follows the date and the term the category where they are left open. Raises TypeError for another name.
    """
    if unknown := set(facts) - set(DESCRIBED):
        raise TypeError(f"not described of an item: {', '.join(sorted(unknown))}")
    before = _plain(item)
    for name, value in facts.items():
        setattr(item, name, _normalised(name, value))
    if not item.year and item.dated_on:
        item.year = item.dated_on.year
    if not item.retention and item.category_id is not None and item.category is not None:
        item.retention = item.category.retention
    after = _plain(item)
    return {name: [before[name], after[name]] for name in DESCRIBED if before[name] != after[name]}


def _normalised(name: str, value: Any) -> Any:
    if name == "doc_no":
        return parse_document_number(value).text
    if name == "responsible":
        return "、".join(
            normalise_organisation_name(part) for part in value.replace(",", "、").split("、") if part.strip()
        )
    if name in ("summary", "note"):
        return value.strip()
    return " ".join(value.split()) if isinstance(value, str) else value


def _plain(item: Item) -> dict[str, Any]:
    """The description as the audit record can hold it."""
    return {name: _writable(getattr(item, name)) for name in DESCRIBED}


def _writable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def objections_to_description(item: Item) -> list[Objection]:
    """R27, texts too long, a year or a term that is none, an item that may not be shown and yet is exhibited."""
    found = objections_to_lengths(item)
    if item.source != ItemSource.INDEX_ONLY:
        found += objections_to_secrecy(密级=item.classification, 题名=item.title, 文件编号=item.doc_no)
    if item.year is not None and not EARLIEST_YEAR <= item.year <= LATEST_YEAR:
        message = f"年度 {item.year} 应在 {EARLIEST_YEAR}—{LATEST_YEAR} 之间。"
        found.append(Objection("archives.year", message, next_step="请填写四位年份，如 2020"))
    if item.retention and item.retention not in Retention.values:
        found.append(
            Objection(
                "archives.retention",
                f"保管期限“{item.retention}”不在永久、30年、10年之内。",
                next_step="请从列表中选择",
            )
        )
    if item.is_exhibited and (item.is_restricted or item.classification):
        message = "控制利用或标有密级的档案不能对外展示。"
        found.append(Objection("archives.exhibit", message, next_step="请先取消“可对外展示”"))
    return found
