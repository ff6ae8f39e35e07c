"""Who is meant: the accounts behind an audience, the holders of a role over a unit, and their substitutes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.roles import ROLES
from bianzhi.common.web.lookups import Option, key_in
from bianzhi.kernel.pinyin import initials, person_pinyin
from bianzhi.office.models import Audience, Notice
from bianzhi.office.rules.audience import Seat, everyone, holders_of, people_at
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.rules.subtrees import Link, below
from bianzhi.workflow.models import Delegation, FlowTask

CHOOSE: Final = "workbench.view"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to be told about a task; `on_behalf_of` names the person a substitute stands in for."""

    user_id: int
    on_behalf_of: str = ""


def seats() -> list[Seat]:
    """Every role in force of every active account; one query."""
    rows = RoleGrant.objects.filter(revoked_at__isnull=True, user__is_active=True, role__in=list(ROLES))
    return [Seat(*row) for row in rows.values_list("user_id", "role", "organization_id")]


def audience_of(notice: Notice, today: date) -> set[int]:
    """Ids of the accounts a notice is for, by the roles and the tree of a day."""
    keys = notice.audience_keys
    if notice.audience == Audience.PEOPLE:
        return set(User.objects.filter(pk__in=keys, is_active=True).values_list("pk", flat=True))
    if notice.audience == Audience.ROLES:
        return holders_of(seats(), keys)
    if notice.audience == Audience.UNITS:
        units = below(links(today), keys) if notice.includes_subtree else set(keys)
        return people_at(seats(), units)
    return everyone(seats())


def links(day: date) -> list[Link]:
    """Where every unit hangs on a day; an abolished unit where it hung last."""
    rows = OrganizationVersion.objects.filter(superseded_at__isnull=True, valid_from__lte=day).order_by("valid_from")
    columns = rows.values_list("organization_id", "parent_id", "supervising_department_id")
    latest = {row[0]: Link(*row) for row in columns}
    return list(latest.values())


def superiors(unit_id: int, day: date) -> set[int]:
    """The unit and everything it lies under, by parent and by supervising department; one query a level."""
    found: set[int] = set()
    pending = {unit_id}
    while pending:
        found |= pending
        rows = OrganizationVersion.objects.filter(
            organization_id__in=pending, superseded_at__isnull=True, valid_from__lte=day
        ).order_by("valid_from")
        latest = {
            pk: (parent, supervising)
            for pk, parent, supervising in rows.values_list("organization_id", "parent_id", "supervising_department_id")
        }
        pending = {above for pair in latest.values() for above in pair if above} - found
    return found


def holders(role: str, unit_id: int | None, day: date) -> set[int]:
    """Ids of the active accounts that hold a role over a unit; over the whole district when no unit is named."""
    rows = RoleGrant.objects.filter(role=role, revoked_at__isnull=True, user__is_active=True)
    grants = list(rows.values_list("user_id", "organization_id", "includes_subtree"))
    if unit_id is None:
        return {user_id for user_id, _, _ in grants}
    above = superiors(unit_id, day) if any(subtree for _, _, subtree in grants) else {unit_id}
    return {
        user_id
        for user_id, organization_id, subtree in grants
        if organization_id is None or organization_id == unit_id or (subtree and organization_id in above)
    }


def holders_of_tasks(tasks: Iterable[FlowTask], day: date) -> dict[int, set[int]]:
    """By task id, who is asked to do it: its assignee, or everybody who may take it from its pool."""
    pools: dict[tuple[str, int | None], set[int]] = {}
    found: dict[int, set[int]] = {}
    for task in tasks:
        if task.assignee_id is not None:
            found[task.pk] = {task.assignee_id}
            continue
        pool = (task.pool_role, task.pool_unit_id)
        if pool not in pools:
            pools[pool] = holders(*pool, day) if task.pool_role else set()
        found[task.pk] = pools[pool]
    return found


def with_substitutes(user_ids: Collection[int], flow_key: str, day: date) -> list[Addressee]:
    """The people themselves, and whoever may decide for them in this flow on that day; one query."""
    rows = Delegation.objects.in_force(day).filter(delegator_id__in=user_ids, delegate__is_active=True)
    told = [Addressee(user_id) for user_id in sorted(user_ids)]
    substitutes: dict[int, str] = {}
    for delegate_id, name, flows in rows.order_by("pk").values_list("delegate_id", "delegator__display_name", "flows"):
        if delegate_id not in user_ids and (not flows or flow_key in flows):
            substitutes.setdefault(delegate_id, name)
    return told + [Addressee(user_id, name) for user_id, name in sorted(substitutes.items())]


def names(user_ids: Collection[int]) -> Mapping[int, str]:
    """Display names by user id."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "display_name"))


# --- finding people in forms -------------------------------------------------------------------------------------


def options(user: Any, text: str, limit: int) -> list[Option]:
    """Accounts whose name, its 拼音首字母, account name or office has the text; for anybody who holds a role."""
    if not user.can(CHOOSE):
        return []
    rows = User.objects.filter(is_active=True).order_by("display_name", "username")
    found = (each for each in rows if _fits(each, text.strip().lower()))
    return [Option(str(each.pk), each.display_name, each.office) for each in islice(found, limit)]


def _fits(user: User, text: str) -> bool:
    plain = f"{user.display_name}\n{user.username}\n{user.office}".lower()
    return text in plain or initials(person_pinyin(user.display_name)).startswith(text)


def chosen(user: Any, value: str) -> User | None:
    """The account of an option, or the only active one of a typed name or account name."""
    if not user.can(CHOOSE):
        return None
    rows = User.objects.filter(is_active=True)
    key = key_in(value)
    if key is not None:
        return rows.filter(pk=key).first()
    named: Sequence[User] = list((rows.filter(display_name=value) | rows.filter(username=value))[:2])
    return named[0] if len(named) == 1 else None
