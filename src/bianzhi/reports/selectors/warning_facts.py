"""Everything the register says today that gives warning, in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count

from bianzhi.common.parameters import (
    FULL_WARNING_PERCENT,
    OFF_DUTY_WARNING_MONTHS,
    ROTATING_WARNING_DAYS,
    SLOT_WARNING_DAYS,
    TOTAL_WARNING_PERCENT,
    VACANCY_WARNING_MONTHS,
    VACANCY_WARNING_PERCENT,
)
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.retirement import YearMonth
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.ledger.selectors.balances import totals
from bianzhi.organizations.models import Tier
from bianzhi.personnel.models import Appointment, ApprovalSlot, Occupancy, SlotState
from bianzhi.personnel.rules.persons import Identity
from bianzhi.personnel.rules.units import Unit, objections_to_quota_type, quota_label
from bianzhi.personnel.selectors.owed_exits import owed_exits
from bianzhi.personnel.selectors.quota_use import QuotaUse, post_use, quota_use
from bianzhi.reports.rules import deadlines, quality, quota
from bianzhi.reports.rules.deadlines import Member
from bianzhi.reports.rules.findings import Found
from bianzhi.reports.selectors.exchange_facts import (
    absences,
    identities_told_differently,
    payroll_suspects,
)
from bianzhi.reports.selectors.retiring import retiring
from bianzhi.reports.selectors.supervision_facts import late_rectifications
from bianzhi.reports.selectors.units import Units
from bianzhi.reports.selectors.vacancy import lowest_vacancies


@dataclass
class Facts:
    """What several rules ask of the day, each read once."""

    today: date

    @cached_property
    def units(self) -> Units:
        """The tree."""
        return Units.on(self.today)

    @cached_property
    def use(self) -> dict[tuple[int, str], QuotaUse]:
        """核定、实有、预占 of 编制 proper."""
        counted = {each.code for each in counted_types()}
        return {key: use for key, use in quota_use(None, self.today).items() if key[1] in counted}

    def measure(self, unit_id: int, code: str) -> quota.Measure:
        """A quota type of a unit, named."""
        return quota.Measure(unit_id, self.units.name(unit_id), code, quota_label(code))

    def member(self, person_id: int, name: str, unit_id: int) -> Member:
        """A person of a unit, named."""
        return Member(person_id, name, unit_id, self.units.name(unit_id))


def findings(today: date) -> list[Found]:
    """Every warning the register and the comparison give on a day (W01–W08, W10–W14)."""
    facts = Facts(today)
    return [
        *over_or_full(facts),
        *misused(facts),
        *posts(facts),
        *long_vacant(facts),
        *retirements(facts),
        *overdue_exits(facts),
        *expiring_approvals(facts),
        *payroll_suspects(facts.units, today),
        *absences(facts.units, today, months_before(today, OFF_DUTY_WARNING_MONTHS.number)),
        *ending_terms(facts),
        *records(facts),
        *entries(facts),
        *identities_told_differently(facts.units, today),
        *late_rectifications(facts.units, facts.today),
        *near_totals(facts),
    ]


def over_or_full(facts: Facts) -> Iterator[Found]:
    """W01, W04."""
    percent = FULL_WARNING_PERCENT.number
    for (unit_id, code), use in facts.use.items():
        found = quota.over_or_full(facts.measure(unit_id, code), use, full_percent=percent)
        if found is not None:
            yield found


def misused(facts: Facts) -> Iterator[Found]:
    """W02."""
    for (unit_id, code), use in facts.use.items():
        if use.occupied and is_misused(facts.units, unit_id, code):
            yield quota.misused(facts.measure(unit_id, code), use.occupied)


def is_misused(units: Units, unit_id: int, code: str) -> bool:
    """Whether people on this quota type of this unit are 混编 (R05); unknown units are the integrity check's matter."""
    if unit_id not in units:
        return False
    row = units[unit_id]
    unit = Unit(row.id, row.name, row.org_type, row.institution_class, row.tier, row.rank, row.is_grouping)
    return bool(objections_to_quota_type(unit, code))


def posts(facts: Facts) -> Iterator[Found]:
    """W03: more leaders than posts, or a rank above the post without a document."""
    levels = codes("post_level")
    for (unit_id, level), use in post_use(None, facts.today).items():
        measure = quota.Measure(unit_id, facts.units.name(unit_id), level, f"{levels.label(level)}领导职数")
        found = quota.excess_posts(measure, use)
        if found is not None:
            yield found
    high = Appointment.objects.as_of(facts.today).filter(is_high_rank=True, basis_document__isnull=True)
    for pk, person_id, name, unit_id, position in high.values_list(
        "pk", "person_id", "person__name", "organization_id", "position"
    ):
        yield quality.high_rank_without_basis(facts.member(person_id, name, unit_id), pk, position)


