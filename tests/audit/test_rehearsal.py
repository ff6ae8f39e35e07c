"""An act tried leaves nothing; an act confirmed is kept only if it does what was agreed to."""

from __future__ import annotations

import pytest

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry, RowSeal
from bianzhi.audit.rehearsal import carried_out_if, rehearsed
from bianzhi.audit.unit_of_work import unit_of_work
from tests.audit.sample_services import open_account

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return list(User.objects.order_by("pk").values_list("username", flat=True))


def opened(name: str) -> list[str]:
    open_account(name)
    return names()


def test_a_rehearsed_act_tells_what_it_would_do_and_leaves_nothing():
    assert rehearsed(lambda: opened("wang")) == ["wang"]
    assert names() == []
    assert not AuditEntry.objects.exists()
    assert not RowSeal.objects.exists()


def test_what_is_rehearsed_within_a_service_leaves_its_own_record_whole():
    @unit_of_work
    def service():
        open_account("wang")
        assert rehearsed(lambda: rehearsed(lambda: opened("li"))) == ["wang", "li"]
        open_account("zhao")

    service()
    assert names() == ["wang", "zhao"]
    assert AuditEntry.objects.count() == 2


def test_an_act_is_kept_only_if_what_it_does_is_agreed_to():
    assert carried_out_if(lambda: opened("wang"), lambda told: told == ["li"]) == (False, ["wang"])
    assert names() == []
    assert carried_out_if(lambda: opened("wang"), lambda told: told == ["wang"]) == (True, ["wang"])
    assert names() == ["wang"]
    assert AuditEntry.objects.count() == 1


def test_what_an_act_raises_goes_through_and_undoes_it():
    def fails():
        open_account("wang")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        rehearsed(fails)
    assert names() == []
