"""What the personnel register shows on the page of a unit: quota and roster, leadership posts, business records."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.lists import ChoiceFilter, ListPage
from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.selectors.basis import FigureBasis, latest_basis
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import Appointment, Movement
from bianzhi.personnel.rules.capacity import NO_USE, QuotaUse
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.people import on_quota_rows, with_duty
from bianzhi.personnel.selectors.quota_use import post_use, quota_use
from bianzhi.personnel.web.filters import DayChoiceFilter
from bianzhi.personnel.web.movements import MovementList, at_units
from bianzhi.personnel.web.people_list import STATES, PeopleList
from bianzhi.personnel.web.words import quota_choices


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One quota type of a unit with the document its number rests on."""

    code: str
    label: str
    use: QuotaUse
    basis: FigureBasis | None
    figure_url: str


@dataclass(frozen=True, slots=True)
class QuotaTable:
    """The quota of a unit. 空编 and 超编 of different types are never netted: the totals are sums of positives."""

    lines: list[QuotaLine]
    others: list[QuotaLine]

    @property
    def total(self) -> QuotaUse:
        """核定, 实有 and 预占 together."""
        return sum((line.use for line in self.lines), NO_USE)

    @property
    def vacant(self) -> int:
        """空编 of all types that have any."""
        return sum(line.use.vacant for line in self.lines)

    @property
    def over(self) -> int:
        """超编 of all types that have any."""
        return sum(line.use.over for line in self.lines)

    @property
    def available(self) -> int:
        """What may still be given out over all types that have any room."""
        return sum(max(line.use.available, 0) for line in self.lines)


def quota_table(organization_id: int, day: date) -> QuotaTable:
    """核定、实有、空编、超编、预占、可用 by quota type, in five queries."""
    uses = quota_use([organization_id], day)
    bases = latest_basis([organization_id], day)
    lines: list[QuotaLine] = []
    others: list[QuotaLine] = []
    for code, quota in quota_types().items():
        use = uses.get((organization_id, code))
        if use is None or use == NO_USE:
            continue
        url = reverse("ledger:figure", args=[organization_id, code])
        line = QuotaLine(code, quota.label, use, bases.get((organization_id, code)), url)
        (lines if quota.counts_as_quota else others).append(line)
    return QuotaTable(lines, others)


class UnitRoster(PeopleList):
    """The roster of one unit, without the columns every row would repeat."""

    key = "personnel.unit_roster"
    title = "人员名册"
    columns = tuple(column for column in PeopleList.columns if column.key != "unit")
    filters = (
        ChoiceFilter(key="quota_type", label="编制类型", choices=quota_choices(), narrow="quota_type"),
        DayChoiceFilter(key="state", label="状态", choices=STATES, by_day=with_duty),
    )
    ordering = ("body_sort", "person_id")

    @property
    def shows_left(self) -> bool:
        """The roster holds who is on quota."""
        return False


def roster_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """编制与人员: the quota table and the roster below it."""
    rows = on_quota_rows(request.as_of).filter(organization=unit)
    roster = UnitRoster(request, rows).embedded()
    if isinstance(roster, HttpResponseBase):
        return roster
    context = {"unit": unit, "table": quota_table(unit.pk, request.as_of), "roster": roster}
    return render_to_string("personnel/unit_quota.html", context, request=request)


def posts_tab(request: PageRequest, unit: Organization) -> SafeString:
    """领导职数: by level, and who holds the posts."""
    uses = post_use([unit.pk], request.as_of)
    bases = latest_basis([unit.pk], request.as_of)
    held = list(
        Appointment.objects.as_of(request.as_of)
        .filter(organization=unit)
        .exclude(post_level="")
        .select_related("person", "document")
        .order_by("internal_body_id", "valid_from")
    )
    order = [entry.code for entry in codes("post_level")]
    held.sort(key=lambda row: order.index(row.post_level) if row.post_level in order else len(order))
    bodies = body_names({row.internal_body_id for row in held if row.internal_body_id}, request.as_of)
    levels: list[dict[str, Any]] = [
        {
            "label": entry.name,
            "use": uses.get((unit.pk, entry.code), NO_USE),
            "high": sum(1 for row in held if row.post_level == entry.code and row.is_high_rank),
            "part_time": sum(1 for row in held if row.post_level == entry.code and not row.is_principal),
            "basis": bases.get((unit.pk, entry.code)),
        }
        for entry in codes("post_level")
    ]
    context = {
        "levels": [each for each in levels if each["use"] != NO_USE or each["part_time"]],
        "vacant": sum(each["use"].vacant for each in levels),
        "over": sum(each["use"].over for each in levels),
        "total": sum((each["use"] for each in levels), NO_USE),
        "held": held,
        "bodies": bodies,
    }
    return render_to_string("personnel/unit_posts.html", context, request=request)


class UnitMovements(MovementList):
    """The movements from and to one unit."""

    key = "personnel.unit_movements"
    title = "业务记录"
    filters = MovementList.filters[1:]


def unit_movements(unit: Organization, day: date) -> QuerySet[Movement]:
    """Movements from or to a unit effective by a day."""
    rows = Movement.objects.filter(at_units([unit.pk]), effective_on__lte=day)
    return rows.select_related("person", "document", "from_occupancy", "to_occupancy")


def movements_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """业务记录: everything that happened to people of the unit."""
    listing: ListPage = UnitMovements(request, unit_movements(unit, request.as_of))
    body = listing.embedded()
    if isinstance(body, HttpResponseBase):
        return body
    return format_html('<section class="panel panel-flush"><div class="panel-body">{}</div></section>', body)


def movements_count(request: PageRequest, unit: Organization) -> int:
    """How many movements the tab shows."""
    return unit_movements(unit, request.as_of).count()
