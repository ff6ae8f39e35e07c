"""Working as the owner of the tables for as long as their structure is changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """The block reaches the database by BIANZHI_DATABASE_OWNER_URL, where one is set; as everybody else otherwise."""
    if not settings.DATABASE_OWNER or connection.vendor != "postgresql":
        yield
        return
    usual = connection.settings_dict
    connection.close()
    connection.settings_dict = {**usual, **settings.DATABASE_OWNER}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = usual
