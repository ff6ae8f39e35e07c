"""Roles, scopes and important accounts change by two persons: one proposes, another confirms, then it takes effect.

Closing a door does not wait: it takes effect at once and is confirmed, or undone, afterwards (decision 0017).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from bianzhi.accounts.account_changes import ChangeKind, ChangeState
from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.accounts.parameters import CHANGE_DAYS
from bianzhi.accounts.passwords import one_time_password
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.rules.grants import objections_to_grant
from bianzhi.accounts.services import grants, linked_identities, second_factors, users
from bianzhi.accounts.services.passkeys import end_passkeys
from bianzhi.accounts.services.two_persons import Pair, Urgently, needs_two
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused, refuse_if

CONFIRM: Final = "accounts.confirm"
SHORTEST: Final = 4
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Effect:
    """A confirmed change, and the one-time password it made, which is kept nowhere."""

    change: AccountChange
    password: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new account, without any role, and the role proposed for it."""

    user: User
    change: AccountChange | None


@unit_of_work
def open_account(
    *,
    actor: Actor,
    username: str,
    display_name: str,
    office: str,
    password: str,
    role: str = "",
    organization_id: int | None = None,
    includes_subtree: bool = False,
    reason: str = "",
) -> Opened:
    """Open an account, which can do nothing, and propose its role; a role that is refused leaves no account behind."""
    user = users.create_user(
        actor=actor, username=username, display_name=display_name, office=office, password=password
    )
    if not role:
        return Opened(user, None)
    change = propose_grant(
        actor=actor,
        user_id=user.pk,
        role=role,
        reason=reason,
        organization_id=organization_id,
        includes_subtree=includes_subtree,
    )
    return Opened(user, change)


@unit_of_work
def propose_grant(
    *,
    actor: Actor,
    user_id: int,
    role: str,
    reason: str,
    organization_id: int | None = None,
    includes_subtree: bool = False,
) -> AccountChange:
    """Propose a role. Raises Refused as `grants.grant_role` would, and when the same is proposed already (S41)."""
    require(actor, MANAGE)
    user = users.locked(user_id)
    held = [(grant.role, grant.organization_id) for grant in grants.open_grants(user)]
    own = actor.pk == user_id
    refuse_if(objections_to_grant(role=role, organization_id=organization_id, held=held, is_own_account=own))
    grants.refuse_unknown(organization_id)
    reach: dict[str, Any] = {"organization_id": organization_id, "includes_subtree": includes_subtree}
    return _propose(actor, user, ChangeKind.GRANT, reason, role=role, **reach)


@unit_of_work
def propose_revocation(*, actor: User, grant_id: int, reason: str, at_once: bool = False) -> AccountChange:
    """Propose to take a role back, or take it back at once and have it confirmed afterwards.

    Raises Refused for the own role (S04), one taken back already (S07), the last security administrator's (S16).
    """
    require(actor, MANAGE)
    grant = _open_grant(actor, grant_id)
    if grant.role == "security_admin":
        users.refuse_without_security_admin(losing=grant.user)
    change = _propose(actor, grant.user, ChangeKind.REVOKE, reason, at_once=at_once, **_reach_of(grant))
    if at_once:
        grants.revoke_role(actor=Urgently(actor), grant_id=grant_id)
    return change


@unit_of_work
def propose_rescope(
    *, actor: Actor, grant_id: int, organization_id: int, includes_subtree: bool, reason: str
) -> AccountChange:
    """Propose that a role reaches another organisation. Raises Refused (S03, S04, S06, S07, S08)."""
    require(actor, MANAGE)
    grant = _open_grant(actor, grant_id)
    others = [(each.role, each.organization_id) for each in grants.open_grants(grant.user) if each.pk != grant.pk]
    refuse_if(objections_to_grant(role=grant.role, organization_id=organization_id, held=others, is_own_account=False))
    grants.refuse_unknown(organization_id)
    if (grant.organization_id, grant.includes_subtree) == (organization_id, includes_subtree):
        raise Refused([Objection("S08", "范围没有变化。", next_step="请选择另一机构，或改变是否含下级机构。")])
    wanted = {"organization_id": organization_id, "includes_subtree": includes_subtree}
    return _propose(actor, grant.user, ChangeKind.RESCOPE, reason, **{**_reach_of(grant), **wanted})


@unit_of_work
def propose_reopening(*, actor: Actor, user_id: int, reason: str) -> AccountChange:
    """Propose that a closed account opens again. Raises Refused for one that is open (S19), or the own one (S42)."""
    require(actor, MANAGE)
    user = _somebody_else(actor, user_id)
    if user.is_active:
        raise Refused([Objection("S19", "该账号没有停用。")])
    return _propose(actor, user, ChangeKind.REOPEN, reason)


@unit_of_work
def propose_reset(*, actor: Actor, user_id: int, what: ChangeKind, reason: str) -> AccountChange:
    """Propose a fresh password, or to drop the second factor, of an account that administers or approves.

    Raises Refused for the own account (S42), and for one whose reset needs one person only (S43).
    """
    require(actor, MANAGE)
    user = _somebody_else(actor, user_id)
    if not needs_two(user):
        raise Refused([Objection("S43", "该账号不办理审批和管理，可以直接重置，不需复核。")])
    return _propose(actor, user, what, reason)


