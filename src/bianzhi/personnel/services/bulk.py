"""Inserting many rows under the capacity triggers."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)

BATCH = 500


def insert_excess_last(model: type[M], rows: Sequence[M], is_excess: Callable[[M], bool]) -> None:
    """Insert rows in bulk, those marked as known excess after all others.

    PostgreSQL judges the rows of a statement when all of them are there: an excess row beside an ordinary
    one would make the ordinary one look like the one too many.
    """
    for excess in (False, True):
        chosen = [row for row in rows if is_excess(row) is excess]
        model._base_manager.bulk_create(chosen, batch_size=BATCH)
