"""Where the resident ID number lives: the only place that knows how it is stored.

Today the column holds the normalised 18 characters. Encrypting it later (envelope and blind index)
changes this file and `PersonQuerySet.with_id_number(s)` and nothing else.
"""

from typing import Any

from django.db import models


class IdNumberField(models.CharField[str, str]):
    """A normalised resident ID number; exact search only, through `PersonQuerySet`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 18)
        super().__init__(*args, **kwargs)
