"""Every address for every role: who gets an answer, who is refused, and nothing of other units for a unit's clerk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import resolve, reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import Job
from bianzhi.common.web.access import policy_of
from bianzhi.disclosure.models import ExportRequest
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.web import task_acts
from tests.walk.addresses import (
    KEYS,
    LEFT_OUT,
    POST_ONLY,
    PUBLIC,
    Address,
    Whose,
    addresses,
    can_be_supplied,
    routes,
    variants,
)
from tests.walk.district import TODAY, District

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
]  # the first loads the district, on a busy machine as well


def permission_of(path: str) -> str:
    policy = policy_of(resolve(path.partition("?")[0]).func)
    return policy.permission if policy else ""


def content(answer: Any) -> str:
    """All that was sent, downloads included."""
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(data.decode(errors="replace"))


def status_of(answer: Any) -> int:
    """The status of an answer; a file on its way is read to its end, which closes it."""
    content(answer)
    return int(answer.status_code)


def found(whose: Whose) -> list[tuple[Address, str]]:
    return [(address, path) for address in addresses() if (path := address.path(whose)) is not None]


def test_every_route_is_visited_or_left_out_with_a_reason():
    names = {name for name, _ in routes()}
    nowhere = [
        name
        for name, parameters in routes()
        if name not in POST_ONLY and name not in LEFT_OUT and not can_be_supplied(name, parameters)
    ]
    assert nowhere == []
    assert POST_ONLY | set(LEFT_OUT) | PUBLIC <= names, "a list names a route that is gone"


def test_the_district_has_something_for_every_address(district: District):
    assert [str(address) for address in addresses() if address.path(district.whose) is None] == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_page_is_open_to_the_roles_that_hold_its_permission_and_to_nobody_else(district: District, role):
    client, wrong = district.client(role), []
    for address, path in found(district.whose):
        status = status_of(client.get(path))
        permission = permission_of(path)
        refused = bool(permission) and not district.users[role].can(permission)
        expected = {403} if refused else {200, 302} if role == "office_director" else {200, 302, 403, 404}
        expected |= UNFIT if address.name == "readyz" else set()
        wrong += [f"{status} {address} {path}"] if status not in expected else []
    assert wrong == []


UNFIT = {503}
"""What `readyz` answers where no worker runs, as here."""


def test_an_address_that_only_acts_refuses_to_be_read(district: District):
    clients = {
        role: district.client(role) for role in ("security_admin", "office_director", "archivist", "system_admin")
    }
    wrong = []
    for name, parameters in routes():
        if name in POST_ONLY:
            path = reverse(name, kwargs=dict.fromkeys(parameters, 1))
            permission = permission_of(path)
            role = next(role for role in clients if not permission or district.users[role].can(permission))
            status = clients[role].get(path).status_code
            wrong += [f"{status} {path}"] if status != 405 else []
    assert wrong == []


def test_a_stranger_is_sent_to_log_in_from_everywhere(district: District):
    client, wrong = Client(raise_request_exception=False), []
    for address, path in found(district.whose):
        answer = client.get(path)
        sent_on = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        if sent_on == (address.name in PUBLIC):
            wrong.append(f"{answer.status_code} {path}")
    assert wrong == []


FRAGMENT = {"HX-Request": "true"}

# --- the scope of a unit's clerk ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strangers(district: District) -> re.Pattern[str]:
    """Names of people who were never at the clerk's unit, as a pattern; no name somebody visible bears as well."""
    here = (
        Q(occupancies__organization=district.own)
        | Q(engagements__organization=district.own)
        | Q(secondments__to_organization=district.own)
    )
    own = Person.objects.filter(here).values_list("name", flat=True)
    visible = {*own, *User.objects.values_list("display_name", flat=True)}
    elsewhere = Person.objects.exclude(name__in=visible).values_list("name", flat=True)
    names = sorted(name for name in set(elsewhere) if len(name) > 2)
    assert len(names) > 500
    return re.compile("|".join(map(re.escape, names)))


