"""The folder of backups copied elsewhere with restic and fetched back, where restic is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.verifying import verify
from tests.recovery.conftest import Platform

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed on this machine"),
]


def restic(repository: Path, *arguments: str) -> None:
    variables = {**os.environ, "RESTIC_PASSWORD": "violet-moon-73", "RESTIC_REPOSITORY": str(repository)}
    variables["RESTIC_CACHE_DIR"] = str(repository.parent / "cache")
    subprocess.run(["restic", "--quiet", *arguments], env=variables, check=True, capture_output=True)


def test_a_folder_of_backups_that_went_through_restic_is_whole(platform: Platform, tmp_path):
    make(platform.backups)
    (platform.home / "files" / "fresh").write_bytes(b"new since")
    make(platform.backups, incremental=True)
    repository = tmp_path / "elsewhere"
    restic(repository, "init")
    restic(repository, "backup", str(platform.backups))
    restic(repository, "restore", "latest", "--target", str(tmp_path / "fetched"))
    fetched = tmp_path / "fetched" / platform.backups.relative_to("/")
    assert [verify(one.path).problems for one in sets_in(fetched)] == [[], []]
