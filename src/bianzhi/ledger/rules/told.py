"""Which rows of an old ledger tell something new: one rule for the plan of an import and for the posting."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

Side = tuple[str | int, int, str, date, int]


@dataclass(frozen=True, slots=True)
class Told:
    """A change of one measure of one unit, as a row or the ledger itself tells it.

    `partner_id` is the other unit of a transfer, where it is named. `is_own` says of a row that names none that it is
    not the other unit's view of a transfer.
    """

    document: str | int
    organization_id: int
    measure: str
    effective_on: date
    amount: int
    partner_id: int | None = None
    is_own: bool = field(default=False, compare=False)

    @property
    def side(self) -> Side:
        """What a row says that does not name the other unit."""
        return (self.document, self.organization_id, self.measure, self.effective_on, self.amount)

    @property
    def mirrored(self) -> "Told | None":
        """The same transfer as the other unit tells it."""
        if self.partner_id is None:
            return None
        return replace(
            self, organization_id=self.partner_id, amount=-self.amount, partner_id=self.organization_id, is_own=False
        )


def news(rows: Sequence[Told], posted: Collection[Told]) -> list[bool]:
    """For each row whether it tells something new.

    The same row twice is one. Rows that name different partners are different. A row without a partner is known where
    the same is posted without one, and taken for the other side of a transfer as often as there is such a transfer,
    among the rows or posted; one with a partner is known where the same is posted, with that partner or with none.
    """
    known = set(posted)
    transfers = _transfers(rows, known)
    taken: Counter[Side] = Counter()
    seen: set[Told] = set()
    found = []
    for row in rows:
        is_known = row in seen or row in known
        if row.partner_id is not None:
            is_known = is_known or replace(row, partner_id=None) in known
        elif not row.is_own:
            taken[row.side] += 1
            is_known = is_known or taken[row.side] <= transfers[row.side]
        if not is_known:
            seen.add(row)
        found.append(not is_known)
    return found


def _transfers(rows: Sequence[Told], posted: Collection[Told]) -> Counter[Side]:
    """How many transfers there are of which a row without a partner may be the one side."""
    other_sides = [mirrored for row in rows if (mirrored := row.mirrored) is not None]
    told = {*rows, *other_sides}
    rest = [one for one in posted if one.partner_id is not None and one not in told]
    return Counter(one.side for one in [*other_sides, *rest])
