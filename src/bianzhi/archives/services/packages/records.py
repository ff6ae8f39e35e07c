"""An item as a record that means the same in any database: no keys, only numbers, codes and names."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from bianzhi.archives.models import Candidate, Item, ItemFile, Page, Relation
from bianzhi.archives.selectors.naming import key_of
from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel import clock
from bianzhi.organizations.selectors.units import names_on

ITEM: Final = (
    *("year", "retention", "number", "code", "title", "doc_no", "responsible", "addressee", "signer", "dated_on"),
    *("language", "classification", "keywords", "persons", "attachments", "summary", "note", "storage_place"),
    *("source", "is_restricted", "is_exhibited", "state", "page_count", "created_at", "filed_at"),
)
FILE: Final = ("version", "position", "name", "first_page", "last_page", "added_at", "reason")
ORIGINAL: Final = ("sha256", "sm3", "size", "media_type", "extension", "kept_at")
PAGE: Final = (
    *("number", "source_page", "width", "height", "dpi", "rotation", "skew", "is_blank"),
    *("text_origin", "text", "confidence"),
)
CANDIDATE: Final = ("field", "value", "confidence", "page", "box", "method", "is_taken")
RELATION: Final = ("page", "subject_kind", "subject_label", "box", "made_at")
CHECK: Final = ("occasion", "passed", "results", "checked_at")


def record_of(item: Item) -> dict[str, Any]:
    """Everything the catalogue holds of an item, with the history of its description."""
    files = list(item.files.select_related("original"))
    unit = item.organization
    return {
        **_values(item, ITEM),
        "fonds": item.fonds.number,
        "fonds_name": item.fonds.name,
        "category": item.category.code if item.category else None,
        "volume": item.volume.code if item.volume else None,
        "unit": unit.code if unit else None,
        "unit_name": names_on([unit.pk], clock.today()).get(unit.pk, unit.code) if unit else "",
        "filed_by": item.filed_by.display_name if item.filed_by else "",
        "files": [{**_values(file, FILE), **_values(file.original, ORIGINAL)} for file in files],
        "pages": _pages(item.pages.all(), files),
        "candidates": [_values(row, CANDIDATE) for row in Candidate.objects.filter(item=item)],
        "relations": _relations(item.relations.filter(revoked_at=None)),
        "checks": [_values(check, CHECK) for check in item.four_checks.order_by("pk")],
        "history": list(_history(item)),
    }


def _pages(pages: Iterable[Page], files: Iterable[ItemFile]) -> list[dict[str, Any]]:
    places = {file.pk: [file.version, file.position] for file in files}
    return [{**_values(page, PAGE), "file": places[page.file_id]} for page in pages]


def _relations(rows: Iterable[Relation]) -> list[dict[str, Any]]:
    return [{**_values(row, RELATION), "subject": key_of(row.subject_kind, row.subject_id)} for row in rows]


def _history(item: Item) -> Iterable[Mapping[str, Any]]:
    acts = AuditEntry.objects.filter(subject_kind=Item._meta.label_lower, subject_id=str(item.pk)).order_by("seq")
    for act in acts.exclude(action="archives.opened"):
        yield {
            "time": act.recorded_at.isoformat(),
            "actor": act.actor_name,
            "act": catalogue.label(act.action),
            "facts": act.facts,
        }


def _values(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: _writable(getattr(row, name)) for name in names}


def _writable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