@pytest.mark.parametrize("role", ["unit_clerk", "unit_head"])
def test_what_belongs_to_another_unit_is_not_there_for_a_units_people(district: District, strangers, role):
    client, wrong = district.client(role), []
    for address, path in found(district.of_others):
        if not set(address.parameters) - set(address.words) or address.name in SHARED:
            continue
        answer = client.get(path)
        if answer.status_code not in (403, 404):
            wrong.append(f"{answer.status_code} {address} {path}")
        if leaked := strangers.search(content(answer)):
            wrong.append(f"{leaked[0]} in {address} {path}")
    assert wrong == []


INDIFFERENT = {"archives:crop", "healthz", "personnel:exit_clock", "readyz"}
"""Take no question, or one question only."""

SHARED = {
    "documents:detail",
    "matters:publication",
    "matters:publication_print",
    "organizations:children",
    "personnel:plan",
}
"""What is open to all: publications; and what shows each the own part: documents where cited, the tree, plans."""


ON_SHOW = {"matters:publications", "matters:publication", "matters:publication_print"}
"""公示 names the people it is about to everybody: that is what it is for."""


@pytest.mark.parametrize("role", ["unit_clerk", "unit_head"])
def test_no_page_names_people_of_other_units_to_a_units_people(district: District, strangers, role):
    client, wrong = district.client(role), []
    for address, path in found(district.whose):
        if address.name in ON_SHOW:
            continue
        for asked in (path, path + ("&" if "?" in path else "?") + "date=2021-06-30"):
            leaked = strangers.search(content(client.get(asked)))
            wrong += [f"{leaked[0]} in {address} {asked}"] if leaked else []
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        "/search/?q=王",
        "/search/?q=教育",
        "/search/?q=wang",
        "/lookup/person/?q=王",
        "/lookup/organization/?q=局",
        "/lookup/ledger.body/?q=科",
        "/lookup/document/?q=批复",
        "/personnel/people/?q=王",
        "/personnel/people/?export=csv",
        "/personnel/people/?state=left&export=csv",
        "/personnel/people/?unit={other}&export=csv",
        "/personnel/movements/?export=csv",
        "/personnel/movements/?unit={other}",
        "/personnel/approvals/?export=csv",
        "/personnel/slots/?export=csv",
        "/personnel/engagements/?export=csv",
        "/personnel/secondments/?export=csv",
        "/ledger/?export=csv",
        "/warnings/?export=csv",
        "/reports/t03/?unit={other}",
        "/organizations/?q=局",
    ],
)
def test_search_lists_and_exports_hold_nobody_of_other_units(district: District, strangers, path):
    other = district.of_others.pick(Occupancy.objects.as_of(TODAY), value="organization")
    text = content(district.client("unit_clerk").get(path.format(other=other)))
    assert strangers.search(text) is None


def test_a_branch_of_the_tree_holds_nothing_of_other_units(district: District):
    parent = OrganizationVersion.objects.as_of(TODAY).get(organization=district.own).parent
    assert parent is not None
    path = reverse("organizations:children", args=[parent.pk])
    units = {
        role: set(re.findall(r"/organizations/(\d+)/", content(district.client(role).get(path, headers=FRAGMENT))))
        for role in ("office_clerk", "unit_clerk")
    }
    assert len(units["office_clerk"]) > 10
    assert units["unit_clerk"] == {str(district.own.pk)}


def test_a_person_of_another_unit_is_not_found_by_number(district: District):
    stay = Occupancy.objects.as_of(TODAY).exclude(organization=district.own).select_related("person").first()
    assert stay is not None
    client = district.client("unit_clerk")
    for path in ("/search/?q=", "/lookup/person/?q=", "/personnel/people/?q="):
        text = content(client.get(path + stay.person.id_number))
        assert stay.person.name not in text
        assert f"/personnel/people/{stay.person_id}/" not in text


# --- other methods, the interface, parts of files, what jobs made ---------------------------------------------------

METHODS = ("post", "put", "patch", "delete")
ANSWERS = {403, 404, 405}
NOBODYS = {
    **dict.fromkeys(
        ("common:delete_view", "search:forget", "accounts:end_session", "accounts:passkey_rename"),
        "one's own; a stranger's key is answered like one that is not there, as the tests of their apps show",
    ),
    "workflow:end_delegation": "one's own; tests/workflow shows it",
    "accounts:parameter_reset": "names a setting, not a row",
    "accounts:calendar_confirm": "names a year, not a row",
    **dict.fromkeys(
        ("exchange:decision_revoke", "exchange:key_stop", "exchange:token_revoke", "organizations:withdraw_alias"),
        "for the office alone: a unit's people lack the permission whatever the row",
    ),
}
"""Keyed routes without a row of another unit, and why."""


