"""Every encrypted column of the platform: whether anything is sealed in them, and under which keys."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models

from bianzhi.common import field_keys, sealed_places
from bianzhi.common.db.encrypted import SealedColumn, Stored, encrypted_fields
from bianzhi.common.integrity import Finding
from bianzhi.kernel.encryption.ciphers import Forged
from bianzhi.kernel.encryption.envelope import unseal


def columns() -> Iterator[tuple[type[models.Model], SealedColumn]]:
    """Each encrypted column with its model."""
    for model in apps.get_models():
        for field in encrypted_fields(model):
            yield model, field


def stored_texts(
    model: type[models.Model], field: SealedColumn, ids: Collection[int] | None = None
) -> Iterator[tuple[int, str]]:
    """(id, stored text) of every row, or of the given ones, that holds something there."""
    rows = model._base_manager.order_by("pk") if ids is None else model._base_manager.filter(pk__in=ids)
    rows = rows.annotate(stored_text=Stored(field.attname))
    for pk, text in rows.values_list("pk", "stored_text").iterator(chunk_size=2000):
        if text:
            yield pk, text


def keys_in_use() -> Counter[str]:
    """How many values rest on each master key, by its id; "" stands for what is not sealed at all."""
    found: Counter[str] = Counter()
    for model, field in columns():
        found.update(field.key_id(text) for _, text in stored_texts(model, field))
    return found


def anything_sealed() -> bool:
    """Whether any encrypted column of the database holds anything."""
    tables = set(connections[DEFAULT_DB_ALIAS].introspection.table_names())
    there = ((model, field) for model, field in columns() if model._meta.db_table in tables)
    return any(next(stored_texts(model, field), None) is not None for model, field in there)


def everything_opens() -> Iterator[Finding]:
    """The proof that every encrypted value opens with the keys of this machine, in its own column."""
    keys = field_keys.keyring()
    for model, field in columns():
        for pk, text in stored_texts(model, field):
            try:
                unseal(keys, text, field.context())
            except Forged as error:
                where = f"{model._meta.verbose_name} {model._meta.db_table}#{pk}"
                yield Finding(where, f"{field.verbose_name}无法解密：{error}")


def keys_after_migration(**told: Any) -> None:
    """After `migrate`: a new installation gets its keys, one that lost them is told before anything else happens."""
    if told.get("using", DEFAULT_DB_ALIAS) == DEFAULT_DB_ALIAS and told["sender"].label == "common":
        field_keys.establish(anything_sealed=lambda: anything_sealed() or sealed_places.anything_sealed())
