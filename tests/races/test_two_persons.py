"""Two who confirm at once, or confirm and reject at once: one effect. Two who take each other away: one stays."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.accounts.services import changes
from bianzhi.common.integrity import findings
from tests.accounts.people import account
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]


@pytest.mark.parametrize(("count", "writers"), [(6, 4), pytest.param(100, 24, marks=pytest.mark.slow)])
def test_a_change_has_one_effect_however_many_confirm_it_at_once(transactional_db, count, writers):
    security = account("security", "security_admin")
    confirmers = [account(f"deputy{number}", "office_deputy") for number in range(3)]
    attempts: list[partial[Any]] = []
    for number in range(count):
        user = account(f"subject{number}")
        change = changes.propose_grant(actor=security, user_id=user.pk, role="office_clerk", reason="主任办公会确定")
        attempts += [partial(changes.confirm, actor=each, change_id=change.pk) for each in confirmers]
        attempts.append(partial(changes.reject, actor=confirmers[0], change_id=change.pk, reason="没有任职文件"))
    assert race(attempts, writers) == Counter({"granted": count, "S46": 3 * count})
    confirmed = AccountChange.objects.filter(state="confirmed").count()
    assert RoleGrant.objects.filter(role="office_clerk").count() == confirmed
    assert AccountChange.objects.filter(state="rejected").count() == count - confirmed
    assert findings(("audit.chain", "audit.rows")) == []


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_of_two_security_administrators_who_take_each_other_away_at_once_one_stays(transactional_db, rounds):
    for number in range(rounds):
        User.objects.update(is_active=False)
        one, other = (account(f"security{number}{letter}", "security_admin") for letter in "ab")
        assert one.can("accounts.manage") and other.can("accounts.manage")  # noqa: PT018 - both were let in before
        reason = "疑似账号被盗用"
        attempts: list[partial[Any]] = [
            partial(changes.close, actor=one, user_id=other.pk, reason=reason),
            partial(
                changes.propose_revocation,
                actor=other,
                grant_id=one.role_grants.get().pk,
                reason=reason,
                at_once=True,
            ),
        ]
        assert race(attempts, 2) == Counter({"granted": 1, "S16": 1})
        held = RoleGrant.objects.filter(role="security_admin", revoked_at__isnull=True, user__is_active=True)
        assert held.count() == 1