def _task(whose: Whose) -> int | None:
    """What somebody has to do in a case of the unit, or of another."""
    return whose.pick(FlowTask.objects.filter(status=TaskStatus.TODO), "instance__case__organization")


ACTED_ON = {
    "personnel:return_slot": KEYS["personnel:enlist_on_slot"],
    **dict.fromkeys(("audit:job_cancel", "audit:job_resume"), KEYS["common:job"]),
    **dict.fromkeys([f"workflow:{name}" for name in task_acts.BUTTONS], _task),
}
"""Where the key of a route that only acts comes from, when no page stands at the same address."""


def patterns() -> dict[str, str]:
    """The address of every keyed route with its key left open, by the route's name."""
    found = {}
    for name, parameters in routes():
        words = variants().get(name, [{}])[0]
        open_ones = [parameter for parameter in parameters if parameter not in words]
        if name not in LEFT_OUT and len(open_ones) == 1:
            found[name] = reverse(name, kwargs={**words, open_ones[0]: 0}).partition("/0/")[0]
    return found


def key_of(name: str, known: dict[str, str]) -> Callable[[Whose], int | None] | None:
    """Where the key of a route comes from: its own, or the page's whose address begins like that of a mere act."""
    if name in KEYS or name in ACTED_ON:
        return KEYS.get(name) or ACTED_ON[name]
    owner = next((each for each in KEYS if known.get(each) == known[name]), None)
    return KEYS[owner] if owner is not None else None


def test_every_route_with_a_key_is_tried_with_another_units_or_has_a_reason():
    known = patterns()
    assert [name for name in known if key_of(name, known) is None and name not in NOBODYS] == []
    assert [name for name in NOBODYS if name not in known or key_of(name, known) is not None] == []


def foreign(district: District) -> list[tuple[str, str]]:
    """(route, address) of each keyed route for a row of another unit."""
    known, found = patterns(), []
    for name in known:
        source = key_of(name, known)
        key = source(district.of_others) if source is not None else None
        if key is None or name in SHARED:
            continue
        words = variants().get(name, [{}])[0]
        (parameter,) = [each for each in dict(routes())[name] if each not in words]
        found.append((name, reverse(name, kwargs={**words, parameter: key})))
    return found


def acts_recorded() -> int:
    return AuditEntry.objects.exclude(action__startswith="accounts.").count()


@pytest.mark.parametrize("role", ["unit_clerk", "unit_head"])
@pytest.mark.parametrize("share", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in (1, 2, 3))])
def test_no_method_does_or_shows_anything_of_another_units_rows(district: District, strangers, role, share):
    client, wrong, before = district.client(role), [], acts_recorded()
    addresses_ = foreign(district)
    assert len(addresses_) > 150
    for name, path in addresses_[share::4]:
        for method in METHODS:
            answer = getattr(client, method)(path)
            if answer.status_code not in ANSWERS:
                wrong.append(f"{answer.status_code} {method} {name} {path}")
            if leaked := strangers.search(content(answer)):
                wrong.append(f"{leaked[0]} in {method} {name} {path}")
    assert wrong == []
    assert acts_recorded() == before


def test_the_interface_answers_nobody_without_a_key_whatever_the_method(district: District):
    client, wrong = district.client("unit_clerk"), []
    for name, parameters in routes():
        if not name.startswith("exchange_api:") or name in PUBLIC:
            continue
        path = reverse(name, kwargs=dict.fromkeys(parameters, 1))
        for method in ("get", *METHODS):
            status = getattr(client, method)(path).status_code
            wrong += [f"{status} {method} {name}"] if status not in {401, 403, 404, 405} else []
    assert wrong == []


