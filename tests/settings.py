"""The product's settings with the few differences tests need: a throw-away home, a fast hasher, plain static names."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["BIANZHI_HOME"] = tempfile.mkdtemp(prefix="bianzhi-test-")
atexit.register(shutil.rmtree, os.environ["BIANZHI_HOME"], ignore_errors=True)

from bianzhi.config.settings import *  # noqa: E402, F403
from bianzhi.config.settings import DATABASES, HOME, SQLITE  # noqa: E402

SECOND_FACTOR = "optional"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if DATABASES["default"] is SQLITE:
    # A file, not memory: threads of a race test must each have a connection of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(HOME) / "test.sqlite3")}
    # What is committed in tests need not survive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
DATABASES["default"]["CONN_MAX_AGE"] = 0

# whitenoise warns of a folder that is not there, and warnings are errors here.
(Path(HOME) / "static").mkdir(exist_ok=True)
