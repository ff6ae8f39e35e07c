"""Digests of register rows, computed from what the database holds.

Of an encrypted column the sealed text is digested: a digest of the value itself would let it be guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from django.apps import apps

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import Stored, encrypted_fields
from bianzhi.kernel.digests import canonical_json, sm3_hex

BATCH: Final = 500
UNREADABLE: Final = ""
UNREADABLE_ERRORS: Final = (ValueError, TypeError, AttributeError, ArithmeticError)
"""What Django's converters raise on a text where SQLite, which lets anything into any column, should hold a moment."""


def sealed_models() -> list[type[SealedModel]]:
    """Every model whose rows are sealed, in a stable order."""
    found = [model for model in apps.get_models() if issubclass(model, SealedModel)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def row_digests(model: type[SealedModel], ids: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
    """(id, SM3 of the sealed columns) for the given rows, or for all of the model.

    A row whose columns hold what the engine should never have taken gives UNREADABLE, which fits no seal.
    """
    wanted = model._base_manager.order_by("pk").values_list("pk", flat=True) if ids is None else set(ids)
    pending = sorted(wanted)
    for start in range(0, len(pending), BATCH):
        batch = pending[start : start + BATCH]
        try:
            yield from list(_digests(model, batch))
        except UNREADABLE_ERRORS:
            yield from _one_by_one(model, batch)


def _digests(model: type[SealedModel], ids: list[int]) -> Iterator[tuple[int, str]]:
    columns = model.sealed_columns()
    encrypted = {field.attname: Stored(field.attname) for field in encrypted_fields(model)}
    named = [encrypted.get(column, column) for column in columns]
    rows = model._base_manager.filter(pk__in=ids).order_by("pk").values_list("pk", *named)
    for row in rows:
        yield row[0], sm3_hex(canonical_json(dict(zip(columns, row[1:], strict=True))))


def _one_by_one(model: type[SealedModel], ids: list[int]) -> Iterator[tuple[int, str]]:
    for pk in ids:
        try:
            yield from list(_digests(model, [pk]))
        except UNREADABLE_ERRORS:
            yield pk, UNREADABLE


def digests_of(wrote: Iterable[tuple[type[SealedModel], int]]) -> dict[tuple[str, int], str]:
    """Digest of each named row, by (model label, id)."""
    by_model: dict[type[SealedModel], set[int]] = defaultdict(set)
    for model, pk in wrote:
        by_model[model].add(pk)
    return {
        (model._meta.label_lower, pk): digest
        for model, ids in by_model.items()
        for pk, digest in row_digests(model, ids)
    }
