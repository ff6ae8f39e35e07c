"""Choices inside tables that follow from units named elsewhere in the form (P07: 科室 of the units that merge)."""

import pytest
from django.http import QueryDict

from bianzhi.matters.catalogue import matter
from bianzhi.matters.web.forms.case import case_form
from bianzhi.matters.web.forms.fields import Place
from bianzhi.organizations.services import NewBody, add_body
from tests.cast import FOUNDED, TODAY


@pytest.fixture
def merger(people):
    """The form of a merger with what it keeps, or with what was sent."""

    def build(*, values=None, data=None):
        place = Place(people.cast.bureau.pk, TODAY, people_url="/people/")
        sent = QueryDict(data) if data is not None else None
        return case_form(matter("P07-3").fields, place, user=people.director, values=values or {}, data=sent)

    return build


def offered(form, name="bodies-0-body"):
    return [words for _, words in form.fields[name].choices]


def test_the_sections_of_every_unit_that_merges_are_offered_with_its_name(people, merger):
    cast = people.cast
    body = NewBody(organization_id=cast.audit_office.pk, name="固投科", effective_on=FOUNDED)
    add_body(actor=cast.office, document=cast.document, body=body)
    assert offered(merger()) == ["请先选择单位"]
    assert offered(merger(values={"sources": [{"unit": cast.bureau.pk}]})) == ["请选择", "综合科", "预算科"]
    both = {"sources": [{"unit": cast.audit_office.pk}, {"unit": cast.bureau.pk}]}
    assert offered(merger(values=both))[1:3] == ["测试区审计局：固投科", "测试区财政局：综合科"]


def test_units_just_typed_count_before_those_kept(people, merger):
    cast = people.cast
    form = merger(data=f"sources-0-unit={cast.bureau.pk}&bodies-0-body=&bodies-0-to_name=")
    assert offered(form) == ["请选择", "综合科", "预算科"]


def test_a_table_follows_the_units_its_choices_come_from(merger):
    followers = merger().dependents
    assert [part.spec.name for part in followers["sources"]] == ["bodies"]
