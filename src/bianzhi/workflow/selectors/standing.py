"""Who may act on a task: the one it is assigned to, a holder of its role, or somebody either has delegated to.

Asked when lists are shown and again, under the lock, when somebody acts: a user who left the unit keeps nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.roles import ROLES
from bianzhi.workflow import registries
from bianzhi.workflow.models import Delegation, FlowTask


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may act on a task, for whom if not in their own name, and why not.

    `choices` are those one of whom is to be named first: several have delegated the same task, and none is chosen.
    """

    ok: bool
    on_behalf_of: User | None = None
    why_not: str = ""
    choices: tuple[User, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is in the own name."""
        return self.ok and self.on_behalf_of is None and not self.choices


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A user seen with the grants of one role only, for the question how far that role reaches."""

    grants: tuple[RoleGrant, ...]

    def sees_everything(self) -> bool:
        """Grants with a unit never reach everything."""
        return False

    def scope_roots(self) -> list[tuple[int, bool]]:
        """(organisation id, whether its subtree is included) of each grant."""
        return [(g.organization_id, g.includes_subtree) for g in self.grants if g.organization_id is not None]


def may_act(user: Any, task: FlowTask, today: date, on_behalf_of: int | None = None) -> Standing:
    """Whether the user may act on the task today: in the own name first, else for whoever delegated to them.

    `on_behalf_of` chooses among several who did; it need not be given where only one has.
    """
    if user.pk is None:
        return Standing(ok=True)
    if is_theirs(user, task, today):
        return Standing(ok=True)
    people = _principals(user, task, today)
    if not people:
        return Standing(ok=False, why_not=_why_not(user, task))
    if on_behalf_of is not None:
        people = [person for person in people if person.pk == on_behalf_of]
        if not people:
            return Standing(ok=False, why_not="所选的人没有把这项任务委托给您，或委托已经结束。")
    return Standing(ok=True, on_behalf_of=people[0]) if len(people) == 1 else Standing(ok=True, choices=tuple(people))


def _principals(user: User, task: FlowTask, today: date) -> list[User]:
    """Whoever has delegated the task to the user, each once."""
    found: dict[int, User] = {}
    for delegation in _delegations(user, today):
        person = delegation.delegator
        if person.pk not in found and _covers(delegation, task) and is_theirs(person, task, today):
            found[person.pk] = person
    return list(found.values())


def is_theirs(user: User, task: FlowTask, today: date) -> bool:
    """Whether the task is the user's own: assigned and still holding its role, or free for the role they hold."""
    if not user.is_active:
        return False
    if task.assignee_id == user.pk:
        if not task.pool_role:
            return task.instance.initiator_id != user.pk or reaches(user, task.instance.unit_id, today)
        return holds(user, task.pool_role, task.pool_unit_id, today)
    if not task.pool_role or not holds(user, task.pool_role, task.pool_unit_id, today):
        return False
    holder = task.assignee
    return holder is None or not holder.is_active or not holds(holder, task.pool_role, task.pool_unit_id, today)


def reaches(user: User, unit_id: int | None, today: date) -> bool:
    """Whether the user has to do with a unit at all: whoever left it keeps not even the cases they began there."""
    reached = registries.reached_by(user, today) if unit_id is not None else None
    return reached is None or unit_id in reached


def holds(user: User, role: str, unit_id: int | None, today: date) -> bool:
    """Whether the user holds a role over a unit (None: anywhere in the district)."""
    grants = tuple(grant for grant in user.grants if grant.role == role)
    if not grants or role not in ROLES:
        return False
    if ROLES[role].whole_district or unit_id is None:
        return True
    if any(grant.organization_id == unit_id for grant in grants):
        return True
    if not any(grant.includes_subtree for grant in grants):
        return False
    reached = registries.reached_by(Narrowed(grants), today)
    return reached is None or unit_id in reached


def in_whose_names(user: Any, tasks: QuerySet[FlowTask], today: date) -> dict[int, list[User]]:
    """Those of the tasks that are the user's only because somebody has delegated to them: task → for whom.

    One query for the user and one for each delegation, however many tasks.
    """
    delegations = list(_delegations(user, today))
    if not delegations:
        return {}
    own = set(tasks.filter(_own(user, today)).values_list("pk", flat=True))
    found: dict[int, list[User]] = {}
    for delegation in delegations:
        for pk in tasks.filter(_delegated(delegation, today)).values_list("pk", flat=True):
            if pk not in own and delegation.delegator not in found.setdefault(pk, []):
                found[pk].append(delegation.delegator)
    return {pk: people for pk, people in found.items() if people}


def tasks_of(user: Any, today: date) -> Q:
    """Condition on tasks the user may act on today, delegations included; one query for each role with a subtree."""
    condition = _own(user, today)
    for delegation in _delegations(user, today):
        condition |= _delegated(delegation, today)
    return condition


def _delegated(delegation: Delegation, today: date) -> Q:
    return _own(delegation.delegator, today) & _flows_of(delegation)


def _flows_of(delegation: Delegation) -> Q:
    return Q(instance__version__definition__key__in=delegation.flows) if delegation.flows else Q()


def _own(user: User, today: date) -> Q:
    if not user.is_active:
        return Q(pk__in=[])
    pools = _pools(user, today)
    return (Q(assignee=user) & (_by_name(user, today) | pools)) | (Q(assignee__isnull=True) & pools)


def still_theirs(user: User, today: date) -> Q:
    """Condition on closed tasks whose role the user still holds, or which were theirs by name: in their own name, or in
    that of somebody who delegates to them still.
    """
    return (_by_name(user, today) & _in_their_name(user, today)) | _pools(user, today)


def _in_their_name(user: User, today: date) -> Q:
    found = Q(done_for_id__isnull=True) | Q(done_for_id=user.pk)
    for delegation in _delegations(user, today):
        found |= Q(done_for_id=delegation.delegator_id) & _flows_of(delegation)
    return found


def _by_name(user: User, today: date) -> Q:
    """Tasks given to a person, not to a role; those of the applicant as long as the unit is theirs."""
    reached = registries.reached_by(user, today)
    if reached is None:
        return Q(pool_role="")
    theirs = Q(instance__unit_id__isnull=True) | Q(instance__unit_id__in=reached)
    return Q(pool_role="") & (~Q(instance__initiator=user) | theirs)


def _pools(user: User, today: date) -> Q:
    pools = Q(pk__in=[])
    for role in {grant.role for grant in user.grants if grant.role in ROLES}:
        pools |= _pool(user, role, today)
    return pools


def _pool(user: User, role: str, today: date) -> Q:
    if ROLES[role].whole_district:
        return Q(pool_role=role)
    grants = tuple(grant for grant in user.grants if grant.role == role)
    units = {grant.organization_id for grant in grants if grant.organization_id is not None}
    if any(grant.includes_subtree for grant in grants):
        units = registries.reached_by(Narrowed(grants), today) or units
    return Q(pool_role=role) & (Q(pool_unit_id__in=units) | Q(pool_unit_id__isnull=True))


def _delegations(user: User, today: date) -> Iterator[Delegation]:
    yield from Delegation.objects.to(user, today).select_related("delegator").order_by("pk")


def _covers(delegation: Delegation, task: FlowTask) -> bool:
    return not delegation.flows or task.instance.version.definition.key in delegation.flows


def _why_not(user: User, task: FlowTask) -> str:
    role = ROLES[task.pool_role].label if task.pool_role in ROLES else ""
    if task.assignee_id == user.pk:
        left = f"您已不担任该单位的“{role}”" if role else "该单位已不在您的管理范围内"
        return f"{left}，不能再办理这项任务。"
    if task.assignee is not None:
        return f"这项任务由{task.assignee.display_name}办理。"
    return f"这项任务由“{role}”办理，您没有担任该岗位。"