def long_vacant(facts: Facts) -> Iterator[Found]:
    """W05."""
    months, percent = VACANCY_WARNING_MONTHS.number, VACANCY_WARNING_PERCENT.number
    first = months_before(facts.today, months)
    for (unit_id, code), lowest in lowest_vacancies(first, facts.today).items():
        use = facts.use.get((unit_id, code), QuotaUse())
        found = quota.long_vacant(facts.measure(unit_id, code), use, lowest, percent=percent, months=months)
        if found is not None:
            yield found


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of a shorter month."""
    month = YearMonth.of(day).plus(-months)
    last = (month.plus(1).first_day - timedelta(days=1)).day
    return date(month.year, month.month, min(day.day, last))


def retirements(facts: Facts) -> Iterator[Found]:
    """W06."""
    for each in retiring(None, facts.today, months=6):
        member = facts.member(each.person.pk, each.person.name, each.occupancy.organization_id)
        found = deadlines.retirement_due(member, each.month, facts.today)
        if found is not None:
            yield found


def overdue_exits(facts: Facts) -> Iterator[Found]:
    """W07: retired by age, with a known cause of exit, or told by a department, and still on quota (R12)."""
    for each in owed_exits(facts.today):
        occupancy = each.occupancy
        member = facts.member(occupancy.person_id, occupancy.person.name, occupancy.organization_id)
        found = deadlines.exit_overdue(member, each.cause, each.off_on, each.deadline, facts.today)
        if found is not None:
            yield found


def expiring_approvals(facts: Facts) -> Iterator[Found]:
    """W08."""
    days = SLOT_WARNING_DAYS.number
    rows = ApprovalSlot.objects.filter(
        state__in=(SlotState.RESERVED, SlotState.DORMANT),
        approval__confirmed_on__isnull=False,
        approval__valid_until__lte=facts.today + timedelta(days=days),
    )
    grouped = (
        rows.order_by()
        .values_list("approval_id", "approval__number", "approval__organization_id", "approval__valid_until")
        .annotate(count=Count("pk"))
    )
    for pk, number, unit_id, valid_until, count in grouped:
        approval = deadlines.Approval(pk, number, unit_id, facts.units.name(unit_id), valid_until, count)
        found = deadlines.approval_expiring(approval, facts.today, days=days)
        if found is not None:
            yield found


def ending_terms(facts: Facts) -> Iterator[Found]:
    """W11."""
    days = ROTATING_WARNING_DAYS.number
    rows = Occupancy.objects.as_of(facts.today).filter(term_until__lte=facts.today + timedelta(days=days))
    for person_id, name, unit_id, code, term_until in rows.values_list(
        "person_id", "person__name", "organization_id", "quota_type", "term_until"
    ):
        member = facts.member(person_id, name, unit_id)
        if term_until is None:
            continue
        found = deadlines.term_ending(member, quota_label(code), term_until, facts.today, days=days)
        if found is not None:
            yield found


PERSON_FIELDS = (
    "person_id",
    "organization_id",
    "joined_unit_on",
    *(
        f"person__{field}"
        for field in (
            "name",
            "id_number",
            "sex",
            "born_on",
            "certified_born_on",
            "identity_certified",
            "ethnicity",
            "politics",
            "started_work_on",
            "identity",
        )
    ),
)


def records(facts: Facts) -> Iterator[Found]:
    """W12 of persons: blanks counted by unit, and each ID number that cannot be right."""
    missing: dict[int, Counter[str]] = defaultdict(Counter)
    people: Counter[int] = Counter()
    for row in Occupancy.objects.as_of(facts.today).values(*PERSON_FIELDS).iterator(chunk_size=2000):
        unit_id, person_id = row["organization_id"], row["person_id"]
        person = {name.removeprefix("person__"): value for name, value in row.items()}
        absent = [field for field in quality.MANDATORY if not person[field]]
        missing[unit_id].update(absent)
        people[unit_id] += bool(absent)
        identity = Identity(
            name=person["name"],
            id_number=person["id_number"],
            sex=person["sex"],
            born_on=person["born_on"],
            certified_born_on=person["certified_born_on"],
            identity_certified=person["identity_certified"],
        )
        found = quality.wrong_identity(facts.member(person_id, person["name"], unit_id), identity)
        if found is not None:
            yield found
    for unit_id, counted in missing.items():
        blank = quality.blanks(unit_id, facts.units.name(unit_id), counted, people[unit_id])
        if blank is not None:
            yield blank


def entries(facts: Facts) -> Iterator[Found]:
    """W12 of the ledger: entries whose document has no proper number, each at its first unit."""
    rows = LedgerEntry.objects.order_by("pk", "postings__pk").values_list(
        "pk", "number", "document__doc_no", "postings__account__organization_id"
    )
    wrong: dict[int, tuple[str, str, int | None]] = {}
    for pk, number, doc_no, unit_id in rows.iterator(chunk_size=2000):
        if not quality.has_proper_number(doc_no):
            known = wrong.get(pk, (number, doc_no, None))[2]
            wrong[pk] = (number, doc_no, known or unit_id)
    for pk, (number, doc_no, first_unit) in wrong.items():
        found = quality.entry_without_number(pk, number, doc_no, first_unit, facts.units.name(first_unit))
        if found is not None:
            yield found


def near_totals(facts: Facts) -> Iterator[Found]:
    """W14."""
    balances = totals(facts.today)
    percent = TOTAL_WARNING_PERCENT.number
    for tier in Tier:
        for each in counted_types():
            allotted = sum(balances.get((kind, tier.value, each.code), 0) for kind in ("unit", "body"))
            kept = sum(
                balances.get((kind, tier.value, each.code), 0)
                for kind in ("reserve", "rotating_pool", "talent_reserve")
            )
            found = quota.near_total(
                tier.value, tier.label, each.code, each.label, allotted=allotted, total=allotted + kept, percent=percent
            )
            if found is not None:
                yield found
