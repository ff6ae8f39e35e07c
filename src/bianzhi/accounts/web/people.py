"""People to choose from: found by name, account or office, among the accounts that hold a permission."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.common.web.lookups import Lookup, Option, key_in
from bianzhi.kernel.pinyin import initials, person_pinyin


def people_lookup(key: str, *, holding: str, asked_by: str, oneself: bool = True) -> Lookup:
    """A lookup of the people `holding` a permission, answered to those who hold `asked_by` and to nobody else.

    Found by a part of name, account or office, or by 拼音首字母; without `oneself` the asker is not offered. A typed
    value is a key, or an exact account or name that only one has.
    """

    def search(user: Any, text: str, limit: int) -> Iterable[Option]:
        if not user.can(asked_by):
            return
        found = 0
        for person in _holders(holding) if oneself else _holders(holding).exclude(pk=user.pk):
            if found == limit:
                return
            if _fits(person, text.lower()):
                found += 1
                yield Option(str(person.pk), person.display_name, person.office or person.username)

    def get(user: Any, value: str) -> User | None:
        if not user.can(asked_by):
            return None
        pk = key_in(value)
        if pk is not None:
            return _holders(holding).filter(pk=pk).first()
        named = list(_holders(holding).filter(Q(username=value) | Q(display_name=value))[:2])
        return named[0] if len(named) == 1 else None

    return Lookup(key, search=search, chosen=get, label=_label)


def _holders(permission: str) -> QuerySet[User]:
    roles = [role.code for role in ROLES.values() if permission in role.permissions]
    held = Q(role_grants__role__in=roles, role_grants__revoked_at__isnull=True)
    return User.objects.filter(held, is_active=True).distinct().order_by("display_name", "username")


def _label(person: User) -> str:
    return f"{person.display_name}（{person.office}）" if person.office else person.display_name


def _fits(person: User, text: str) -> bool:
    plain = f"{person.display_name}\n{person.username}\n{person.office}".lower()
    return text in plain or initials(person_pinyin(person.display_name)).startswith(text)
