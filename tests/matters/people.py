"""The people of the cases: real users with real roles in the district of `tests.cast`.

    def test_something(people):
        case = people.drafted("P05", {...})                # by the clerk of 财政局
        people.cast.member(people.cast.bureau, "A1")       # the district of tests.cast
        people.education, people.primary                   # 教育局 and 第二小学, which it supervises (5 B5, 6 A1)

Fixtures (`tests/matters/conftest.py`): `cast` (tests.cast.Cast) and `people` (this). Users, by what they do:

    clerk, head            经办 and 负责人 of 财政局 (cast.bureau)
    school_clerk           经办 of 第二小学; its unit has no 负责人
    reviewer               主管部门审核 of 教育局, with its subtree
    outsider               经办 of 审计局 (cast.audit_office)
    office_clerk, deputy, director, supervision, secretary         编办 and 编委
    other_clerk            a second 编办经办
    liaison_organization, liaison_hr, liaison_finance              联络员
    system_admin, security_admin, audit_admin                      三员

`people.again(user)` reads a user anew (roles are kept on the object). Password of all: `tests.accounts.people.PASSWORD`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.organizations.models import Organization
from tests.accounts.people import CONSOLE, account
from tests.cast import Cast, _allot, make_unit

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
