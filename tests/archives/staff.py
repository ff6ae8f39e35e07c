"""Accounts of the archive's tests: who keeps it, who decides, who only reads."""

from dataclasses import dataclass, field

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from tests.accounts.people import account


@dataclass
class Person:
    """A user with the permissions of a role, without its login."""

    user: User
    permissions: set[str] = field(default_factory=set)

    @property
    def pk(self) -> int:
        return self.user.pk

    @property
    def display_name(self) -> str:
        return self.user.display_name

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def sees_everything(self) -> bool:
        return True


def person(username: str, role: str) -> Person:
    return Person(account(username, role), set(ROLES[role].permissions))


def archivist() -> Person:
    return person("dangan", "archivist")


def director() -> Person:
    return person("zhuren", "office_director")
