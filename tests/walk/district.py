"""The small synthetic district, loaded once for a module of tests, with an account for every role.

It is committed (a browser and the server it talks to share it) and taken away when the module ends.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.roles import ROLES
from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import create_user
from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.demo.accounts import ACCOUNTS, PASSWORD
from bianzhi.demo.load import load_district
from bianzhi.imports.services.batches import receive_file
from bianzhi.imports.services.checking import check_batch
from bianzhi.kernel.clock import CHINA
from bianzhi.kernel.files import Upload
from bianzhi.office.models import Audience, MessageKind
from bianzhi.office.rules.wording import Words
from bianzhi.office.services.events import EventFacts, plan_event
from bianzhi.office.services.messages import News, tell
from bianzhi.office.services.notices import NoticeFacts, draft_notice, publish_notice
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items
from bianzhi.recovery.services.noting import DrillFacts, note_drill
from bianzhi.reports.services.warnings import compute_warnings
from tests import database_reset
from tests.small_papers import small_pdf
from tests.walk.addresses import Whose
from tests.walk.compared import compare_something
from tests.walk.given_back import give_something_back
from tests.walk.kept import keep_something
from tests.walk.supervised import show_cases, sign_by_hand, supervise

TODAY = date(2026, 11, 23)
TESTER = System("测试")


@dataclass(frozen=True)
class District:
    """What the tests know of the loaded district."""

    users: dict[str, User]
    """One for every role, by the code of the role."""
    own: Organization
    """The unit of the unit clerk."""
    own_name: str

    @property
    def whose(self) -> Whose:
        return Whose(self.own)

    @property
    def of_others(self) -> Whose:
        return Whose(self.own, outside=True)

    def client(self, role: str) -> Client:
        """A browser in which the user of a role is logged in; a failure of the site is an answer 500."""
        client = Client(raise_request_exception=False)
        client.force_login(self.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture(scope="module")
def district(django_db_setup: None, django_db_blocker: Any) -> Iterator[District]:
    with database_reset.kept_for_a_module(django_db_blocker) as patch:
        patch.setenv("BIANZHI_TODAY", TODAY.isoformat())
        yield _loaded()


def _loaded() -> District:
    load_district(size="small", today=TODAY, say=lambda _: None)
    compute_warnings(actor=TESTER, today=TODAY)
    grant = RoleGrant.objects.get(user__username="caizheng")
    assert grant.organization_id is not None
    own = Organization.objects.get(pk=grant.organization_id)
    users = _users(own)
    clerk = users["office_clerk"]
    batch = receive_file(actor=clerk, data=_roster(), name="人员名册.xlsx", kind="roster")
    check_batch(actor=clerk, batch_id=batch.pk, today=TODAY)
    item = PlanItemFacts(
        organization_id=own.pk, unit_name="云江区财政局", headcount=2, quota_type="A1", entry_mode="I01"
    )
    create_plan_with_items(
        actor=clerk, today=TODAY, plan=PlanFacts(title="年度用编计划", year=2026, source_digest="0"), items=[item]
    )
    other = OrganizationVersion.objects.as_of(TODAY).exclude(organization=own).filter(is_grouping=False)
    inspector, elsewhere = users["office_supervision"], other.order_by("pk")[0].organization
    supervise(inspector, own, elsewhere, TODAY)
    show_cases(inspector, own, elsewhere, TODAY)
    sign_by_hand(inspector, users["office_director"], (own, elsewhere), TODAY)
    give_something_back()
    compare_something(clerk, own, elsewhere, TODAY)
    keep_something(users["archivist"], users["unit_clerk"], own, TODAY)
    _communicate(users)
    note_drill(actor=TESTER, facts=DrillFacts(datetime(2026, 11, 23, 2, tzinfo=CHINA), problems=["没有备份"]))
    jobs.enqueue(
        "imports.check", title="检查《人员名册.xlsx》", params={"batch": batch.pk}, actor=users["office_director"]
    )
    return District(users, own, OrganizationVersion.objects.as_of(TODAY).get(organization=own).name)


def _communicate(users: dict[str, User]) -> None:
    """Notices, a draft, meetings and messages: for everybody, and for the director alone."""
    director = users["office_director"]
    alone = {"audience": Audience.PEOPLE, "audience_keys": (director.pk,)}
    for audience in ({}, alone):
        facts = NoticeFacts(title="通知", body="请知悉。", **audience)  # type: ignore[arg-type]
        draft = draft_notice(actor=director, facts=facts, files=[Upload("说明.pdf", small_pdf("说明"))])
        publish_notice(actor=director, notice_id=draft.pk, today=TODAY)
    draft_notice(actor=director, facts=NoticeFacts(title="草稿", body="待核对。"))
    starts = datetime(2026, 11, 24, 9, tzinfo=CHINA)
    ends = starts + timedelta(hours=1)
    for people in (frozenset(user.pk for user in users.values()), frozenset[int]()):
        plan_event(actor=director, facts=EventFacts("会商", starts, ends, participants=people))
    deliver_waiting()
    news = News(director.pk, MessageKind.ENDED, Words("已办结：一件事"), "/organizations/")
    tell(actor=TESTER, event="test:1", news=[news])


def _users(own: Organization) -> dict[str, User]:
    """The demo's accounts, and one for each role that has none there."""
    names = {account.role: account.username for account in reversed(ACCOUNTS)}  # of several, the first
    for code in sorted(set(ROLES) - set(names)):
        user = create_user(
            actor=TESTER,
            username=code.replace("_", "-"),
            display_name=ROLES[code].label,
            password=PASSWORD,
            must_change=False,
        )
        unit = None if ROLES[code].whole_district else own.pk
        grant_role(actor=TESTER, user_id=user.pk, role=code, organization_id=unit)
        names[code] = user.username
    return {code: User.objects.get(username=username) for code, username in names.items()}


def _roster() -> bytes:
    """A roster with one damaged number, so that there are findings to show."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["单位名称", "姓名", "身份证号", "编制类型", "入编时间"],
        ["没有这个单位", "试一试", "330699199001010000", "行政编制", "2020.7"],
    ):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
