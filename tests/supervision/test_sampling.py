"""A draw can be repeated by anybody who has the seed, and cannot be steered by what is added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.supervision.rules.sampling import draw, is_sampled

KEYS = [f"unit-{n}" for n in range(1, 41)]


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_keys():
    assert draw(KEYS, 20, "甲") == draw(reversed(KEYS), 20, "甲")
    assert draw(KEYS, 20, "甲") != draw(KEYS, 20, "乙")


@given(percent=st.integers(1, 100), seed=st.text(max_size=20))
def test_a_sample_has_the_asked_share_rounded_up(percent: int, seed: str):
    drawn = draw(KEYS, percent, seed)
    assert len(drawn) == -(-len(KEYS) * percent // 100)
    assert set(drawn) <= set(KEYS)


def test_a_larger_share_keeps_what_the_smaller_one_drew():
    assert draw(KEYS, 10, "种子") == draw(KEYS, 50, "种子")[:4]


def test_a_thing_added_later_does_not_change_the_order_of_the_others():
    whole = draw([*KEYS, "unit-99"], 100, "种子")
    assert [key for key in whole if key != "unit-99"] == draw(KEYS, 100, "种子")


@pytest.mark.parametrize("percent", [0, 101, -1])
def test_a_share_that_is_none_is_an_error(percent: int):
    with pytest.raises(ValueError, match="percent"):
        draw(KEYS, percent, "种子")


def test_nobody_and_everybody():
    numbers = [f"YB2026-{n:05d}" for n in range(1000)]
    assert not any(is_sampled(number, 0) for number in numbers)
    assert all(is_sampled(number, 100) for number in numbers)
    share = sum(is_sampled(number, 20) for number in numbers)
    assert 150 < share < 250
    assert [is_sampled(number, 20) for number in numbers] == [is_sampled(number, 20) for number in numbers]
