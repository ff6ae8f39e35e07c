"""A throw-away database in a folder of its own for one benchmark."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def throwaway() -> Iterator[Path]:
    """An empty, migrated SQLite database (or DATABASE_URL's); yields its home. Call before importing any model."""
    home = Path(tempfile.mkdtemp(prefix="bianzhi-benchmark-"))
    os.environ["BIANZHI_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bianzhi.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
