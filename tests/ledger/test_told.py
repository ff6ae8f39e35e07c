"""Which rows of an old ledger tell something new."""

from dataclasses import replace
from datetime import date

from bianzhi.ledger.rules.told import Told, news

LOST = Told("测编〔2021〕1号", 1, "A1", date(2021, 5, 1), -3)
CAME = replace(LOST, organization_id=2, amount=3, partner_id=1)
POSTED = [CAME, replace(LOST, partner_id=2)]
"""The transfer as the ledger tells it: from both sides."""


def test_the_same_row_twice_is_one() -> None:
    assert news([LOST, LOST], []) == [True, False]
    assert news([CAME, CAME], []) == [True, False]


def test_what_is_posted_is_known_unless_the_other_unit_is_a_different_one() -> None:
    assert news([CAME, replace(CAME, partner_id=3), LOST], POSTED) == [False, True, False]
    assert news([CAME], [replace(CAME, partner_id=None)]) == [False]


def test_a_row_that_names_nobody_is_the_other_side_of_as_many_transfers_as_there_are() -> None:
    other = replace(CAME, organization_id=4)
    assert news([LOST, CAME], []) == [False, True]
    assert news([CAME, other, LOST, LOST], []) == [True, True, False, False]
    assert news([CAME, LOST, LOST], []) == [True, False, True]
    assert news([CAME, LOST, LOST], [*POSTED, LOST]) == [False, False, False]
    assert news([CAME, replace(LOST, is_own=True)], []) == [True, True]


def test_a_transfer_that_is_posted_covers_one_row_though_only_the_other_unit_tells_of_it() -> None:
    assert news([LOST, LOST], POSTED) == [False, True]
    assert news([LOST, LOST, CAME], POSTED) == [False, True, False]
