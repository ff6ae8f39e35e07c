"""Two persons for one act: who proposed and who confirmed act together, and nobody acts alone."""

from dataclasses import dataclass

from django.db.models import Q

from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.accounts.roles import ROLES
from bianzhi.accounts.rules.second_factor import is_required
from bianzhi.audit.actors import Actor
from bianzhi.kernel.objections import Objection, Refused


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons as one actor: the record names both; the key is that of who confirmed.

    `proposer` is the name kept with the proposal, that of the console for the first accounts.
    """

    proposer: str
    confirmer: User

    @property
    def pk(self) -> int | None:
        """Key of who confirmed."""
        return self.confirmer.pk

    @property
    def display_name(self) -> str:
        """Both names."""
        return f"{self.proposer}提出、{self.confirmer.display_name}复核"

    def can(self, permission: str) -> bool:
        """What each may do was asked when each acted."""
        return permission == "accounts.manage"

    def sees_everything(self) -> bool:
        """No data scope limits the two."""
        return True


@dataclass(frozen=True, slots=True)
class Urgently:
    """One person who closes a door at once; a second confirms or undoes it afterwards."""

    user: User

    @property
    def pk(self) -> int | None:
        """Key of the person."""
        return self.user.pk

    @property
    def display_name(self) -> str:
        """The name, and that nobody has confirmed yet."""
        return f"{self.user.display_name}（紧急，待复核）"

    def can(self, permission: str) -> bool:
        """What the person may do."""
        return self.user.can(permission)

    def sees_everything(self) -> bool:
        """What the person sees."""
        return self.user.sees_everything()


def needs_two(user: User) -> bool:
    """Whether the account administers or approves, closed or not, so that one person alone resets nothing of it.

    A role taken back at once counts until a second person has agreed: it may come back.
    """
    may_return = AccountChange.objects.pending().filter(account=user, is_urgent=True, grant__isnull=False)
    held = RoleGrant.objects.filter(Q(revoked_at__isnull=True) | Q(pk__in=may_return.values("grant")), user=user)
    return any(decides(role) for role in held.values_list("role", flat=True))


def decides(role: str) -> bool:
    """Whether the role administers or approves."""
    return role in ROLES and is_required(ROLES[role].permissions)


def refuse_alone_about(by: Actor, user: User) -> None:
    """Raise Refused (S40) when one person resets alone what an administrator or approver logs in with."""
    if needs_two(user):
        refuse_alone(by)


def refuse_alone(by: Actor) -> None:
    """Raise Refused (S40) when one person acts alone where two are due; the console, a pair and an urgent act pass."""
    if isinstance(by, User):
        step = "请提出申请，由另一名安全管理员或编办主任、副主任复核后生效。"
        raise Refused([Objection("S40", "角色、范围和重要账号的变更须由两人办理。", next_step=step)])
