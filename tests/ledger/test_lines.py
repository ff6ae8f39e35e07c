"""The pure rules of entries."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bianzhi.ledger.rules.lines import Place, lowest_from, move, objections_to_lines
from bianzhi.ledger.rules.quota_types import quota_type, quota_types

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2020, 3, 1))


@given(st.integers(min_value=1, max_value=10_000))
def test_a_move_always_balances(amount: int) -> None:
    assert objections_to_lines(move(Place("reserve", "A1"), Place("upper", "A1"), amount)) == []


@given(st.lists(st.tuples(DAYS, st.integers(-5, 5)), max_size=12), DAYS)
def test_the_lowest_balance_is_that_of_counting_every_day(history: list[tuple[date, int]], day: date) -> None:
    last = date(2020, 3, 2)
    counted = [
        sum(amount for on, amount in history if on <= date.fromordinal(ordinal))
        for ordinal in range(day.toordinal(), last.toordinal() + 1)
    ]
    assert lowest_from(history, day) == min(counted)


def test_institution_quota_is_never_allowed_in_an_organ() -> None:
    organs = ["10", "20", "31", "40", "45", "50", "51", "70", "71"]
    institution = [quota for quota in quota_types().values() if quota.group == "institution"]
    assert not [quota.code for quota in institution for organ in organs if quota.allowed_in(organ)]
    assert not quota_type("A1").allowed_in("80", "83")
    assert quota_type("B4").allowed_in("80", "81")
    assert not quota_type("B4").allowed_in("80", "83")
