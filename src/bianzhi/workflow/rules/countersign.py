"""When a step with several seats (会签) is through, and which way."""

from enum import StrEnum

from bianzhi.workflow.rules.profile import Mode, Reject


class Verdict(StrEnum):
    """What the answers together mean for the case.

    AGREED and DISAGREED go on along the flow (the second only where disagreement is collected, for a gateway to read);
    STOPPED ends the case, SENT_BACK returns it.
    """

    AGREED = "agree"
    DISAGREED = "disagree"
    STOPPED = "stop"
    SENT_BACK = "return"


_REJECTED = {Reject.STOP: Verdict.STOPPED, Reject.RETURN: Verdict.SENT_BACK, Reject.COLLECT: Verdict.DISAGREED}


def outcome(
    mode: Mode,
    ratio: int,
    agreed: int,
    disagreed: int,
    open: int,  # noqa: A002 - the word of the trade
    reject: Reject,
) -> Verdict | None:
    """The verdict as soon as no further answer can change it; None while one can.

    `open` counts everybody who has yet to answer, whether asked already or queued. `ratio` is the percentage RATIO
    needs. Agreement is decided early under every policy. Disagreement is decided early too, except where it is
    collected: then everybody is heard before the case goes on. A single seat is a countersign of one.
    """
    if agreed + disagreed + open == 0:
        return None
    if _enough(mode, ratio, agreed, disagreed + open):
        return Verdict.AGREED
    if _enough(mode, ratio, agreed + open, disagreed):
        return None
    if reject is Reject.COLLECT and open:
        return None
    return _REJECTED[reject]


def _enough(mode: Mode, ratio: int, agreed: int, others: int) -> bool:
    """Whether so many agreeing, with everybody else against, carry the step."""
    if mode is Mode.ALL:
        return others == 0
    if mode is Mode.ANY:
        return agreed > 0
    return agreed * 100 >= ratio * (agreed + others)
