"""Entries within a user's scope, and what they moved in words short enough for a list."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from bianzhi.kernel import clock
from bianzhi.ledger.models import LedgerEntry, Posting
from bianzhi.ledger.rules.measures import in_order, short
from bianzhi.ledger.selectors.balances import end_of
from bianzhi.ledger.selectors.names import UnitName, unit_names
from bianzhi.organizations.scopes import visible_organization_ids

BATCH = 500


def visible_entries(user: Any, day: date, *, known_on: date | None = None) -> QuerySet[LedgerEntry]:
    """Entries that concern a unit the user may see; all, totals and reserves too, for whom no scope limits.

    `known_on` leaves out what was recorded later.
    """
    rows = LedgerEntry.objects.all()
    ids = visible_organization_ids(user, day)
    if ids is not None:
        rows = rows.filter(touching(account__organization_id__in=ids))
    if known_on is not None:
        rows = rows.filter(recorded_at__lt=end_of(known_on))
    return rows


def cited_documents(user: Any) -> list[QuerySet[Any, Any]]:
    """Documents that entries within the user's scope rest on, as `documents.visibility` asks."""
    return [visible_entries(user, clock.today()).values("document_id")]


def touching(**conditions: Any) -> Exists:
    """Condition on entries: some posting of theirs fulfils the conditions."""
    return Exists(Posting.objects.filter(Q(**conditions), entry=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Gist:
    """What an entry did, for one line of a list: to whom, and how much of what."""

    units: tuple[UnitName, ...]
    amounts: tuple[tuple[str, int], ...]
    is_signed: bool

    @property
    def unit_text(self) -> str:
        """Names of the units; the giving one first where quota went from one to another."""
        if not self.units:
            return "区总量"
        return (" → " if len(self.units) == 2 else "、").join(unit.name for unit in self.units)

    @property
    def other_text(self) -> str:
        """Names of the other units, seen from one of them; empty where there was none."""
        return "、".join(unit.name for unit in self.units)

    @property
    def amount_text(self) -> str:
        """Amounts by measure, with their sign where one unit (or the total) gained or lost."""
        parts = (f"{short(measure)} {amount:{'+' if self.is_signed else ''}d}" for measure, amount in self.amounts)
        return "、".join(parts)


OUTSIDE = "管理范围以外的单位"


def gists(entry_ids: Collection[int], day: date, *, user: Any, seen_from: int | None = None) -> dict[int, Gist]:
    """The gist of each entry, in one query for the postings and one for the names.

    Units outside the user's scope are not named. `seen_from` tells it from the side of one unit: what that unit
    gained or lost, and the others.
    """
    postings: dict[int, list[tuple[str, int | None, str, int]]] = defaultdict(list)
    rows = Posting.objects.filter(entry_id__in=list(entry_ids)).values_list(
        "entry_id", "account__kind", "account__organization_id", "account__measure", "amount"
    )
    for entry_id, kind, organization_id, measure, amount in rows:
        postings[entry_id].append((kind, organization_id, measure, amount))
    concerned = {unit_id for lines in postings.values() for _, unit_id, _, _ in lines if unit_id is not None}
    names = unit_names(concerned, day) if concerned else {}
    visible = visible_organization_ids(user, day)
    if visible is not None:
        names |= {unit_id: UnitName(unit_id, "", OUTSIDE) for unit_id in concerned - visible}
    return {entry_id: _gist(lines, names, seen_from) for entry_id, lines in postings.items()}


def _gist(lines: Iterable[tuple[str, int | None, str, int]], names: dict[int, UnitName], seen_from: int | None) -> Gist:
    net: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    upper: dict[str, int] = defaultdict(int)
    moved: dict[str, int] = defaultdict(int)
    for kind, unit_id, measure, amount in lines:
        if unit_id is not None:
            net[unit_id][measure] += amount
        if kind == "upper":
            upper[measure] -= amount
        moved[measure] += max(amount, 0)
    own = net.pop(seen_from) if seen_from in net else None
    giving_first = sorted(net, key=lambda unit_id: (sum(net[unit_id].values()), unit_id))
    if own is None:
        own = next(iter(net.values())) if len(net) == 1 else {} if net else upper
    signed = {measure: amount for measure, amount in own.items() if amount}
    amounts = signed or moved
    return Gist(
        units=tuple(names[unit_id] for unit_id in giving_first if unit_id in names),
        amounts=tuple((measure, amounts[measure]) for measure in in_order(set(amounts))),
        is_signed=bool(signed),
    )
