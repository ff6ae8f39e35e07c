"""Every page of the site in a real browser, for the people who work with it."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve, reverse

from bianzhi.accounts.roles import ROLES
from bianzhi.common.web.access import policy_of
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.quota_use import quota_use
from tests.walk.addresses import PUBLIC, Address, addresses
from tests.walk.district import TODAY, District

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NOT_PAGES = {
    "accounts:login": "sends somebody who is logged in to the start page; walked in tests/accounts",
    "archives:crop": "a picture",
    "archives:pdf": "a file for the viewer",
    "archives:picture": "a picture",
    "archives:tile": "a picture",
    "common:lookup": "JSON for the searching fields",
    "healthz": "a line for monitoring",
    "readyz": "lines for monitoring",
    "imports:annotated": "a file",
    "imports:original": "a file",
    "imports:template": "a file",
    "search:suggest": "JSON for the search box",
    "organizations:children": "a fragment of the tree",
    "matters:attachment": "a file",
    "matters:people": "JSON for the fields that look for people",
    "office:calendar_file": "a file",
    "office:notice_file": "a file",
    "personnel:exit_clock": "a fragment beside the exit form",
    "workflow:download": "a file",
    "workflow:opinion_paper": "a file",
}
"""Addresses that show nothing in a window of their own, and what they are."""

READERS = ("office_director", "office_supervision", "archivist", "system_admin", "security_admin", "audit_admin")
"""Who looks at a page: the first of these who holds its permission."""

OF_ALIKE = {
    "organizations:act": {"rename", "correct", "abolish", "credit-code"},
    "organizations:body_act": {"change"},
    "personnel:reorganize": {"merge", "split"},
    "ledger:act": {"increase", "transfer", "body", "posts"},
}
"""Of forms that are built alike some are looked at by default; all of them with --all."""


def weight(address: Address) -> list[pytest.MarkDecorator]:
    chosen = OF_ALIKE.get(address.name)
    is_small = chosen is None or not address.words or set(address.words.values()) & chosen
    return [] if is_small else [pytest.mark.slow]


PAGES = [
    pytest.param(address, id=str(address), marks=weight(address))
    for address in addresses()
    if address.name not in NOT_PAGES and address.name not in PUBLIC
]
PRINTED = ["personnel:approval_print", "personnel:notice", "ledger:statement_sheet", "organizations:history"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_quiet_and_fits_the_window(visitor_of, district: District, address: Address):
    path = address.path(district.whose)
    assert path is not None, f"the district has nothing {address} could show"
    visitor = visitor_of(reader_of(path))
    # A roster of the whole district on one sheet takes axe a minute.
    narrowed = f"?unit={district.own.pk}" if address.name == "reports:print" else ""
    visitor.see(f"{path}{narrowed}")


def reader_of(path: str) -> str:
    """The role that looks at an address."""
    policy = policy_of(resolve(path.partition("?")[0]).func)
    assert policy is not None
    asked = {permission for permission in (policy.permission, policy.also) if permission}
    return next(role for role in READERS if asked <= ROLES[role].permissions)


@pytest.mark.parametrize(
    "name",
    ["reports:workbench", "organizations:index", "organizations:detail", "personnel:people", "personnel:person",
     "personnel:approvals", "personnel:movements", "ledger:entries", "ledger:statement", "ledger:figure",
     "documents:list", "reports:index", "reports:warnings", "search:results", "common:help", "accounts:profile"],
)  # fmt: skip
def test_a_unit_clerk_reads_the_pages_of_the_own_unit(visitor_of, district: District, name):
    address = next(address for address in addresses() if address.name == name)
    visitor_of("unit_clerk").see(address.path(district.whose))


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin", "archivist"])
def test_who_has_no_business_with_the_register_still_has_a_start_page(visitor_of, role):
    visitor_of(role).see("/")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/personnel/people/999999/", 404, "没有"),
        ("/accounts/users/", 403, "权限"),
        ("/?date=abc", 400, "日期"),
        ("/personnel/people/?q=没有这样一个人", 200, "没有"),
        ("/search/?q=没有这样一个词", 200, "没有"),
    ],
)
def test_a_page_with_nothing_to_show_says_why(visitor_of, path, status, words):
    visitor = visitor_of("office_clerk")
    page = visitor.open(path, status)
    if status >= 400:
        visitor.errors.clear()  # the browser itself notes the status
    assert words in page.inner_text("body")
    assert visitor.faults() == []


# --- the figures, with and without script ------------------------------------------------------------------------


def a1_line(page) -> list[str]:
    """核定, 实有, 空编, 超编 of 行政编制 as the unit page writes them."""
    line = page.get_by_role("table", name="编制核定与使用").locator("tbody tr", has_text="行政编制").first
    return [cell.inner_text().strip() for cell in line.locator("td").all()][1:5]


def dashed(number: int) -> str:
    return str(number) if number else "—"


@pytest.mark.parametrize("javascript", [True, False])
def test_the_unit_page_shows_the_units_own_figures(visitor_of, district: District, javascript):
    use = quota_use([district.own.pk], TODAY)[(district.own.pk, "A1")]
    visitor = visitor_of("unit_clerk", javascript=javascript)
    page = visitor.open(reverse("organizations:detail", args=[district.own.pk]) + "?tab=quota")
    assert use.approved > 0
    assert a1_line(page) == [str(use.approved), str(use.occupied), dashed(use.vacant), dashed(use.over)]
    past = visitor.open(page.url.removeprefix(visitor.site) + "&date=2018-06-30")
    assert "2018-06-30" in past.inner_text(".day-bar")


def test_without_script_the_main_pages_show_their_figures(visitor_of, district: District):
    visitor = visitor_of("office_director", javascript=False)
    people = Occupancy.objects.as_of(TODAY).count()
    for path, figure in (("/", people), ("/personnel/people/", people)):
        assert f"{figure:,}" in visitor.open(path).inner_text("#main"), path
    stay = Occupancy.objects.as_of(TODAY).filter(organization=district.own).order_by("pk").select_related("person")[0]
    assert stay.person.name in visitor.open(f"/personnel/people/{stay.person_id}/").inner_text("h1")
    visitor.open("/personnel/people/").locator(".list-bar input[name=q]").fill(stay.person.name)
    visitor.page.locator(".list-bar button[type=submit]").first.click()
    rows = visitor.page.locator("tbody tr").all_inner_texts()
    assert 1 <= len(rows) < people
    assert all(stay.person.name in row for row in rows)
    visitor.open("/organizations/").locator("nav.tree a").first.click()
    assert re.search(r"/organizations/\d+/", visitor.page.url)


@pytest.mark.parametrize("name", PRINTED)
def test_a_sheet_is_printed_without_the_shell(visitor_of, district: District, name):
    visitor = visitor_of("office_director")
    address = next(address for address in addresses() if address.name == name)
    visitor.open(address.path(district.whose))
    assert "虚构" in visitor.on_paper()


@pytest.mark.parametrize("path", ["/", "/personnel/people/", "/ledger/", "/reports/t03/", "/reports/t03/print/"])
def test_a_page_on_paper_leaves_the_menu_out(visitor_of, path):
    visitor = visitor_of("office_director")
    visitor.open(path)
    visitor.on_paper()
