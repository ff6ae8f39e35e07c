from __future__ import annotations

import pytest

from bianzhi.common.jobs import channel, handlers, running, schedule


@pytest.fixture(autouse=True)
def own_registries(monkeypatch, settings, tmp_path):
    """Each test registers its own handlers and publishes into its own folder."""
    settings.HOME = tmp_path
    monkeypatch.setattr(handlers, "_handlers", {})
    monkeypatch.setattr(schedule, "_daily", {})
    monkeypatch.setattr(schedule, "_recurring", {})
    running.stopping.clear()
    yield
    running.stopping.clear()


@pytest.fixture
def expired(monkeypatch):
    """Leases that run out at once, as if the worker had been gone for a while."""
    monkeypatch.setattr(channel, "LEASE_SECONDS", -1)
    monkeypatch.setattr(running, "LEASE_SECONDS", -1)
