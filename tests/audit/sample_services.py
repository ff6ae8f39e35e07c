"""Two services small enough to see through, for the tests of the record."""

from __future__ import annotations

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work

ACTOR = System("测试")


@unit_of_work
def open_account(name: str) -> User:
    user = User.objects.create(username=name, display_name=name)
    record("test.opened", actor=ACTOR, subject=user, facts={"name": name}, wrote=[user])
    return user


@unit_of_work
def rename(user: User, name: str) -> None:
    user.display_name = name
    user.save()
    record("test.renamed", actor=ACTOR, subject=user, facts={"name": name}, wrote=[user])
