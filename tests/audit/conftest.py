from __future__ import annotations

import pytest

from bianzhi.audit import catalogue


@pytest.fixture(autouse=True)
def acts(monkeypatch):
    monkeypatch.setattr(catalogue, "ACTIONS", {**catalogue.ACTIONS, "test.opened": "开户", "test.renamed": "更名"})