@unit_of_work
def close(*, actor: User, user_id: int, reason: str) -> AccountChange:
    """Close an account at once; a second person confirms it afterwards, or undoes it. Raises Refused (S14, S16)."""
    require(actor, MANAGE)
    users.deactivate(actor=Urgently(actor), user_id=user_id)
    return _propose(actor, users.locked(user_id), ChangeKind.CLOSE, reason, at_once=True)


@unit_of_work
def confirm(*, actor: User, change_id: int, note: str = "") -> Effect:
    """Confirm what another proposed: it takes effect now, unless it is urgent and has already.

    With the first role that administers or approves the account begins anew: nobody has seen the password it is given.

    Raises Denied without accounts.confirm; Refused for the own proposal (S44), the own account (S45), what is decided
    (S46) or expired (S47), and whatever stands against the change by now.
    """
    change = _to_decide(actor, change_id)
    if change.expires_at is not None and change.expires_at <= timezone.now():
        raise Refused([Objection("S47", "该申请已过有效期，不能复核。", next_step="仍需办理的，请重新提出。")])
    password = "" if change.is_urgent else _carry_out(change, Pair(change.proposer_name, actor))
    _decide(change, ChangeState.CONFIRMED, actor, note)
    return Effect(change, password)


@unit_of_work
def reject(*, actor: User, change_id: int, reason: str) -> AccountChange:
    """Refuse what another proposed, with the reason; what took effect at once is undone.

    Raises Denied and Refused as `confirm`, and without a reason (S48).
    """
    change = _to_decide(actor, change_id)
    _refuse_without(reason)
    if change.is_urgent:
        _undo(change, Pair(change.proposer_name, actor))
    return _decide(change, ChangeState.REJECTED, actor, reason)


@unit_of_work
def withdraw(*, actor: User, change_id: int) -> AccountChange:
    """Take back what oneself proposed. Raises Refused for another's (S49), what is decided (S46), in force (S50)."""
    require(actor, MANAGE)
    change = _pending(change_id)
    if change.proposed_by_id != actor.pk:
        raise Refused([Objection("S49", "只能撤回本人提出的申请。")])
    if change.is_urgent:
        step = "请由另一人复核：不同意的，恢复原状。"
        raise Refused([Objection("S50", "该变更已经生效，不能撤回。", next_step=step)])
    return _end(change, ChangeState.WITHDRAWN, actor)


@unit_of_work
def expire_due(*, actor: Actor) -> int:
    """End what nobody confirmed in time; what is in force already waits on."""
    due = AccountChange.objects.pending().filter(is_urgent=False, expires_at__lte=timezone.now())
    changes = list(due.select_for_update().order_by("pk"))
    for change in changes:
        _end(change, ChangeState.EXPIRED, actor)
    return len(changes)


def _propose(
    actor: Actor, user: User, kind: ChangeKind, reason: str, *, at_once: bool = False, **what: Any
) -> AccountChange:
    _refuse_without(reason)
    same = AccountChange.objects.pending().filter(account=user, kind=kind, role=what.get("role", ""))
    same = same.filter(organization_id=what.get("organization_id"), grant=what.get("grant"))
    if at_once:
        _overtake(same, actor, "已另行紧急办理，不再复核。")
    elif same.exists():
        raise Refused([Objection("S41", "同样的申请正在等待复核。", next_step="请先办结或撤回原申请。")])
    change = AccountChange.objects.create(
        kind=kind,
        account=user,
        reason=reason.strip(),
        is_urgent=at_once,
        proposed_by_id=actor.pk,
        proposer_name=actor.display_name,
        expires_at=None if at_once else timezone.now() + timedelta(days=CHANGE_DAYS.number),
        **what,
    )
    record("accounts.change_proposed", actor=actor, subject=user, facts=_facts(change), wrote=[change])
    outbox.put("accounts.change_proposed", key=change.pk, payload={"change": change.pk})
    return change


def _to_decide(actor: User, change_id: int) -> AccountChange:
    """The change, locked: of two who confirm at once the second finds it decided."""
    require(actor, CONFIRM)
    change = _pending(change_id)
    if change.proposed_by_id == actor.pk:
        raise Refused([Objection("S44", "不能复核本人提出的申请。", next_step="请由另一人复核；不再需要的，请撤回。")])
    if change.account_id == actor.pk:
        raise Refused([Objection("S45", "不能复核与本人账号有关的申请。", next_step="请由另一人复核。")])
    return change


def _pending(change_id: int) -> AccountChange:
    """The change, locked after the account it is about, as whoever proposes locks them."""
    users.locked_with_administrators(AccountChange.objects.values_list("account_id", flat=True).get(pk=change_id))
    change: AccountChange = AccountChange.objects.select_for_update().get(pk=change_id)
    if not change.is_pending:
        raise Refused([Objection("S46", f"该申请{change.get_state_display()}，不能再办理。")])
    return change


