"""Taking over a district's ledger of earlier years: thousands of dated entries at once, and never twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.rules.lines import Line, Place, unit
from bianzhi.ledger.rules.measures import is_post
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.rules.told import Told, news
from bianzhi.ledger.selectors.holders import Holders
from bianzhi.ledger.selectors.told import told_under
from bianzhi.ledger.services.drafts import EntryDraft
from bianzhi.ledger.services.entries import post_entries
from bianzhi.ledger.services.moves import source_of


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of one measure of one unit, as an old ledger has it: `amount` > 0 came to it, < 0 left it.

    `from_organization_id` is the other unit of a transfer; without one the quota came from above (or the reserve)
    and went back there.
    """

    kind: EntryKind
    document: ApprovalDocument
    effective_on: date
    organization_id: int
    measure: str
    amount: int
    summary: str = ""
    from_organization_id: int | None = None
    recorded_at: datetime | None = None

    @property
    def told(self) -> Told:
        """What the row tells; one that is no transfer is not the other side of one."""
        return Told(
            document=self.document.pk,
            organization_id=self.organization_id,
            measure=self.measure,
            effective_on=self.effective_on,
            amount=self.amount,
            partner_id=self.from_organization_id,
            is_own=self.kind != EntryKind.TRANSFER,
        )


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """How many rows were given, were there already, and how many entries the others became."""

    rows: int
    already_there: int
    entries: int


@unit_of_work
def import_history(*, actor: Actor, rows: Sequence[HistoryRow], through_reserve: bool = False) -> HistoryResult:
    """Post the history of units; a row that is there already (document, unit, measure, day, amount, other unit)
    changes nothing, unless it was reversed.

    Rows of one document, day, kind and unit become one entry; a transfer told from both sides is posted once.
    `through_reserve` draws increases from the reserves, which must have been issued before (R06); otherwise they
    come straight from the upper level, as the totals of earlier years are rarely known. What was decided then is
    not decided again: rules on who may decide, on totals and on overstaffing are not asked, but no balance may fall
    below zero on any day (R06) and every unit must have been there on the day (R10). Raises Refused with all that
    is wrong; then nothing is posted.
    """
    policies.require(actor, "ledger.post")
    _refuse_senseless(rows)
    is_new = news([row.told for row in rows], told_under({row.document.pk for row in rows}))
    fresh = list(compress(rows, is_new))
    drafts = _drafts(fresh, through_reserve=through_reserve)
    entries = post_entries(actor=actor, drafts=drafts) if drafts else []
    return HistoryResult(rows=len(rows), already_there=len(rows) - len(fresh), entries=len(entries))


def _refuse_senseless(rows: Iterable[HistoryRow]) -> None:
    found = [
        Objection("R26", f"{row.document.doc_no}（{row.effective_on}）：{fault}", Severity.BLOCK, {}, "请更正该行")
        for row in rows
        if (fault := _fault(row))
    ]
    if found:
        raise Refused(found)


def _fault(row: HistoryRow) -> str:
    if row.amount == 0:
        return "增减数为 0"
    if row.measure not in quota_types() and not is_post(row.measure):
        return f"没有“{row.measure}”这种编制或职数"
    if row.from_organization_id == row.organization_id:
        return "划出单位与划入单位相同"
    if row.from_organization_id is not None and row.amount < 0:
        return "划转应登记在划入单位名下，数额为正"
    return ""


def _drafts(rows: Sequence[HistoryRow], *, through_reserve: bool) -> list[EntryDraft]:
    """One draft for each document, day, kind, unit and partner, by day, what comes in before what goes out."""
    holders = Holders.load(row.organization_id for row in rows)
    groups: dict[tuple[object, ...], list[HistoryRow]] = defaultdict(list)
    for row in rows:
        sign = row.amount > 0
        key = (row.document.pk, row.effective_on, row.kind, row.organization_id, row.from_organization_id, sign)
        groups[key].append(row)
    drafts = [_draft(group, holders, through_reserve=through_reserve) for group in groups.values()]
    return sorted(drafts, key=lambda draft: (draft.effective_on, _gives(draft)))


def _gives(draft: EntryDraft) -> bool:
    """Whether a unit has to give something up, so that it comes after what units were given that day."""
    return any(line.amount < 0 and line.place.kind == "unit" for line in draft.lines)


def _draft(rows: Sequence[HistoryRow], holders: Holders, *, through_reserve: bool) -> EntryDraft:
    first = rows[0]
    summaries = dict.fromkeys(row.summary for row in rows if row.summary)
    others: dict[str, Line] = {}
    for row in rows:
        place = _other_side(row, holders, through_reserve=through_reserve)
        standing = others[place.key].amount if place.key in others else 0
        others[place.key] = Line(place, standing - row.amount)
    return EntryDraft(
        kind=first.kind,
        document=first.document,
        effective_on=first.effective_on,
        summary="；".join(summaries) or first.document.title,
        lines=[*(Line(unit(row.organization_id, row.measure), row.amount) for row in rows), *others.values()],
        recorded_at=first.recorded_at,
        carried_over=True,
    )


def _other_side(row: HistoryRow, holders: Holders, *, through_reserve: bool) -> Place:
    if row.from_organization_id is not None:
        return unit(row.from_organization_id, row.measure)
    receiver = holders.known(row.organization_id, row.effective_on)
    tier = receiver.tier if receiver is not None else "district"
    if through_reserve and row.kind != EntryKind.OPENING:
        return source_of(row.measure, tier)
    return Place("upper", row.measure, tier)
