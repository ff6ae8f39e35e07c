"""Which contradictory findings may be one person."""

import pytest

from bianzhi.reconciliation.findings.mirror import Sight, mirror_pairs
from tests.reconciliation.people import number


def sight(key, name="赵小明", numbers=(), births=(), units=("教育局",)):
    return Sight(key, frozenset([name]), frozenset(numbers), frozenset(births), frozenset(units))


@pytest.mark.parametrize(
    "other",
    [
        sight("U", name="赵小民"),
        sight("U", name="钱小明"),
        sight("U", units=["卫生局"], births=[19800101]),
        sight("U", name="赵小民", numbers=[number(1)[:12] + "21" + number(1)[14:]]),
        sight("U", numbers=[number(77)], births=[19800101]),
    ],
)
def test_one_slip_does_not_make_two_people(other):
    ghost = sight("G", numbers=[number(1)] if other.numbers else [], births=[19800101])
    assert [(pair.ghost, pair.unpaid) for pair in mirror_pairs([ghost], [other])] == [("G", "U")]


@pytest.mark.parametrize(
    "other",
    [
        sight("U", name="钱大伟"),
        sight("U", name="赵国强", numbers=[number(500, "19751212")], births=[19751212]),
        sight("U", units=["卫生局"], numbers=[number(500, "19751212")], births=[19751212]),
    ],
)
def test_colleagues_and_namesakes_stay_two_people(other):
    assert mirror_pairs([sight("G", numbers=[number(1)], births=[19800101])], [other]) == []


def test_the_likest_are_paired_first_and_nobody_twice():
    ghosts = [sight("G1", name="赵小民"), sight("G2")]
    assert [(pair.ghost, pair.unpaid) for pair in mirror_pairs(ghosts, [sight("U")])] == [("G2", "U")]


def test_the_order_of_the_findings_does_not_matter():
    ghosts = [sight(f"G{place}") for place in range(4)]
    unpaid = [sight(f"U{place}", name="赵小民") for place in range(3)]
    assert mirror_pairs(ghosts, unpaid) == mirror_pairs(ghosts[::-1], unpaid[::-1])
