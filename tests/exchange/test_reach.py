"""Whose data somebody reaches: a liaison officer the own department's, whatever other posts they hold besides."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.audit.actors import System
from bianzhi.exchange.models import Change, Dispatch
from bianzhi.exchange.scopes import departments_of
from bianzhi.exchange.selectors.visible import visible_changes
from bianzhi.exchange.services.dispatches import News, answer_dispatch, give_back
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from tests.exchange.hub import Hub
from tests.matters.people import People

pytestmark = pytest.mark.django_db
BUILDER = System("测试")


def _with(user: User, role: str) -> User:
    grant_role(actor=BUILDER, user_id=user.pk, role=role)
    return User.objects.get(pk=user.pk)


def test_a_liaison_who_keeps_the_archive_besides_reaches_no_more(people: People):
    assert departments_of(_with(people.liaison_finance, "archivist")) == ("finance",)


def test_a_liaison_of_two_departments_reaches_both(people: People):
    assert departments_of(_with(people.liaison_hr, "liaison_finance")) == ("finance", "hr")


def test_who_works_in_the_office_besides_reaches_all(people: People):
    assert departments_of(_with(people.liaison_hr, "office_clerk")) == DEPARTMENT_CODES


def test_the_system_reaches_every_department():
    assert departments_of(System("数据核对")) == DEPARTMENT_CODES


def test_setting_sources_up_opens_nothing_that_was_given_back(hub: Hub):
    give_back(actor=BUILDER, source_id=hub.sources["hr"].pk, news=News("ENLISTED", "ENLISTED:1", {"number": "1"}))
    assert not Dispatch.objects.visible_to(hub.people.system_admin).exists()
    assert not Dispatch.objects.visible_to(hub.people.liaison_finance).exists()
    assert Dispatch.objects.visible_to(hub.people.liaison_hr).exists()


def test_nobody_answers_for_another_department(hub: Hub):
    given = give_back(
        actor=BUILDER, source_id=hub.sources["hr"].pk, news=News("ENLISTED", "ENLISTED:1", {"number": "1"})
    )
    with pytest.raises(Refused) as refused:
        answer_dispatch(actor=hub.people.liaison_finance, dispatch_id=given.pk, outcome="accepted")
    assert refused.value.codes == ["K24"]


def test_a_liaison_sees_the_changes_the_own_department_bears_out(hub: Hub):
    hub.run("2026-01", events=[hub.event("hire", "甲某", sources=",hr,"), hub.event("exit", "乙某")])
    told = {change.person_name for change in visible_changes(hub.people.liaison_hr)}
    assert told == {"甲某", "乙某"}
    assert not visible_changes(hub.people.liaison_finance).exists()
    assert visible_changes(hub.people.office_clerk).count() == 2
    client = Client()
    client.force_login(hub.people.liaison_finance)
    change = Change.objects.get(person_name="甲某")
    assert client.get(reverse("exchange:change", args=[change.pk])).status_code == 404


def test_what_no_browser_sends_is_refused_and_breaks_nothing(hub: Hub):
    hub.run("2026-01", events=[hub.event("hire", "甲某")])
    client = Client()
    client.force_login(hub.people.office_clerk)
    change = Change.objects.get()
    answer = client.post(reverse("exchange:change_dismiss", args=[change.pk]), {"reason": "部门\x00更正"}, follow=True)
    assert "理由中有不能保存的字符" in answer.content.decode()
    assert client.post(reverse("exchange:differences_new"), {"run": "9" * 5000}).status_code == 302
    change.refresh_from_db()
    assert change.state == "candidate"
