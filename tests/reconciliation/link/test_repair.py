"""A slip of the pen in a number is computed back."""

import random
from datetime import date

from bianzhi.kernel.identifiers.id_number import check_character
from bianzhi.reconciliation.link.repair import candidates
from bianzhi.reconciliation.normalise.id_numbers import read_id
from tests.reconciliation.link.people import number


def every_slip(plain: str) -> set[str]:
    """Each text one wrong digit, one swap of neighbours or one wrong check character away."""
    slips = {plain[:i] + digit + plain[i + 1 :] for i in range(17) for digit in "0123456789"}
    slips |= {plain[:17] + check for check in "0123456789X"}
    slips |= {plain[:i] + plain[i + 1] + plain[i] + plain[i + 2 :] for i in range(17)}
    return {slip for slip in slips if slip[:17].isdecimal()} - {plain}


def test_what_was_meant_is_always_among_the_candidates_and_they_are_few():
    draw = random.Random(7)
    for _ in range(40):
        meant = number(
            date(draw.randrange(1950, 2005), draw.randrange(1, 13), draw.randrange(1, 28)), draw.randrange(1000)
        )
        for slip in every_slip(meant):
            if check_character(slip[:17]) == slip[17]:
                continue
            found = candidates(slip)
            assert int(meant[:17]) in found, (meant, slip)
            assert len(found) <= 35


def test_every_candidate_is_one_slip_away_and_sound():
    wrong = number()[:9] + "9" + number()[10:]
    for body in candidates(wrong):
        meant = f"{body:017d}{check_character(f'{body:017d}')}"
        assert wrong in every_slip(meant)
    assert read_id(wrong).id18 is None
