"""The people of the cases are as the other tests count on them."""

from bianzhi.organizations.scopes import visible_organization_ids
from tests.cast import TODAY


def test_everybody_has_the_role_they_are_named_for(people):
    assert people.clerk.can("matters.apply")
    assert not people.head.can("matters.apply")
    assert people.director.can("rules.override")
    assert people.system_admin.can("matters.configure")


def test_the_reviewer_reaches_the_school_its_department_supervises(people):
    assert visible_organization_ids(people.reviewer, TODAY) == {people.education.pk, people.primary.pk}
