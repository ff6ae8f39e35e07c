"""P11 信息变更: locked fields change by a document, old and new kept; taken back they are as before."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.matters import catalogue
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Person, PersonChange
from tests.cast import TODAY
from tests.matters.staffing import (
    accepted,
    always_supervised,
    done,
    finished,
    paper,
    ratified,
    sent_back,
    the_paper,
    without_publication,
)

MATTERS = ("P11",)


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("陈小明"))


def changing(member, **changes):
    return {"person": member.person_id, "reason": "户籍更名", "document": paper("虞公户〔2026〕5号"), **changes}


def test_a_change_is_decided_kept_with_its_old_value_and_noticed(matters, member):
    without_publication("P11")
    form = changing(member, new_name="陈晓明", new_started_work_on="2012-07-01", new_identity="civil_servant")
    case = matters.apply("P11", form)
    assert case.title == "变更陈小明的姓名、参加工作时间、人员身份"
    ratified(matters, accepted(matters, case))
    person = Person.objects.get(pk=member.person_id)
    assert (person.name, person.started_work_on, person.identity) == ("陈晓明", date(2012, 7, 1), "civil_servant")
    change = PersonChange.objects.get(field="name")
    assert (change.old_value, change.new_value) == ("陈小明", "陈晓明")
    assert str(change.document).startswith("虞公户〔2026〕5号")
    notice = the_paper(case)
    assert notice.title == "信息变更通知单"
    assert ["姓名", "陈小明", "陈晓明"] in notice.content["rows"]
    assert ["人员身份", "（空）", "公务员"] in notice.content["rows"]
    finished(matters, case)


def test_the_case_shows_what_the_register_says_beside_what_is_asked(matters, member):
    case = matters.apply("P11", changing(member, new_name="陈晓明", new_f60_track="1"))
    before = catalogue.matter("P11").before_of
    assert before is not None
    shown = before(as_submitted(case, TODAY))
    assert (shown["new_name"], shown["new_f60_track"]) == ("陈小明", "0")


def test_the_number_on_a_paper_is_masked(matters, member):
    number = matters.cast.facts(born=member.person.born_on).id_number
    form = changing(member, new_id_number=number, new_identity_certified="1")
    case = ratified(matters, accepted(matters, matters.apply("P11", form)))
    assert Person.objects.get(pk=member.person_id).id_number == number
    assert number not in str(the_paper(case).content)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "R14"),
        ({"new_name": "陈小明"}, "R14"),
        ({"new_born_on": "1991-01-01"}, "R16"),
        ({"new_id_number": "110105194912310021"}, "R16"),
    ],
)
def test_what_changes_nothing_or_does_not_agree_is_refused(matters, member, changes, code):
    with pytest.raises(Refused) as refused:
        matters.apply("P11", changing(member, **changes))
    assert code in refused.value.codes
    assert not PersonChange.objects.exists()


def test_people_of_other_units_are_not_ours_to_change(matters):
    stranger = matters.cast.member(matters.cast.audit_office)
    with pytest.raises(Refused) as refused:
        matters.apply("P11", changing(stranger, new_name="陈晓明"))
    assert refused.value.codes == ["M21"]


def test_what_was_changed_meanwhile_refuses_the_ratification(matters, member):
    first, second = (matters.apply("P11", changing(member, new_name="陈晓明")) for _ in range(2))
    accepted(matters, second)
    matters.agree(second, matters.deputy)
    ratified(matters, accepted(matters, first))
    with pytest.raises(Refused, match="没有需要变更的内容") as refused:
        matters.agree(second, matters.director)
    assert refused.value.codes == ["D2"]
    assert matters.at(second) == ["ratify"]
    assert done(second) == []
    assert IssuedPaper.objects.filter(case=second).count() == 0


def test_sent_back_and_put_right_the_change_is_made(matters, member):
    case = accepted(matters, matters.apply("P11", changing(member, new_name="陈晓明")))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    ratified(matters, accepted(matters, case))
    assert Person.objects.get(pk=member.person_id).name == "陈晓明"


def test_a_change_sent_back_by_the_supervision_is_changed_back(matters, member):
    always_supervised("P11")
    form = changing(member, new_name="陈晓明", new_started_work_on="2012-07-01")
    case = ratified(matters, accepted(matters, matters.apply("P11", form)))
    sent_back(matters, case, matters.supervision, "review")
    person = Person.objects.get(pk=member.person_id)
    assert (person.name, person.started_work_on) == ("陈小明", None)
    assert PersonChange.objects.count() == 4
