"""The accounts that entries touch, opened and locked, and what the rules say of the entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from bianzhi.audit.actors import Actor
from bianzhi.documents.models import IssuerLevel
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger import objections as reductions
from bianzhi.ledger.models import Account, EntryKind
from bianzhi.ledger.rules.lines import Line, Place, gives_to_a_unit, levels_from, lowest_from, net_by_unit
from bianzhi.ledger.rules.measures import label
from bianzhi.ledger.rules.permissibility import (
    Receiver,
    is_of_one_nature,
    objections_to_later_nature,
    objections_to_level,
    objections_to_receiver,
    objections_to_total,
)
from bianzhi.ledger.selectors.balances import account_histories
from bianzhi.ledger.selectors.holders import Holders, bodies_on, body_ends, receiver_of
from bianzhi.ledger.services.accounts import open_accounts
from bianzhi.ledger.services.drafts import EntryDraft
from bianzhi.ledger.services.locks import lock_accounts
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.services import lock_structure

BATCH = 500
History = list[tuple[date, int]]


@dataclass(slots=True)
class Book:
    """Accounts by key with their whole history, and the organisations concerned."""

    accounts: dict[str, Account]
    history: dict[str, History]
    holders: Holders
    body_owners: dict[tuple[int, date], int] = field(default_factory=dict)
    body_ends: dict[tuple[int, int], date | None] = field(default_factory=dict)

    @classmethod
    def open(cls, *, actor: Actor, drafts: Sequence[EntryDraft]) -> Self:
        """Find or open every account of the drafts and lock them to the end of the transaction.

        Where a unit or a body is given something the structure is locked first, so that nobody ends or changes it
        meanwhile; what only takes from units does not need it, and exits, which hold accounts by then, only take.
        Raises Refused (R10) when quota would go to an organisation that is not there on the day.
        """
        if any(gives_to_a_unit(draft.lines) for draft in drafts):
            lock_structure()
        holders = Holders.load(
            line.place.organization_id
            for draft in drafts
            for line in draft.lines
            if line.place.organization_id is not None
        )
        tiers = _tiers(drafts, holders)
        places = {line.place.key: line.place for draft in drafts for line in draft.lines}
        accounts = open_accounts(actor=actor, places=places.values(), tiers=tiers)
        lock_accounts(account.pk for account in accounts.values())
        history = account_histories(account.pk for account in accounts.values())
        owners = bodies_on(
            (line.place.body_id, draft.effective_on)
            for draft in drafts
            for line in draft.lines
            if line.place.body_id is not None
        )
        ends = body_ends(place.body_id for place in places.values() if place.body_id is not None)
        by_key = {key: history.get(account.pk, []) for key, account in accounts.items()}
        return cls(accounts, by_key, holders, owners, ends)

    def objections(self, drafts: Sequence[EntryDraft]) -> list[Objection]:
        """Everything the rules have against the drafts, entered one after another (R02, R05–R08, R10, R11, R19)."""
        found: list[Objection] = []
        for draft in drafts:
            found += self._to_decision(draft)
            for line in draft.lines:
                self.history[line.place.key].append((draft.effective_on, line.amount))
            found += self._to_balances(draft)
        return [*found, *self._to_later_days(drafts), *self._to_reductions(drafts)]

    def _to_decision(self, draft: EntryDraft) -> list[Objection]:
        """Who may decide it, and who may be given it; of history and reversals only whether the holder is there."""
        upper_document = draft.document.issuer_level == IssuerLevel.UPPER
        found = self._to_bodies(draft)
        for (organization_id, measure), amount in net_by_unit(draft.lines).items():
            receiver = self.holders.alive(organization_id, draft.effective_on)
            if amount > 0 and receiver is not None:
                kind = EntryKind.OPENING if draft.carried_over else draft.kind
                found += objections_to_receiver(receiver, measure, kind)
        if not draft.moves_anew:
            return found
        tiers = {line.place.key: self._tier(line.place, draft.effective_on) for line in draft.lines}
        found += objections_to_level(draft.lines, tiers, upper_document=upper_document)
        for line in draft.lines:
            if line.place.kind == "upper":
                found += objections_to_total(line.place.measure, -line.amount, upper_document=upper_document)
        return found

    def _to_bodies(self, draft: EntryDraft) -> list[Objection]:
        """Quota is fixed only to a part of the unit itself."""
        strange = [
            line.place
            for line in draft.lines
            if line.place.body_id is not None
            and line.amount > 0
            and self.body_owners.get((line.place.body_id, draft.effective_on)) != line.place.organization_id
        ]
        return [
            Objection(
                "R05",
                f"所选内设机构在 {draft.effective_on} 不属于{self._holder_name(place, draft.effective_on)}，不能定编",
                Severity.BLOCK,
                {},
                "请选择该单位当时的内设机构",
            )
            for place in strange[:1]
        ]

    def _to_balances(self, draft: EntryDraft) -> list[Objection]:
        """R06: no account but the source is below zero on any day from the entry on."""
        found: list[Objection] = []
        for line in draft.lines:
            account = self.accounts[line.place.key]
            if line.amount > 0 or account.may_be_negative:
                continue
            lowest = lowest_from(self.history[line.place.key], draft.effective_on)
            if lowest < 0:
                name = self._holder_name(line.place, draft.effective_on)
                available = lowest - line.amount
                found.append(
                    Objection(
                        "R06",
                        f"{name}可调出 {max(available, 0)} 名，本次要调出 {-line.amount} 名，不足 {-lowest} 名",
                        Severity.BLOCK,
                        {"可调出": available, "调出": -line.amount},
                        "请减少数额，或先登记上级下达（核增）文件",
                    )
                )
        return found

    def _to_later_days(self, drafts: Iterable[EntryDraft]) -> list[Objection]:
        """R10, R05, R11: what is given, dated back, stays with nobody who has ended or become unfit since.

        Asked once all drafts stand in the accounts: what one gives another may take again in time.
        """
        found: dict[str, Objection] = {}
        for draft in drafts:
            for line in draft.lines:
                if line.amount > 0 and line.place.organization_id is not None:
                    found |= self._to_end(line.place, draft.effective_on)
            if draft.carried_over or draft.kind == EntryKind.OPENING:
                continue
            for (organization_id, measure), amount in net_by_unit(draft.lines).items():
                if amount > 0:
                    found |= self._to_later_natures(organization_id, measure, draft.effective_on)
        return list(found.values())

    def _to_end(self, place: Place, day: date) -> dict[str, Objection]:
        ends = [self.holders.end_of(place.organization_id)] if place.organization_id is not None else []
        if place.organization_id is not None and place.body_id is not None:
            ends.append(self.body_ends.get((place.organization_id, place.body_id)))
        end = min((each for each in ends if each is not None), default=None)
        if end is None or end <= day:
            return {}
        for on, number in levels_from(self.history[place.key], end):
            if number > 0:
                holder = "内设机构" if place.body_id is not None else self._holder_name(place, day)
                message = f"{holder}自 {end} 起不再存续，登记后在 {on} 仍将有{label(place.measure)} {number} 名（R10）"
                step = "请核对生效日期；终止以前漏登的变动，须连同终止时的划转、收回一并登记"
                return {place.key: Objection("R10", message, Severity.BLOCK, {place.measure: number}, step)}
        return {}

    def _to_later_natures(self, organization_id: int, measure: str, day: date) -> dict[str, Objection]:
        before = self.holders.alive(organization_id, day)
        if before is None:
            return {}
        for version in self.holders.later(organization_id, day):
            after = receiver_of(version)
            if is_of_one_nature(before, after):
                continue
            number = max(self._numbers_during(organization_id, measure, version), default=0)
            found = objections_to_later_nature(before, after, version.valid_from, measure, number) if number else []
            if found:
                return {objection.message: objection for objection in found}
        return {}

    def _numbers_during(self, organization_id: int, measure: str, version: OrganizationVersion) -> list[int]:
        """The numbers above zero the unit has of a measure on the days of one of its versions."""
        key = (organization_id, measure)
        history = [*self._own(organization_id, measure), *self._untouched_accounts([key])[key]]
        until = version.valid_to or date.max
        return [number for on, number in levels_from(history, version.valid_from) if number > 0 and on < until]

    def _to_reductions(self, drafts: Iterable[EntryDraft]) -> list[Objection]:
        """R02: ask the apps above whether the units still fit into what is left to them."""
        falling: dict[tuple[int, str], date] = {}
        for draft in drafts:
            if draft.allows_overstaffing or draft.carried_over:
                continue
            for key, amount in net_by_unit(draft.lines).items():
                if amount < 0:
                    falling[key] = min(falling.get(key, draft.effective_on), draft.effective_on)
        untouched = self._untouched_accounts(falling)
        found: list[Objection] = []
        for (organization_id, measure), day in falling.items():
            levels = levels_from([*self._own(organization_id, measure), *untouched[organization_id, measure]], day)
            lowest = min(balance for _, balance in levels)
            found += reductions.to_reduction(reductions.Reduction(organization_id, measure, lowest, day, tuple(levels)))
        return found

    def _own(self, organization_id: int, measure: str) -> History:
        return [
            item
            for key, account in self.accounts.items()
            if account.organization_id == organization_id and account.measure == measure
            for item in self.history[key]
        ]

    def _untouched_accounts(self, falling: Iterable[tuple[int, str]]) -> dict[tuple[int, str], History]:
        """What stands on the other accounts (own or of internal bodies) of the units whose number falls."""
        wanted = set(falling)
        ids = sorted({organization_id for organization_id, _ in wanted})
        touched = {account.pk for account in self.accounts.values()}
        others = {
            account.pk: (organization_id, account.measure)
            for start in range(0, len(ids), BATCH)
            for account in Account.objects.filter(organization_id__in=ids[start : start + BATCH])
            if (organization_id := account.organization_id) is not None
            and account.pk not in touched
            and (organization_id, account.measure) in wanted
        }
        standing: dict[tuple[int, str], History] = defaultdict(list)
        for account_id, history in account_histories(others).items():
            standing[others[account_id]] += history
        return standing

    def _tier(self, place: Place, day: date) -> str:
        """A unit's tier on the day; that of the account for reserves and pools."""
        if place.organization_id is None:
            return place.tier
        receiver = self.holders.known(place.organization_id, day)
        return receiver.tier if receiver is not None else self.accounts[place.key].tier

    def _holder_name(self, place: Place, day: date) -> str:
        if place.organization_id is None:
            account = self.accounts[place.key]
            return f"{account.get_kind_display()}（{account.get_tier_display()}）账户"
        receiver = self.holders.known(place.organization_id, day)
        return f"“{receiver.name if receiver is not None else place.organization_id}”"


def _tiers(drafts: Iterable[EntryDraft], holders: Holders) -> dict[int, str]:
    """The tier of each organisation named; raises Refused (R10) when one to be given quota is not there."""
    tiers: dict[int, str] = {}
    for draft in drafts:
        for line in draft.lines:
            organization_id = line.place.organization_id
            if organization_id is None:
                continue
            receiver = _holder(line, organization_id, draft.effective_on, holders)
            tiers[organization_id] = receiver.tier
    return tiers


def _holder(line: Line, organization_id: int, day: date, holders: Holders) -> Receiver:
    receiver = holders.alive(organization_id, day) if line.amount > 0 else holders.known(organization_id, day)
    if receiver is None:
        known = holders.known(organization_id, day)
        name = f"“{known.name}”" if known is not None else f"机构（编号 {organization_id}）"
        raise Refused(
            [
                Objection(
                    "R10",
                    f"{name}在 {day} 尚未设立或已经撤销，不能登记编制",
                    Severity.BLOCK,
                    {},
                    "请核对生效日期，或先办理机构设立",
                )
            ]
        )
    return receiver
