"""Digests of register rows, computed from what the database holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.apps import apps

from bianzhi.audit.models import SealedModel
from bianzhi.kernel.digests import canonical_json, sm3_hex

BATCH = 500


def sealed_models() -> list[type[SealedModel]]:
    """Every model whose rows are sealed, in a stable order."""
    found = [model for model in apps.get_models() if issubclass(model, SealedModel)]
    return sorted(found, key=lambda model: model._meta.label_lower)


def row_digests(model: type[SealedModel], ids: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
    """(id, SM3 of the sealed columns) for the given rows, or for all of the model."""
    if ids is None:
        yield from _digests(model, None)
        return
    pending = sorted(set(ids))
    for start in range(0, len(pending), BATCH):
        yield from _digests(model, pending[start : start + BATCH])


def _digests(model: type[SealedModel], ids: list[int] | None) -> Iterator[tuple[int, str]]:
    columns = model.sealed_columns()
    rows = model._base_manager.order_by("pk").values_list("pk", *columns)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    for row in rows.iterator(chunk_size=2000):
        yield row[0], sm3_hex(canonical_json(dict(zip(columns, row[1:], strict=True))))


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