def _carry_out(change: AccountChange, pair: Pair) -> str:
    user_id = change.account_id
    match change.kind:
        case ChangeKind.GRANT:
            decided = needs_two(users.locked(user_id))
            _give(change, pair)
            return "" if decided or not needs_two(change.account) else _begin_anew(change, pair)
        case ChangeKind.REVOKE:
            grants.revoke_role(actor=pair, grant_id=_grant_key(change))
        case ChangeKind.RESCOPE:
            grants.revoke_role(actor=pair, grant_id=_grant_key(change))
            _give(change, pair)
        case ChangeKind.REOPEN:
            users.reactivate(actor=pair, user_id=user_id)
            closings = AccountChange.objects.pending().filter(account=user_id, kind=ChangeKind.CLOSE)
            _overtake(closings, pair, "账号已经启用，不再复核。")
        case ChangeKind.FACTOR:
            second_factors.reset(actor=pair, user_id=user_id, reason=change.reason)
        case ChangeKind.PASSWORD:
            return _fresh_password(change, pair)
    return ""


def _begin_anew(change: AccountChange, pair: Pair) -> str:
    """End all an account was entered with while one person alone could reset it, and give it a password."""
    user_id, reason = change.account_id, f"首次{change.summary()}"
    password = _fresh_password(change, pair)
    second_factors.end_devices(actor=pair, user_id=user_id, reason=reason)
    end_passkeys(actor=pair, user_id=user_id, reason=reason)
    if linked_identities.linked(change.account) is not None:
        linked_identities.unlink(actor=pair, user_id=user_id)
    return password


def _fresh_password(change: AccountChange, pair: Pair) -> str:
    password = one_time_password()
    users.reset_password(actor=pair, user_id=change.account_id, password=password)
    return password


def _undo(change: AccountChange, pair: Pair) -> None:
    if change.kind == ChangeKind.CLOSE:
        users.reactivate(actor=pair, user_id=change.account_id)
    else:
        _give(change, pair)


def _give(change: AccountChange, pair: Pair) -> None:
    grants.grant_role(
        actor=pair,
        user_id=change.account_id,
        role=change.role,
        organization_id=change.organization_id,
        includes_subtree=change.includes_subtree,
    )


def _decide(change: AccountChange, state: ChangeState, actor: User, note: str) -> AccountChange:
    change.decided_by, change.note = actor, note.strip()[:200]
    return _end(change, state, actor)


def _end(change: AccountChange, state: ChangeState, actor: Actor) -> AccountChange:
    change.state, change.decided_at = state, timezone.now()
    change.save()
    record(f"accounts.change_{state.value}", actor=actor, subject=change.account, facts=_facts(change), wrote=[change])
    outbox.put("accounts.change_ended", key=change.pk, payload={"change": change.pk})
    return change


def _overtake(changes: QuerySet[AccountChange], actor: Actor, why: str) -> None:
    """End what waits for a confirmation that would no longer say anything: the account has moved on."""
    for change in changes.select_for_update().order_by("pk"):
        change.note = why
        _end(change, ChangeState.EXPIRED, actor)


def _open_grant(actor: Actor, grant_id: int) -> RoleGrant:
    user = users.locked_with_administrators(RoleGrant.objects.values_list("user_id", flat=True).get(pk=grant_id))
    grant = RoleGrant.objects.select_related("user").get(pk=grant_id)
    if actor.pk == user.pk:
        raise Refused([Objection("S04", "不能变更自己的角色。", next_step="请由另一名安全管理员办理。")])
    if grant.revoked_at is not None:
        raise Refused([Objection("S07", "该角色已经收回。")])
    return grant


def _somebody_else(actor: Actor, user_id: int) -> User:
    if actor.pk == user_id:
        raise Refused([Objection("S42", "不能为自己的账号提出申请。", next_step="请由另一名安全管理员办理。")])
    return users.locked(user_id)


def _reach_of(grant: RoleGrant) -> dict[str, Any]:
    return {
        "grant": grant,
        "role": grant.role,
        "organization_id": grant.organization_id,
        "includes_subtree": grant.includes_subtree,
    }


def _grant_key(change: AccountChange) -> int:
    if change.grant_id is None:
        raise ValueError(f"change {change.pk} names no grant")
    return change.grant_id


def _refuse_without(reason: str) -> None:
    length = len(reason.strip())
    if length < SHORTEST:
        raise Refused([Objection("S48", f"没有写明理由（至少 {SHORTEST} 个字）。", next_step="请写明依据或原因。")])
    if length > LONGEST:
        raise Refused([Objection("S48", f"理由 {length} 个字，最多 {LONGEST} 个字。", next_step="请写得简短一些。")])


def _facts(change: AccountChange) -> dict[str, Any]:
    return {
        "change": change.pk,
        "kind": change.kind,
        "summary": change.summary(),
        "reason": change.reason,
        "urgent": change.is_urgent,
        "proposed_by": change.proposer_name,
        "note": change.note,
    }
