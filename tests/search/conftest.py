"""A district with people, papers, ledger, cases and archive, and an index of it in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, TransactionTestCase

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.archives.models import Item
from bianzhi.archives.services.filing import correct
from bianzhi.archives.services.lending import Reading, lend
from bianzhi.audit.actors import System
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.matters.models import Case
from bianzhi.matters.services.installing import install_matters
from bianzhi.search.jobs.changes import apply_waiting
from bianzhi.search.jobs.rebuilding import rebuild
from tests import database_reset
from tests.accounts.people import CONSOLE, account
from tests.archives.holdings import ARCHIVIST, Holdings, hold
from tests.cast import TODAY, Cast, assemble
from tests.matters import staffing as given
from tests.matters.people import People, gather


@pytest.fixture(autouse=True)
def _own_index(request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "world" not in request.fixturenames:
        settings.SEARCH_ROOT = tmp_path / "search"
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.fixture
def people(cast: Cast) -> People:
    return gather(cast)


def build() -> int:
    """The index of everything there is."""
    return rebuild(lambda done, total, message: None)


def settle() -> None:
    """What the worker does within a second or two: deliver the news and put what changed into the index."""
    while deliver_waiting():
        pass
    while apply_waiting():
        pass


def at_desk(user: User) -> Client:
    """Somebody logged in."""
    client = Client()
    client.force_login(user)
    return client


@dataclass
class World:
    """What there is to be found, and who looks for it."""

    people: People
    holdings: Holdings
    items: dict[str, Item]
    case: Case

    @property
    def cast(self) -> Cast:
        return self.people.cast

    @property
    def users(self) -> dict[str, User]:
        """Everybody, one at least for each role; roles are read anew."""
        return {name: self.people.again(user) for name, user in self.people.users.items()}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three items (one restricted), a draft, one lent to another department, people of three units, a case.

    Committed for the module, with an index; a test's own changes to the database are rolled back, those to the index
    are not: what changes it builds it anew.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIANZHI_TODAY", TODAY.isoformat())
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        patch.setattr(django_settings, "SEARCH_ROOT", tmp_path_factory.mktemp("search"))
        try:
            made = _furnish(gather(assemble()))
            build()
            yield made
        finally:
            database_reset.restore_seeded_rows()


def _furnish(people: People) -> World:
    cast = people.cast
    people.users["archivist"] = account("archivist")
    grant_role(actor=CONSOLE, user_id=people.archivist.pk, role="archivist", organization_id=None)
    install_matters(actor=System("安装"), only=("P05",))
    here = cast.member(cast.bureau, facts=cast.facts("王小川"))
    for name, unit, quota in (("欧阳修文", cast.audit_office, "A1"), ("单雄信", cast.school, "B5")):
        cast.member(unit, quota, facts=cast.facts(name))
    form = {"person": here.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    case = people.apply("P05", form, at=cast.bureau)
    holdings = hold(cast.bureau)
    items = _filed(holdings, organization_id=cast.audit_office.pk)
    items["restricted"] = correct(
        actor=ARCHIVIST, item_id=items["restricted"].pk, changes={"is_restricted": True}, reason="控制利用"
    )
    _lend(items["lent"], people.clerk, by=people.again(people.archivist))
    return World(people, holdings, items, case)


def _filed(holdings: Holdings, **audit: Any) -> dict[str, Item]:
    reply, moved, inner = "关于审计局领导职数的批复", "审计局档案移交目录", "财政局内部审核意见"
    return {
        "own": holdings.filed(text="核定测试区财政局行政编制10名，渔业许可证由其管理", pages=3),
        "audit": holdings.filed(title=reply, doc_no="虞编〔2020〕4号", text="审计局秘密口令芝麻开门", **audit),
        "lent": holdings.filed(title=moved, doc_no="虞编〔2020〕5号", text="移交清册琥珀色封皮", **audit),
        "restricted": holdings.filed(title=inner, doc_no="虞编〔2020〕6号", text="内部审核意见不宜公开"),
        "draft": holdings.draft(text="尚未著录的扫描件朱砂印", title="待著录"),
    }


def _lend(item: Item, reader: User, *, by: User) -> None:
    reading = Reading(
        item_ids=[item.pk], reader_id=reader.pk, reader_name=reader.display_name, reader_unit="测试区财政局",
        purpose="核对移交", valid_from=TODAY, valid_to=TODAY + timedelta(days=5),
    )  # fmt: skip
    lend(actor=by, reading=reading)
