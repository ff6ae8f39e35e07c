"""What is found of archive, cases and ledger, and that a change of access is followed at once."""

from __future__ import annotations

from typing import Any

import pytest

from bianzhi.archives.services.filing import correct
from bianzhi.audit.actors import System
from bianzhi.search.selectors.searching import Wish, find
from tests.archives.holdings import ARCHIVIST
from tests.search.conftest import World, build, settle

pytestmark = pytest.mark.django_db
ALL = System("测试")


def total(text: str, user: Any = ALL, **filters: tuple[str, ...]) -> int:
    return find(user, Wish(text, filters)).total


def test_a_restricted_item_is_gone_for_its_unit_within_a_moment(world: World):
    clerk = world.users["clerk"]
    build()
    assert total("渔业许可证", clerk) == 3
    correct(actor=ARCHIVIST, item_id=world.items["own"].pk, changes={"is_restricted": True}, reason="控制利用")
    settle()
    assert total("渔业许可证", clerk) == 0
    assert total("渔业许可证") == 3


def test_a_case_is_found_by_number_and_title(world: World):
    assert total(str(world.case.number)) == 1
    assert total("王小川出编") == 1


def test_a_ledger_entry_is_found_by_the_number_of_its_document_in_any_brackets(world: World):
    assert total("虞编(2020)3号", kind=("ledger.entry",)) == total("虞编〔2020〕3号", kind=("ledger.entry",)) > 0
