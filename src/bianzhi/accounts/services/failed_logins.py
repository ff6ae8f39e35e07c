"""The record of failed logins, alike for accounts that exist and names nobody has."""

from typing import Final

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work

GATE: Final = System("登录")
UNKNOWN: Final = Subject("accounts.user", "", "（不存在的账号）")
"""The typed name is not kept: people type passwords into the wrong field."""


@unit_of_work
def note_failure(*, username: str, address: str, locked: bool) -> None:
    """Somebody could not log in; `locked` when failures from this account or address are locked out by now."""
    user = User.objects.filter(username=username).first()
    action = "accounts.login_locked" if locked else "accounts.login_failed"
    record(action, actor=GATE, subject=user or UNKNOWN, facts={"address": address})
