"""Two who confirm at once, or confirm and reject at once: one effect."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from bianzhi.accounts.models import AccountChange, RoleGrant
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
