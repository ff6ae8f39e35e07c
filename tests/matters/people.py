"""The people of the cases: real users with real roles in the district of `tests.cast`.

    def test_something(people):
        people.cast.member(people.cast.bureau, "A1")       # the district of tests.cast
        people.education, people.primary                   # 教育局 and 第二小学, which it supervises (6 A1, 5 B5)
        case = people.draft("P05", {...})                  # by the clerk of 财政局, with the papers it asks for
        case = people.apply("P05", {...})                  # the same, sent in
        people.agree(case, people.head)                    # whoever has an open task; values={...} fills its fields
        people.pass_on(case, people.head, people.office_clerk, people.deputy)   # several in a row

Matters are installed by the fixture `matters`: those the module names (`MATTERS = ("P05",)`), or all.

Fixtures (`tests/matters/conftest.py`): `cast` (tests.cast.Cast) and `people` (this). Users, by what they do:

    clerk, head            经办 and 负责人 of 财政局 (cast.bureau)
    school_clerk           经办 of 第二小学; its unit has no 负责人
    reviewer               主管部门审核 of 教育局, with its subtree
    outsider               经办 of 审计局 (cast.audit_office)
    office_clerk, deputy, director, supervision, secretary         编办 and 编委
    other_clerk            a second 编办经办
    liaison_organization, liaison_hr, liaison_finance              联络员
    system_admin, security_admin, audit_admin                      三员

`people.again(user)` reads a user anew (roles are kept on the object); the password is `tests.accounts.people.PASSWORD`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.matters.models import Case
from bianzhi.matters.rules.evidence import asked_for, evidence_from_json
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.handling import handle
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.models import Organization
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.selectors.standing import tasks_of
from tests.accounts.people import CONSOLE, account
from tests.cast import TODAY, Cast, _allot, make_unit
from tests.small_papers import small_pdf

OFFICE_ROLES = {
    "office_clerk": "office_clerk",
    "other_clerk": "office_clerk",
    "deputy": "office_deputy",
    "director": "office_director",
    "supervision": "office_supervision",
    "secretary": "commission_secretary",
    "liaison_organization": "liaison_organization",
    "liaison_hr": "liaison_hr",
    "liaison_finance": "liaison_finance",
    "system_admin": "system_admin",
    "security_admin": "security_admin",
    "audit_admin": "audit_admin",
}
"""Attribute (and account name) → role of those who see the whole district."""


@dataclass
class People:
    """Who takes part in cases, and where."""

    cast: Cast
    education: Organization
    primary: Organization
    users: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["users"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def draft(
        self,
        matter: str,
        form: Mapping[str, Any],
        *,
        by: User | None = None,
        at: Organization | None = None,
        papers: bool = True,
        today: date = TODAY,
    ) -> Case:
        """A draft with a file for every paper its form asks for."""
        by = by or self.clerk
        unit = at or self.cast.bureau
        case = begin_case(actor=by, matter=matter, organization_id=unit.pk, form=form, today=today)
        if papers:
            for spec in asked_for(evidence_from_json(case.version.evidence), case.form):
                attach(
                    actor=by,
                    case_id=case.pk,
                    name=f"{spec.code}.pdf",
                    data=small_pdf(spec.code),
                    evidence=spec.code,
                    today=today,
                )
        return case

    def apply(self, matter: str, form: Mapping[str, Any], *, by: User | None = None, **about: Any) -> Case:
        """A case sent in."""
        case = self.draft(matter, form, by=by, **about)
        today = about.get("today", TODAY)
        return submit_case(actor=by or self.clerk, case_id=case.pk, today=today).case

    def task(self, case: Case, user: User, today: date = TODAY) -> FlowTask:
        """The user's open task of a case."""
        rows = FlowTask.objects.filter(tasks_of(user, today), instance_id=case.instance_id, status=TaskStatus.TODO)
        return rows.exclude(kind="copy").get()

    def decide(
        self, case: Case, user: User, verdict: str, text: str = "同意", *, today: date = TODAY, **more: Any
    ) -> Case:
        """An opinion on the user's open task."""
        task = self.task(case, user, today)
        handle(actor=user, task_id=task.pk, verdict=verdict, text=text, today=today, **more)
        case.refresh_from_db()
        return case

    def agree(self, case: Case, user: User, **more: Any) -> Case:
        """同意 on the user's open task."""
        return self.decide(case, user, "agree", **more)

    def pass_on(self, case: Case, *users: User, today: date = TODAY) -> Case:
        """同意 by several people in a row."""
        for user in users:
            self.agree(case, user, today=today)
        return case

    def at(self, case: Case) -> list[str]:
        """The steps whose tasks are open."""
        rows = FlowTask.objects.filter(instance_id=case.instance_id, status=TaskStatus.TODO).exclude(kind="copy")
        return sorted(rows.values_list("node_id", flat=True))

    def again(self, user: User) -> User:
        """The user read anew."""
        return User.objects.get(pk=user.pk)


def gather(cast: Cast) -> People:
    """The district with two units more, and everybody."""

    def unit(code: str, name: str, **facts: Any) -> Organization:
        return make_unit(actor=cast.office, code=code, name=name, document=cast.document, **facts)

    education = unit("T005", "测试区教育局", org_type="31", rank="141")
    primary = unit("T006", "测试区第二小学", org_type="80", institution_class="83", supervising_department=education)
    _allot(cast, education, {"A1": 6})
    _allot(cast, primary, {"B5": 5})
    people = People(cast, education, primary)
    for name, role in OFFICE_ROLES.items():
        people.users[name] = account(name, role)
    people.users["clerk"] = account("clerk", "unit_clerk", organization_id=cast.bureau.pk)
    people.users["head"] = account("head", "unit_head", organization_id=cast.bureau.pk)
    people.users["outsider"] = account("outsider", "unit_clerk", organization_id=cast.audit_office.pk)
    people.users["school_clerk"] = account("school_clerk", "unit_clerk", organization_id=primary.pk)
    people.users["reviewer"] = _reviewer(education)
    return people


def _reviewer(education: Organization) -> User:
    user = account("reviewer")
    grant_role(
        actor=CONSOLE,
        user_id=user.pk,
        role="supervising_reviewer",
        organization_id=education.pk,
        includes_subtree=True,
    )
    return User.objects.get(pk=user.pk)
