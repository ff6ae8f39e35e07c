"""Whatever is sent to whatever page by whomever, the answer is one the page means, never a 500; the register is whole.

100 000 requests with --all; a part is run again, or a run taken up, by its number:
`./bianzhi test --all tests/proofs/test_pages_fuzzed.py -k part-07`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.proofs.blocks import Outcome, Target, known_findings, requests_of, run_block, targets
from tests.walk.district import District, district

__all__ = ["district"]

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

REQUESTS, PARTS = 100_000, 40
SOME = 600
FIRST = 1000
"""The first block of the parts; the small run has those from 0 on."""


@pytest.fixture(scope="module")
def among(district: District) -> list[Target]:
    return targets(district)


@pytest.fixture(scope="module")
def known(district: District) -> frozenset[str]:
    return known_findings()


@pytest.fixture(autouse=True)
def plain_scale(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody is locked out for asking often: what the limits do has tests of its own."""
    monkeypatch.setattr(settings, "AXES_ENABLED", False)
    logging.disable()  # a refusal writes a line, and there are thousands
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def fuzzed(district: District, among: list[Target], known: frozenset[str]) -> Callable[[range], Outcome]:
    """What comes of the blocks of these numbers."""

    def run(numbers: range) -> Outcome:
        outcome = Outcome()
        for number in numbers:
            outcome.add(run_block(district, among, number, known))
        return outcome

    return run


def blocks(among: list[Target], requests: int, first: int = 0) -> range:
    """As many blocks from that number on as send so many requests."""
    number = first
    while requests > 0:
        requests -= requests_of(among, number)
        number += 1
    return range(first, number)


def expect_no_failure(outcome: Outcome) -> None:
    assert not outcome.failures, "\n\n".join(map(str, outcome.failures.values()))
    assert outcome.findings == []
    assert outcome.statuses[200] > outcome.requests / 20, "hardly anything was really asked"


def test_some_mutated_requests_get_no_500_and_leave_the_register_whole(fuzzed, among: list[Target]):
    expect_no_failure(fuzzed(blocks(among, SOME)))


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS), ids=lambda part: f"part-{part:02}")
def test_a_hundred_thousand_mutated_requests_get_no_500(fuzzed, among: list[Target], part: int, record_property: Any):
    every = blocks(among, REQUESTS, first=FIRST)
    start, end = (FIRST + len(every) * each // PARTS for each in (part, part + 1))
    outcome = fuzzed(range(start, end))
    record_property("requests", outcome.requests)
    record_property("statuses", dict(outcome.statuses))
    expect_no_failure(outcome)
