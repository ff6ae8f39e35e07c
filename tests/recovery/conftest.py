"""A platform small enough to back up in a moment: a few accounts, a few files of each kind, a folder for backups."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bianzhi.audit import catalogue
from bianzhi.common.kept_files import KeptFiles, sha256_of, sm3_of
from bianzhi.recovery.sets import proofs
from tests.audit.sample_services import open_account


@dataclass(frozen=True)
class Platform:
    """The home of the platform and where its backups go."""

    home: Path
    backups: Path


def one_of_each_kind(home: Path) -> dict[str, bytes]:
    """Files of every store, and what must never get into a backup."""
    contents = {
        "archive/originals/ab/" + "c" * 64: b"an original under a name that is no digest of it",
        "dropbox/hr/名册 2026-10.xlsx": b"a roster on its way in",
        "files/exchange/runs/7/rows.parquet": b"PAR1" + bytes(range(256)) * 9000,
        "fonts/own.ttf": b"a font",
        "somebody-elses-new-store/file.bin": b"kept although nobody told the backup of it",
        "empty": b"",
    }
    for path, content in contents.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(content)
    for name, digest in (("exchange", sha256_of), ("imports", sm3_of)):
        kept = KeptFiles(name, digest)
        contents[kept.path_of(kept.keep(f"of {name}".encode())).relative_to(home).as_posix()] = f"of {name}".encode()
    for path in ("keys/fields.json", "secrets/secret_key", "keys/deep/other.key", "files/cert.pem"):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(b"CANARY-OF-A-KEY " + path.encode())
    for path in ("logs/server.log", "jobs/1.json", "archive/derivatives/ab/page.webp", "static/app.css", "files/x.new"):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(b"not worth a backup")
    return contents


@pytest.fixture
def platform(settings, tmp_path, monkeypatch) -> Platform:
    monkeypatch.setattr(catalogue, "ACTIONS", {**catalogue.ACTIONS, "test.opened": "开户", "test.renamed": "更名"})
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.FIELD_KEYS = settings.HOME / "keys" / "fields.json"
    settings.ENCRYPT_FILES = False  # the keys of this home are canaries; sealed files have their own test
    settings.ANCHORS = []
    backups = tmp_path / "disk"
    backups.mkdir()
    settings.BACKUP_DIR = str(backups)
    settings.BACKUP_KEY_FILE = ""
    one_of_each_kind(settings.HOME)
    for name in ("wang", "li"):
        open_account(name)
    return Platform(settings.HOME, backups)


@pytest.fixture
def unproved(monkeypatch) -> list[Path]:
    """The restored platform is taken at its word; the tests that prove it in a process of its own do not use this."""
    asked: list[Path] = []

    def findings(self: proofs.Restored) -> list[str]:
        asked.append(self.home)
        return []

    monkeypatch.setattr(proofs.Restored, "findings", findings)
    return asked


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def told(path: Path) -> dict[str, object]:
    """A label as it is written."""
    label: dict[str, object] = json.loads((path / "label.json").read_text())
    return label
