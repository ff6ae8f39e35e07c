"""The daily computation of warnings and somebody who presses 立即计算 meanwhile."""

from collections import Counter
from contextlib import suppress
from datetime import date
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest

from bianzhi.audit.actors import System
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.rules.findings import Found
from bianzhi.reports.selectors.warning_facts import findings
from bianzhi.reports.services import warnings
from tests.cast import TODAY, Cast, seat
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]

PATIENCE = 3.0
"""How long one computation waits for the other to have found the same."""


def test_two_computations_at_once_open_each_warning_once(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    seat(cast, cast.bureau, "B5", over_quota=True)
    together = Barrier(2)

    def both_find(today: date) -> list[Found]:
        with suppress(BrokenBarrierError):
            together.wait(PATIENCE)
        return list(findings(today))

    monkeypatch.setattr(warnings, "findings", both_find)
    compute = partial(warnings.compute_warnings, actor=System("每日预警"), today=TODAY)
    assert race([compute] * 2, 2) == Counter({"granted": 2})
    assert StandingWarning.objects.open().count() == len(findings(TODAY)) > 0
