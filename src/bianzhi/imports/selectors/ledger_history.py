"""机构编制台账 of earlier years against the register: dated changes of quota and posts, each posted once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.imports.models import Action
from bianzhi.imports.recognition.wordings import settled_quota_type
from bianzhi.imports.selectors.directory import Unit, UnitDirectory
from bianzhi.imports.selectors.papers import Papers
from bianzhi.imports.selectors.planning import Options, Plan, unknown_unit
from bianzhi.ledger.models import EntryKind, Posting
from bianzhi.ledger.rules.measures import label as measure_label
from bianzhi.ledger.rules.told import Told, news
from bianzhi.ledger.selectors.told import told_by_number

Key = tuple[int, str]
KINDS_UP: Final = {EntryKind.DECREASE: EntryKind.INCREASE}
KINDS_DOWN: Final = {EntryKind.INCREASE: EntryKind.DECREASE, EntryKind.ESTABLISHED: EntryKind.DECREASE}
INSIDE: Final = frozenset({EntryKind.BODY_ALLOTMENT, EntryKind.REVERSAL, EntryKind.TOTAL_ISSUED})


@dataclass(slots=True)
class Change:
    """One change of one measure of one unit, as a row tells it."""

    row: ParsedRow
    unit: Unit
    measure: str
    amount: int
    kind: EntryKind
    day: date
    doc_no: str
    summary: str
    partner: Unit | None = None

    @property
    def told(self) -> Told:
        """What is told, to be compared with other rows and the ledger."""
        partner_id = self.partner.id if self.partner is not None else None
        return Told(self.doc_no, self.unit.id, self.measure, self.day, self.amount, partner_id)


@dataclass(slots=True)
class LedgerHistoryPlan(Plan):
    """Changes to post, and by how much the openings of units are told in detail by them."""

    fresh: list[Change] = field(default_factory=list)
    detailed: dict[Key, tuple[date, int]] = field(default_factory=dict)
    papers: Papers = field(default_factory=Papers)


def plan_ledger_history(table: ParsedTable, options: Options) -> LedgerHistoryPlan:
    """Work out what an old ledger would do; every doubt becomes a finding at its cell."""
    return _Planner(table, options).plan()


class _Planner:
    """One old ledger, compared with the register."""

    def __init__(self, table: ParsedTable, options: Options) -> None:
        self._plan = LedgerHistoryPlan(table)
        self._options = options
        self._directory = UnitDirectory.load(options.today)
        self._running: dict[Key, int] = defaultdict(int)
        self._changes: list[Change] = []
        self._openings = _openings()

    def plan(self) -> LedgerHistoryPlan:
        rows = self._plan.table.accepted
        self._plan.papers.load({str(number) for row in rows if (number := row.get("document_number"))})
        for row in sorted(rows, key=self._order):
            self._read(row)
        self._settle()
        return self._plan

    def _order(self, row: ParsedRow) -> tuple[date, int]:
        return (_day_of(row) or date.max, 0)

    # --- rows to changes

    def _read(self, row: ParsedRow) -> None:
        name: str = row.get("organization")
        day = _day_of(row)
        found = self._directory.find(name, code=str(row.get("organization_code") or ""), day=day)
        if found.unit is None:
            self._plan.reject(row, "organization", unknown_unit(self._directory, name, found))
            return
        if found.unit.is_grouping:
            self._plan.reject(row, "organization", f"「{name}」只是分组，不持有编制，请填写具体单位")
            return
        if day is None:
            self._plan.reject(row, "document_date", "没有日期，无法确定变动从哪一天生效，请填写文件日期或生效日期")
            return
        if day > self._options.today:
            self._plan.reject(row, "document_date", f"变动日期 {day} 晚于今天")
            return
        amounts = self._amounts(row, found.unit)
        changes = {measure: amount for measure, amount in amounts.items() if amount}
        if not changes:
            self._count(found.unit, amounts)
            self._plan.note(row, Action.SKIP, found.unit.name, "没有编制或职数增减，不产生台账分录")
            return
        doc_no = self._cite(row, day)
        if doc_no is None:
            return
        partner = self._partner(row, found.unit)
        if row.rejected:
            return
        if day < found.unit.first_day:
            message = f"变动日期 {day} 早于单位设立时间 {found.unit.first_day}，请先更正单位的设立时间"
            self._plan.reject(row, "document_date", message)
            return
        self._count(found.unit, amounts)
        for measure, amount in changes.items():
            self._add(row, found.unit, measure, amount, day, doc_no, partner)

    def _count(self, unit: Unit, amounts: Mapping[str, int]) -> None:
        """A row that is taken in counts towards the balances of those after it; one that is rejected does not."""
        for measure, amount in amounts.items():
            self._running[unit.id, measure] += amount

    def _amounts(self, row: ParsedRow, unit: Unit) -> dict[str, int]:
        """The change of each measure: stated as change, as increase and decrease, or as balances one after another."""
        found, balances = self._wide(row, unit)
        quota, level = self._settled(row, unit, str(row.get("quota_type") or "")), str(row.get("post_level") or "")
        self._single(row, found, quota, ("delta", "increase", "decrease"))
        if level:
            self._single(row, found, level, ("posts_delta", "posts_increase", "posts_decrease"))
        elif any(row.get(key) for key in ("posts_delta", "posts_increase", "posts_decrease")):
            self._plan.reject(row, "posts_delta", "有领导职数增减，但没有写职数类别（如正职、副职），请补填")
        if not found and row.get("balance") is not None:
            balances[quota] = row.get("balance")
        self._take_balances(row, unit, found, balances)
        return found

    def _wide(self, row: ParsedRow, unit: Unit) -> tuple[dict[str, int], dict[str, int]]:
        """Changes and balances that stand in a column for each measure."""
        found: dict[str, int] = defaultdict(int)
        balances: dict[str, int] = {}
        for key, number in row.values.items():
            family, _, measure = key.partition(".")
            if measure and family in ("increase", "delta", "posts_delta"):
                found[self._settled(row, unit, measure)] += number
            elif measure and family == "decrease":
                found[self._settled(row, unit, measure)] -= abs(number)
            elif measure and family == "balance":
                balances[self._settled(row, unit, measure)] = number
        return found, balances

    def _take_balances(self, row: ParsedRow, unit: Unit, found: dict[str, int], balances: dict[str, int]) -> None:
        """A balance without a change tells the change; one beside a change is compared with what adds up."""
        for measure, balance in balances.items():
            before = self._running.get((unit.id, measure), 0)
            if measure not in found:
                found[measure] = balance - before
            elif before + found[measure] != balance and not self._starts_late(row, unit, measure):
                message = f"{measure_label(measure)}累计应为 {before + found[measure]}，表中结存写 {balance}，请核对"
                self._plan.warn(row, "balance", message)

    def _starts_late(self, row: ParsedRow, unit: Unit, measure: str) -> bool:
        """Whether this is the first row of the unit and measure, so that earlier changes may be missing."""
        return (unit.id, measure) not in self._running

    def _single(self, row: ParsedRow, found: dict[str, int], measure: str, keys: tuple[str, str, str]) -> None:
        delta, up, down = (row.get(key) for key in keys)
        if up is not None or down is not None:
            found[measure] += (up or 0) - abs(down or 0)
        elif delta is not None:
            found[measure] += delta

    def _settled(self, row: ParsedRow, unit: Unit, measure: str) -> str:
        if not measure:
            measure = {"80": "B", "50": "A2", "51": "A2"}.get(unit.org_type, "A1")
        funding = str(row.get("funding_form") or "") or unit.funding_form
        return settled_quota_type(measure, funding_form=funding, institution_class=unit.institution_class)

    def _cite(self, row: ParsedRow, day: date) -> str | None:
        doc_no = str(row.get("document_number") or "")
        if not doc_no:
            self._plan.warn(row, "document_number", "没有批准文号，按底册登记；每笔变动都应有文件，请补查")
            return ""
        dated = row.get("document_date")
        objection = self._plan.papers.cite(
            doc_no,
            issued_on=dated.day if dated else None,
            near=day,
            title=str(row.get("document_title") or ""),
            issuer=str(row.get("issuing_body") or ""),
        )
        if objection:
            self._plan.reject(row, "document_number", objection)
            return None
        return doc_no

    def _partner(self, row: ParsedRow, unit: Unit) -> Unit | None:
        """The other unit of a transfer: where it came from, or went to."""
        for key in ("transferred_from", "transferred_to", "counterparty"):
            name = row.get(key)
            if not name:
                continue
            found = self._directory.find(name)
            if found.unit is None:
                self._plan.reject(row, key, unknown_unit(self._directory, name, found))
            elif found.unit.id != unit.id:
                return found.unit
        return None

    def _add(
        self, row: ParsedRow, unit: Unit, measure: str, amount: int, day: date, doc_no: str, partner: Unit | None
    ) -> None:
        summary = str(row.get("summary") or row.get("document_title") or "").replace("\n", "；")[:400]
        kind = _kind(row, measure, amount, partner)
        if partner is not None and amount < 0:
            unit, partner, amount = partner, unit, -amount
        self._changes.append(Change(row, unit, measure, amount, kind, day, doc_no, summary, partner))

    # --- changes against the ledger

    def _settle(self) -> None:
        """Leave out what is posted or told already, and see that no balance falls below zero on any day (R06)."""
        standing = _Standing()
        changes = sorted(self._changes, key=lambda one: (one.day, one.amount < 0))
        for change, is_new in zip(changes, news([one.told for one in changes], told_by_number()), strict=True):
            shown = f"{change.unit.name} {measure_label(change.measure)} {change.amount:+d}"
            if not is_new:
                self._plan.note(change.row, Action.SAME, shown, str(change.day))
                continue
            if not standing.holds(change):
                self._refuse(change, standing)
                continue
            standing.post(change)
            self._plan.fresh.append(change)
            origin = f"，自“{change.partner.name}”划入" if change.partner else ""
            self._plan.note(change.row, Action.CREATE, shown, f"{change.day} {change.doc_no}{origin}")
        self._detail_openings()

    def _refuse(self, change: Change, standing: "_Standing") -> None:
        giver = change.partner if change.partner is not None else change.unit
        have = standing.of(giver.id, change.measure)
        message = (
            f"“{giver.name}”当日{measure_label(change.measure)}只有 {have} 名，不能减少 {abs(change.amount)} 名"
            "（R06），请核对，或补上更早的台账"
        )
        self._plan.reject(change.row, _column(change.row), message)

    def _detail_openings(self) -> None:
        """The history of a unit opened with its number of a later day is part of that number, not added to it."""
        sums: dict[Key, int] = defaultdict(int)
        rows: dict[Key, ParsedRow] = {}
        for change in self._plan.fresh:
            sides = [(change.unit, change.amount)]
            if change.partner is not None:
                sides.append((change.partner, -change.amount))
            for unit, amount in sides:
                opening = self._openings.get((unit.id, change.measure))
                if opening is not None and change.day <= opening[0]:
                    sums[unit.id, change.measure] += amount
                    rows[unit.id, change.measure] = change.row
        for key, total in sums.items():
            day, opened = self._openings[key]
            if total:
                self._plan.detailed[key] = (day, total)
            if total != opened:
                name, label = self._directory.units[key[0]].name, measure_label(key[1])
                message = (
                    f"“{name}”{label}到 {day} 台账累计 {total} 名，期初登记为 {opened} 名，"
                    f"相差 {abs(opened - total)} 名；仍以期初登记为准，差额留作期初数"
                )
                self._plan.warn(rows[key], _column(rows[key]), message)


class _Standing:
    """Balances of units as the file builds them up, with what the register holds from before."""

    def __init__(self) -> None:
        self._balances: dict[Key, int] = defaultdict(int)
        self._posted: dict[Key, list[tuple[date, int]]] = defaultdict(list)
        rows = Posting.objects.filter(account__kind="unit").values_list(
            "account__organization_id", "account__measure", "entry__effective_on", "amount"
        )
        for organization_id, measure, day, amount in rows.iterator(chunk_size=5000):
            self._posted[organization_id, measure].append((day, amount))
        self._until = date.min

    def of(self, organization_id: int, measure: str) -> int:
        """What the unit has on the day of the change asked about last."""
        key = (organization_id, measure)
        return self._balances[key] + sum(amount for day, amount in self._posted[key] if day <= self._until)

    def holds(self, change: Change) -> bool:
        """Whether whoever gives something has it on the day."""
        self._until = change.day
        if change.partner is not None:
            return self.of(change.partner.id, change.measure) >= change.amount
        return change.amount > 0 or self.of(change.unit.id, change.measure) + change.amount >= 0

    def post(self, change: Change) -> None:
        """Take a change in."""
        self._balances[change.unit.id, change.measure] += change.amount
        if change.partner is not None:
            self._balances[change.partner.id, change.measure] -= change.amount


def _day_of(row: ParsedRow) -> date | None:
    written = row.get("effective_on") or row.get("document_date")
    return written.day if written else None


def _kind(row: ParsedRow, measure: str, amount: int, partner: Unit | None) -> EntryKind:
    """The kind stated, where it fits the sign; else what the change itself is."""
    stated = row.get("entry_kind")
    if measure.startswith(("org_", "body_", "other_")):
        return EntryKind.POSTS
    if partner is not None:
        return EntryKind.TRANSFER
    if not stated or EntryKind(stated) in INSIDE or stated in (EntryKind.TRANSFER, EntryKind.POSTS):
        return EntryKind.INCREASE if amount > 0 else EntryKind.DECREASE
    kind = EntryKind(stated)
    return KINDS_UP.get(kind, kind) if amount > 0 else KINDS_DOWN.get(kind, kind)


def _column(row: ParsedRow) -> str:
    """The column the change was read from."""
    for key in row.columns:
        if key.split(".")[0] in ("delta", "increase", "decrease", "balance", "posts_delta") and key in row.values:
            return key
    return "organization"


def _openings() -> dict[Key, tuple[date, int]]:
    """(day, amount) of the opening of each unit and measure, corrections of it added up."""
    rows = Posting.objects.filter(account__kind="unit", entry__kind=EntryKind.OPENING).values_list(
        "account__organization_id", "account__measure", "entry__effective_on", "amount"
    )
    found: dict[Key, tuple[date, int]] = {}
    for organization_id, measure, day, amount in rows.iterator(chunk_size=5000):
        before = found.get((organization_id, measure), (day, 0))
        found[organization_id, measure] = (max(day, before[0]), before[1] + amount)
    return found