@pytest.mark.parametrize("name", ["archives:pdf", "archives:picture", "archives:tile", "archives:crop"])
def test_no_part_of_another_units_file_is_sent(district: District, name):
    client = district.client("unit_clerk")
    words = variants().get(name, [{}])[0]
    path = reverse(name, kwargs={"pk": KEYS[name](district.of_others), **words})
    question = "?box=0.1,0.1,0.5,0.1" if name == "archives:crop" else ""
    for part in ("bytes=0-9", "bytes=0-", "bytes=5-5,7-7"):
        answer = client.get(path + question, headers={"Range": part})
        assert answer.status_code in ANSWERS
        assert "Content-Range" not in answer.headers


def test_what_a_job_made_for_another_is_not_there(district: District):
    """The page of a job, and the file of an approved export."""
    job = Job.objects.filter(requested_by=district.users["office_director"]).latest("pk")
    request = ExportRequest.objects.filter(state="pending").latest("pk")
    for role in sorted(set(ROLES) - {"office_director", "system_admin"}):
        client = district.client(role)
        assert client.get(reverse("common:job", args=[job.pk])).status_code == 404, role
        if district.users[role] != request.requested_by and not district.users[role].can("exports.approve"):
            assert client.get(reverse("disclosure:request", args=[request.pk])).status_code == 404, role
            assert client.post(reverse("disclosure:fetch", args=[request.pk])).status_code == 404, role


# --- questions nobody should ask ---------------------------------------------------------------------------------

HUGE = 10**30
ADMINISTERING = ("office_director", "archivist", "system_admin", "security_admin", "audit_admin")
"""Together they may open every page."""


def one_of_each_route() -> list[Address]:
    seen: dict[str, Address] = {}
    for address in addresses():
        seen.setdefault(address.name, address)
    return list(seen.values())


def may_open(district: District, role: str, path: str) -> bool:
    """Whether the page is the role's; what everybody may open is asked for once."""
    permission = permission_of(path)
    return district.users[role].can(permission) if permission else role == "office_director"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("date=abc", {400}),
        ("date=9999-12-31", {200, 302, 400}),
        ("page=999999", {200, 302, 404}),
        ("page=-1", {200, 302, 400, 404}),
        (f"page={HUGE}", {200, 302, 400, 404}),
        (f"unit={HUGE}&person={HUGE}&mode=X&kind=X&sort=nothing&tab=nothing", {200, 302, 400, 404}),
        ("q=%00%F0%9F%98%80&unit=%00&person=%00", {200, 302, 400, 404}),
        ("known=abc&unit=abc&months=abc&parent=abc&export=docx", {200, 302, 400, 404}),
    ],
)
def test_a_question_that_makes_no_sense_gets_an_answer_that_does(district: District, question, expected):
    wrong = []
    for role in ADMINISTERING:
        client = district.client(role)
        for address in one_of_each_route():
            path = str(address.path(district.whose))
            if not may_open(district, role, path) or address.name in INDIFFERENT:
                continue
            asked = f"{path}{'&' if '?' in path else '?'}{question}"
            status = status_of(client.get(asked))
            wrong += [f"{status} {asked}"] if status not in expected else []
    assert wrong == []


@pytest.mark.parametrize("number", [0, 2**31, 2**63, HUGE])
def test_a_number_no_row_has_is_not_found(district: District, number):
    wrong = []
    for role in ADMINISTERING:
        client = district.client(role)
        for address in one_of_each_route():
            missing = [name for name in address.parameters if name not in address.words]
            if not missing:
                continue
            path = reverse(address.name, kwargs={**address.words, missing[0]: number})
            if may_open(district, role, path) and (status := status_of(client.get(path, follow=True))) != 404:
                wrong.append(f"{status} {path}")
    assert wrong == []


@pytest.mark.parametrize("number", [0, 2**63, HUGE])
def test_acting_on_a_row_that_is_not_there_fails_in_words(district: District, number):
    wrong = []
    for role in ("office_director", "archivist", "system_admin", "security_admin"):
        client = district.client(role)
        for name, parameters in routes():
            if (
                name in POST_ONLY
                and parameters
                and name not in ("accounts:parameter_reset", "accounts:calendar_confirm")
            ):
                status = client.post(reverse(name, kwargs=dict.fromkeys(parameters, number))).status_code
                wrong += [f"{status} {name}"] if status not in (400, 403, 404, 422) else []
    assert wrong == []
