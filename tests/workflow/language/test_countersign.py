"""A countersign is decided as soon as no further answer can change it, and never before."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.workflow.rules.countersign import Verdict, outcome
from bianzhi.workflow.rules.profile import Mode, Reject

ALL, ANY, RATIO = Mode.ALL, Mode.ANY, Mode.RATIO
STOP, RETURN, COLLECT = Reject.STOP, Reject.RETURN, Reject.COLLECT


@pytest.mark.parametrize(
    ("mode", "ratio", "agreed", "disagreed", "open_", "reject", "verdict"),
    [
        (ALL, 100, 2, 0, 1, STOP, None),
        (ALL, 100, 3, 0, 0, STOP, Verdict.AGREED),
        (ALL, 100, 0, 1, 2, STOP, Verdict.STOPPED),
        (ALL, 100, 0, 1, 2, RETURN, Verdict.SENT_BACK),
        (ALL, 100, 0, 1, 2, COLLECT, None),
        (ALL, 100, 2, 1, 0, COLLECT, Verdict.DISAGREED),
        (ANY, 100, 1, 0, 2, STOP, Verdict.AGREED),
        (ANY, 100, 0, 2, 1, STOP, None),
        (ANY, 100, 0, 3, 0, STOP, Verdict.STOPPED),
        (ANY, 100, 0, 3, 0, COLLECT, Verdict.DISAGREED),
        (RATIO, 67, 1, 0, 2, STOP, None),
        (RATIO, 67, 2, 0, 1, STOP, None),
        (RATIO, 66, 2, 0, 1, STOP, Verdict.AGREED),
        (RATIO, 67, 1, 1, 1, STOP, Verdict.STOPPED),
        (RATIO, 50, 1, 1, 1, STOP, None),
        (RATIO, 50, 1, 2, 0, RETURN, Verdict.SENT_BACK),
        (RATIO, 50, 2, 0, 2, COLLECT, Verdict.AGREED),
        (RATIO, 50, 0, 3, 1, COLLECT, None),
        (ALL, 100, 1, 0, 0, STOP, Verdict.AGREED),
        (ALL, 100, 0, 1, 0, RETURN, Verdict.SENT_BACK),
        (ALL, 100, 0, 0, 0, STOP, None),
    ],
)
def test_what_so_many_answers_decide(mode, ratio, agreed, disagreed, open_, reject, verdict):
    assert outcome(mode, ratio, agreed, disagreed, open_, reject) is verdict


def futures(agreed: int, disagreed: int, open_: int) -> Iterator[tuple[int, int]]:
    """Every way the open answers may fall."""
    for more in range(open_ + 1):
        yield agreed + more, disagreed + open_ - more


@given(
    mode=st.sampled_from(Mode),
    ratio=st.integers(1, 100),
    agreed=st.integers(0, 6),
    disagreed=st.integers(0, 6),
    open_=st.integers(0, 6),
    reject=st.sampled_from(Reject),
)
def test_an_early_verdict_is_what_every_future_would_give(mode, ratio, agreed, disagreed, open_, reject):
    if agreed + disagreed + open_ == 0:
        return
    ends = {outcome(mode, ratio, yes, no, 0, reject) for yes, no in futures(agreed, disagreed, open_)}
    assert None not in ends
    early = outcome(mode, ratio, agreed, disagreed, open_, reject)
    if early is not None:
        assert ends == {early}
    elif reject is not COLLECT:
        assert len(ends) > 1
