"""Signs in the audit record and the sign-ins: failed logins, reveals, exports, administrators from elsewhere."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bianzhi.accounts.models import RoleGrant, SignIn, User
from bianzhi.accounts.roles import ADMINISTRATORS
from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry
from bianzhi.intrusion.rules.signs import Event, Sign, Subject, counted
from bianzhi.intrusion.selectors.in_force import InForce

FAILURES: Final = ("accounts.login_failed", "accounts.login_locked")
WRONG_FACTORS: Final = ("accounts.factor_failed", "accounts.passkey_failed")
KNOWN_DAYS: Final = 90
RESETS: Final = ("accounts.factor_revoked", "accounts.passkey_removed")


def brute_user(rule: InForce, now: datetime) -> Iterator[Sign]:
    """One account, many failures."""
    groups: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in _entries((*FAILURES, *WRONG_FACTORS), rule.since(now), now):
        if entry.subject_id:
            groups[entry.subject_id].append(entry)
    for key, entries in groups.items():
        addresses = sorted({address for entry in entries if (address := _address(entry))})
        subject = Subject(f"user:{key}", entries[0].subject_label)
        yield from _if(counted(rule.code, subject, _events(entries), rule.threshold, addresses=addresses[:20]))


def brute_address(rule: InForce, now: datetime) -> Iterator[Sign]:
    """One address, many failures."""
    for address, entries in _by_address(rule, now).items():
        yield from _if(counted(rule.code, _place(address), _events(entries), rule.threshold))


def spraying(rule: InForce, now: datetime) -> Iterator[Sign]:
    """One address, many accounts; each try of a name nobody has is taken for another name: it is not kept."""
    for address, entries in _by_address(rule, now).items():
        events = _events(entries, lambda entry: entry.subject_id or f"?{entry.seq}")
        accounts = sorted({entry.subject_label for entry in entries})[:20]
        yield from _if(counted(rule.code, _place(address), events, rule.threshold, distinct=True, accounts=accounts))


def reveals(rule: InForce, now: datetime) -> Iterator[Sign]:
    """One person, many looks at what is masked."""
    yield from _by_actor(rule, now, _acts("revealed"))


def exports(rule: InForce, now: datetime) -> Iterator[Sign]:
    """One person, many exports."""
    yield from _by_actor(rule, now, _acts("exported"))


def reset_then_reveal(rule: InForce, now: datetime) -> Iterator[Sign]:
    """An account whose second factor another person took away looks at what is masked or exports."""
    since = rule.since(now)
    reset: dict[int, AuditEntry] = {}
    for entry in _entries(RESETS, since, now):
        if entry.subject_id.isdecimal() and entry.actor_id != int(entry.subject_id):
            reset.setdefault(int(entry.subject_id), entry)
    later: dict[int, list[AuditEntry]] = defaultdict(list)
    for entry in _entries(catalogue.sensitive(), since, now):
        if entry.actor_id in reset and entry.seq > reset[entry.actor_id].seq:
            later[entry.actor_id].append(entry)
    for user_id, entries in later.items():
        first = reset[user_id]
        sign = counted(rule.code, Subject(f"user:{user_id}", first.subject_label), _events(entries), rule.threshold)
        if sign is not None:
            told = {"reset_by": first.actor_name, "reset_seq": first.seq}
            yield replace(sign, first_at=first.recorded_at, evidence=(first.seq, *sign.evidence), facts=told)


def admin_new_address(rule: InForce, now: datetime) -> Iterator[Sign]:
    """An administrator logs in from where they did not of late; the first login of all is from somewhere."""
    grants = RoleGrant.objects.filter(role__in=ADMINISTRATORS, revoked_at__isnull=True)
    admins = set(grants.values_list("user_id", flat=True))
    fresh = SignIn.objects.filter(user_id__in=admins, started_at__gte=rule.since(now), started_at__lte=now)
    by_user: dict[int, list[SignIn]] = defaultdict(list)
    for row in fresh.order_by("pk"):
        by_user[row.user_id].append(row)
    for user_id, rows in by_user.items():
        known_from = rows[0].started_at - timedelta(days=KNOWN_DAYS)
        earlier = SignIn.objects.filter(user_id=user_id, pk__lt=rows[0].pk)
        known = set(earlier.filter(started_at__gte=known_from).values_list("address", flat=True))
        if not earlier.exists():
            known.add(rows[0].address)
        strange: list[SignIn] = []
        for row in rows:
            if row.address not in known:
                strange.append(row)
            known.add(row.address)
        events = [Event(row.started_at, what=row.address) for row in strange]
        addresses = sorted({row.address for row in strange})
        sign = counted(rule.code, person(user_id), events, rule.threshold, addresses=addresses)
        yield from _if(sign)


def person(user_id: int) -> Subject:
    """An account as a subject."""
    return Subject(f"user:{user_id}", str(User.objects.filter(pk=user_id).first() or f"账号 {user_id}"))


def _acts(ending: str) -> list[str]:
    return [act for act in catalogue.sensitive() if act.endswith(ending)]


def _by_actor(rule: InForce, now: datetime, acts: Sequence[str]) -> Iterator[Sign]:
    groups: dict[int, list[AuditEntry]] = defaultdict(list)
    for entry in _entries(acts, rule.since(now), now):
        if entry.actor_id is not None:
            groups[entry.actor_id].append(entry)
    for user_id, entries in groups.items():
        kinds = sorted({catalogue.label(entry.action) for entry in entries})
        yield from _if(counted(rule.code, person(user_id), _events(entries), rule.threshold, acts=kinds))


def _by_address(rule: InForce, now: datetime) -> dict[str, list[AuditEntry]]:
    groups: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in _entries(FAILURES, rule.since(now), now):
        if address := _address(entry):
            groups[address].append(entry)
    return groups


def _entries(acts: Iterable[str], since: datetime, now: datetime) -> list[AuditEntry]:
    rows = AuditEntry.objects.filter(action__in=list(acts), recorded_at__gt=since, recorded_at__lte=now)
    return list(rows.order_by("seq"))


def _events(entries: Sequence[AuditEntry], what: Callable[[AuditEntry], str] = lambda entry: "") -> list[Event]:
    return [Event(entry.recorded_at, entry.seq, what(entry)) for entry in entries]


def _address(entry: AuditEntry) -> str:
    return str(json.loads(entry.facts).get("address") or "")


def _place(address: str) -> Subject:
    return Subject(f"address:{address}", f"网络地址 {address}")


def _if(sign: Sign | None) -> Iterator[Sign]:
    if sign is not None:
        yield sign
