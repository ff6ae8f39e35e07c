"""What the personnel register contributes to the pages of the platform: menu, search, lookups, tabs, figures."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bianzhi.archives.selectors import subjects
from bianzhi.common import jobs
from bianzhi.common.web import lookups, navigation, search, tabs
from bianzhi.documents import visibility
from bianzhi.kernel import clock
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.organizations import figures
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.personnel import search_source
from bianzhi.personnel.models import Appointment, Movement, Occupancy, Person, PersonChange, StaffingApproval
from bianzhi.personnel.selectors.quota_use import quota_use
from bianzhi.personnel.web import finding, reorganizing, unit_tabs
from bianzhi.search import sources

UNIT_PAGE = "organization"


def register() -> None:
    """Put everything in its place; called once at start."""
    _register_menu()
    search.register_provider(search.Provider("人员", finding.find_persons, "user", "personnel.view", order=20))
    search.register_provider(
        search.Provider("人员变动", finding.find_movements, "transfer", "personnel.view", order=40)
    )
    subjects.register(subjects.Kind(Person._meta.label_lower, "人员", finding.proved))
    lookups.register(
        lookups.Lookup("person", search=finding.options, chosen=finding.chosen, label=lambda row: row.name)
    )
    for tab in (
        tabs.Tab(UNIT_PAGE, "quota", "编制与人员", unit_tabs.roster_tab, order=10, permission="personnel.view"),
        tabs.Tab(UNIT_PAGE, "posts", "领导职数", unit_tabs.posts_tab, order=30, permission="personnel.view"),
        tabs.Tab(
            UNIT_PAGE,
            "movements",
            "业务记录",
            unit_tabs.movements_tab,
            order=50,
            permission="personnel.view",
            count=unit_tabs.movements_count,
        ),
    ):
        tabs.register_tab(tab)
    reorganizing.register()
    figures.register(figures_of)
    visibility.register(cited_documents)
    sources.register(search_source.SOURCE)
    jobs.daily("personnel.index", search_source.turned_over, title="当日生效的人员变动编入检索索引")


def _register_menu() -> None:
    group = navigation.Group.PERSONNEL
    entries = (
        ("人员信息", "users", "people", "personnel.view", ()),
        ("用编计划", "clipboard-list", "plans", "approvals.view", ()),
        ("用编核准", "certificate", "approvals", "approvals.view", ("/personnel/slots/",)),
        ("入编", "user-plus", "enlist", "personnel.move", ()),
        ("调动、出编", "user-minus", "moves", "personnel.move", ()),
        ("人员变动", "transfer", "movements", "personnel.view", ()),
        ("借调挂职", "user-share", "secondments", "personnel.view", ()),
        ("编外与员额", "briefcase", "engagements", "personnel.view", ()),
    )
    for order, (label, icon, name, permission, under) in enumerate(entries, start=1):
        navigation.register(
            navigation.Entry(group, label, icon, f"personnel:{name}", permission, order=order * 10, under=under)
        )


def figures_of(organization_ids: Collection[int], day: date) -> dict[int, figures.Figure]:
    """实有 and 核定 of each unit over all quota types; over as soon as one type is over."""
    counted = {code for code, quota in quota_types().items() if quota.counts_as_quota}
    sums: dict[int, list[int]] = {}
    for (organization_id, code), use in quota_use(organization_ids, day).items():
        if code in counted:
            found = sums.setdefault(organization_id, [0, 0, 0])
            found[0] += use.occupied
            found[1] += use.approved
            found[2] += use.over
    return {pk: figures.Figure(occupied, approved, over > 0) for pk, (occupied, approved, over) in sums.items()}


def cited_documents(user: Any) -> Iterable[QuerySet[Any, Any]]:
    """Documents that rows of the user's units cite, as subqueries of ids."""
    ids = visible_organization_ids(user, clock.today()) or set()
    here = Occupancy.objects.current().filter(organization_id__in=ids)
    yield here.values("entry_document_id")
    yield here.filter(exit_document__isnull=False).values("exit_document_id")
    yield Appointment.objects.current().filter(organization_id__in=ids).values("document_id")
    yield StaffingApproval.objects.filter(organization_id__in=ids, document__isnull=False).values("document_id")
    yield Movement.objects.filter(to_occupancy__organization_id__in=ids).values("document_id")
    yield PersonChange.objects.filter(
        document__isnull=False,
        person_id__in=Occupancy.objects.open_ended().filter(organization_id__in=ids).values("person_id"),
    ).values("document_id")
