"""The bell of the top bar and the sources of the calendar: each registered once, shown to whom they concern."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import RequestFactory

from bianzhi.common import agenda
from bianzhi.common.web import bell

DAY = date(2026, 3, 2)


@dataclass
class Reader:
    """Somebody who is logged in, with or without messages."""

    may_read: bool
    is_authenticated: bool = True

    def can(self, permission: str) -> bool:
        return self.may_read


def asked(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def ringing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bell that always counts 120."""
    monkeypatch.setattr(bell, "_bells", [])
    bell.register(bell.Bell("common:help", "消息", "workbench.view", lambda user: 120))


def test_the_bell_rings_for_those_who_have_messages(ringing):
    shown = bell.for_request(asked(Reader(may_read=True)))
    assert shown is not None
    assert (shown.count, shown.figure, shown.url) == (120, "99+", "/help/")
    assert bell.for_request(asked(Reader(may_read=False))) is None
    assert bell.for_request(asked(Reader(may_read=True, is_authenticated=False))) is None
    assert bell.for_request(RequestFactory().get("/")) is None


def test_there_is_one_bell(ringing):
    with pytest.raises(ValueError, match="a bell already"):
        bell.register(bell.Bell("common:help", "另一个", "workbench.view", lambda user: 0))


def test_every_source_of_the_calendar_is_asked_and_has_its_own_name(monkeypatch):
    monkeypatch.setattr(agenda, "_sources", {})
    entry = agenda.Entry("a-1", "会议", "会商", DAY, DAY)
    agenda.register_source("a", lambda user, first, last: [entry] if first <= DAY <= last else [])
    agenda.register_source("b", lambda user, first, last: [])
    assert agenda.entries(None, DAY, DAY) == [entry]
    assert agenda.entries(None, date(2026, 4, 1), date(2026, 4, 30)) == []
    assert not entry.has_hours
    with pytest.raises(ValueError, match="twice"):
        agenda.register_source("a", lambda user, first, last: [])
