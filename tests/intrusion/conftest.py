"""A platform with three administrators, a person who works there, and a home of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit import catalogue
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.intrusion import reading_files
from bianzhi.intrusion.rules.reading_log import PAGE, Reading
from bianzhi.intrusion.rules.signs import Sign
from bianzhi.intrusion.selectors.in_force import rules_in_force
from bianzhi.intrusion.watching import WATCHED
from tests.accounts.people import account

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=timezone.get_fixed_timezone(480))
"""A Wednesday on which offices work."""
GATE = System("登录")


@dataclass
class People:
    """Who is there."""

    clerk: User
    security: User
    second: User
    audit: User
    system: User
    director: User


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.ANCHORS, settings.BACKUP_DIR, settings.CLAMAV = [], "", ""
    cache.clear()
    return tmp_path


@pytest.fixture
def people(db: None) -> People:
    return People(
        account("jingban", "office_clerk"),
        account("anquan", "security_admin"),
        account("anquan2", "security_admin"),
        account("shenji", "audit_admin"),
        account("xitong", "system_admin"),
        account("zhuren", "office_director"),
    )


@unit_of_work
def acted(action: str, actor: Any, subject: Any, **facts: Any) -> None:
    """Something is recorded as the platform records it."""
    catalogue.known(action)
    record(action, actor=actor, subject=subject, facts=facts)


def failures(count: int, *users: User | None, address: str = "10.0.0.9") -> None:
    """Logins that failed, for these accounts in turn; None for a name nobody has."""
    for number in range(count):
        user = users[number % len(users)]
        subject = user or Subject("accounts.user", "", "（不存在的账号）")
        acted("accounts.login_failed", GATE, subject, address=address)


def opened(
    user: User,
    count: int,
    *,
    at: datetime | None = None,
    way: str = PAGE,
    route: str = "personnel:person",
    first: int = 1,
) -> None:
    """So many different records opened by somebody."""
    moment = int((at or timezone.now()).timestamp())
    for number in range(first, first + count):
        reading_files.append(Reading(moment, user.pk, route, str(number), way))


def signs(code: str, now: datetime | None = None) -> list[Sign]:
    """What one rule finds now."""
    rule = rules_in_force()[code]
    return list(WATCHED[code].detect(rule, now or timezone.now() + timedelta(seconds=1)))


def newest(action: str) -> AuditEntry:
    """The last act of a kind."""
    return AuditEntry.objects.filter(action=action).order_by("-seq")[0]
