"""People a task may go to: found by name, account or office, among those who handle matters."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.common.web import lookups
from bianzhi.kernel.pinyin import initials, person_pinyin

LOOKUP = "flow-person"
HANDLE = "matters.handle"


def handlers() -> QuerySet[User]:
    """Accounts in use with a role that handles matters."""
    roles = [role.code for role in ROLES.values() if HANDLE in role.permissions]
    held = Q(role_grants__role__in=roles, role_grants__revoked_at__isnull=True)
    return User.objects.filter(held, is_active=True).distinct().order_by("display_name", "username")


def find(user: Any, text: str, limit: int) -> Iterable[lookups.Option]:
    """People whose name, its 拼音首字母, account or office has the text; nobody for those who handle nothing."""
    if not user.can(HANDLE):
        return
    found = 0
    for person in handlers().exclude(pk=user.pk):
        if found == limit:
            return
        if _fits(person, text.lower()):
            found += 1
            yield lookups.Option(str(person.pk), person.display_name, person.office or person.username)


def get(user: Any, value: str) -> User | None:
    """The person with that key, or with exactly that account or name when only one has it."""
    if not user.can(HANDLE):
        return None
    key = lookups.key_in(value)
    if key is not None:
        return handlers().filter(pk=key).first()
    named = list(handlers().filter(Q(username=value) | Q(display_name=value))[:2])
    return named[0] if len(named) == 1 else None


def label(person: User) -> str:
    """How a person is shown once chosen."""
    return f"{person.display_name}（{person.office}）" if person.office else person.display_name


def _fits(person: User, text: str) -> bool:
    plain = f"{person.display_name}\n{person.username}\n{person.office}".lower()
    return text in plain or initials(person_pinyin(person.display_name)).startswith(text)
