"""P07 设立、更名、撤销、划转、调整、拆分 as cases: who decides, what is asked, what the register says after."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.balances import approved
from bianzhi.matters import catalogue
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.selectors.drafts import being_written
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.selectors.units import as_of, bodies
from bianzhi.personnel.models import Occupancy
from bianzhi.workflow.models import CommandExecution
from bianzhi.workflow.services.returning import return_task
from tests.cast import TODAY
from tests.matters import establishing as given

MATTERS = ("P07-1", "P07-2", "P07-4", "P07-5", "P07-6", "P07-7")
UPPER_LEVEL = ["consult", "accept", "review", "commission", "upper", "reply", "ratify"]
WITH_SIGNERS = ["consult", "accept", "review", "joint", "commission", "upper", "reply", "ratify"]
OFFICE_ALONE = ["accept", "review", "reply", "ratify"]
YESTERDAY = date(2024, 5, 6)


def new_center(matters, **other):
    return {
        "name": "测试区大数据中心",
        "org_type": "80",
        "institution_class": "83",
        "nature": "institution",
        "rank": "142",
        "funding_form": "full",
        "supervising_department": matters.cast.bureau.pk,
        "duties": "承担公共数据归集",
        "bodies": [{"name": "综合科", "rank": "151"}],
        "quota": [{"quota_type": "B1", "amount": 12}],
        "posts": [{"post_level": "org_chief", "number": 1}],
        **given.REASONS,
        **other,
    }


def version_of(organization):
    return OrganizationVersion.objects.as_of(TODAY).get(organization=organization)


def now_of(code, case):
    """What the register says beside the case's form."""
    before_of = catalogue.matter(code).before_of
    assert before_of is not None
    return before_of(being_written(case, TODAY))


def refusal(matters, code, form, **about):
    case = matters.draft(code, form, **about)
    with pytest.raises(Refused) as refused:
        submit_case(actor=about.get("by", matters.clerk), case_id=case.pk, today=TODAY)
    return refused.value


def test_a_center_of_deputy_section_rank_is_set_up_by_the_upper_level(matters):
    case = matters.apply("P07-1", new_center(matters))
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == UPPER_LEVEL
    unit = OrganizationVersion.objects.get(name="测试区大数据中心")
    assert unit.document.doc_no == "绍市编〔2026〕8号"
    assert [each.name for each in bodies(unit.organization_id, TODAY)] == ["综合科"]
    assert approved([unit.organization_id], TODAY)[unit.organization_id, "B1"] == 12
    assert ["机构规格", "副科（乡）级"] in IssuedPaper.objects.get(case=case).content["lines"]


def test_an_institution_without_rank_is_set_up_by_the_office_itself(matters):
    case = matters.apply("P07-1", new_center(matters, rank="191"))
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == OFFICE_ALONE
    assert OrganizationVersion.objects.get(name="测试区大数据中心").document.issuer_level == "office"


def test_a_request_that_lacks_what_it_must_contain_is_told_everything_at_once(matters):
    form = new_center(matters)
    for name in ("duties", "funding_form", "posts"):
        del form[name]
    refused = refusal(matters, "P07-1", form)
    assert refused.codes == ["D2"]
    assert "主要职责、经费来源、领导职数" in str(refused)


def test_administrative_quota_for_an_institution_is_refused_while_applying(matters):
    form = new_center(matters, quota=[{"quota_type": "A1", "amount": 3}])
    assert refusal(matters, "P07-1", form).codes == ["R05"]


def test_more_quota_than_the_district_has_in_reserve_is_refused_while_applying(matters):
    form = new_center(matters, quota=[{"quota_type": "B1", "amount": 51}])
    assert refusal(matters, "P07-1", form).codes == ["R06"]


def test_a_school_is_renamed_by_the_office(matters):
    form = {"unit": matters.primary.pk, "name": "测试区实验小学", **given.REASONS}
    case = matters.apply("P07-2", form, by=matters.reviewer, at=matters.education)
    assert case.title == "测试区第二小学更名为测试区实验小学"
    assert given.carried(matters, case) == OFFICE_ALONE
    assert version_of(matters.primary).name == "测试区实验小学"


def test_a_form_is_begun_with_the_applying_unit(matters):
    case = begin_case(actor=matters.clerk, matter="P07-2", organization_id=matters.cast.bureau.pk, today=TODAY)
    assert case.form == {"unit": matters.cast.bureau.pk}
    assert case.title == "测试区财政局更名"


def test_a_name_in_use_is_refused_while_applying(matters):
    form = {"unit": matters.primary.pk, "name": "测试区第一小学", **given.REASONS}
    refused = refusal(matters, "P07-2", form, by=matters.reviewer, at=matters.education)
    assert refused.codes == ["organization.name_taken"]
    form = {"unit": matters.primary.pk, **given.REASONS}
    assert refusal(matters, "P07-2", form, by=matters.reviewer, at=matters.education).codes == ["D2"]


def test_a_wrong_levels_paper_does_not_carry_a_decision(matters):
    form = {"unit": matters.cast.bureau.pk, "name": "测试区财政和国资局", **given.REASONS}
    case = matters.apply("P07-2", form)
    matters.agree(case, matters.head)
    given.carried(matters, case, until="reply")
    matters.agree(case, matters.office_clerk, values=given.reply(issuer_level="other"))
    with pytest.raises(Refused, match="编委审议、报上级批准") as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["R10"]
    assert matters.at(case) == ["ratify"]
    assert not CommandExecution.objects.filter(instance=case.instance).exists()


def test_an_abolished_school_hands_its_teachers_to_another(matters):
    teacher = matters.cast.member(matters.primary, "B5", on=YESTERDAY)
    form = {
        "unit": matters.primary.pk,
        "people_go": "receive",
        "receiving": matters.cast.school.pk,
        "aftermath": "资产由区教育局收回",
        **given.REASONS,
    }
    case = matters.apply("P07-4", form, by=matters.reviewer, at=matters.education)
    assert given.carried(matters, case) == ["accept", "review", "joint", "reply", "ratify"]
    assert as_of(matters.primary.pk, TODAY) is None
    assert Occupancy.objects.open_ended().get(person=teacher.person).organization == matters.cast.school


def test_a_unit_with_units_below_is_not_abolished(matters):
    form = {"unit": matters.education.pk, "people_go": "leave", "aftermath": "无", **given.REASONS}
    refused = refusal(matters, "P07-4", form, by=matters.reviewer, at=matters.education)
    assert refused.codes == ["organization.units_below"]


def test_a_section_goes_to_another_bureau_by_the_upper_level(matters):
    cast = matters.cast
    member = cast.member(cast.bureau, on=YESTERDAY, internal_body_id=cast.finance_section.pk)
    form = {
        "source": cast.bureau.pk,
        "target": cast.audit_office.pk,
        "bodies": [{"body": cast.finance_section.pk}],
        **given.REASONS,
    }
    case = matters.apply("P07-5", form)
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == WITH_SIGNERS
    (section,) = bodies(cast.audit_office.pk, TODAY)
    assert Occupancy.objects.open_ended().get(person=member.person).internal_body_id == section.body_id


def test_a_hand_over_moves_something_and_to_another_unit(matters):
    bureau = matters.cast.bureau.pk
    form = {"source": bureau, "target": bureau, **given.REASONS}
    assert refusal(matters, "P07-5", form).codes == ["D2", "D2"]


def test_a_change_of_rank_upwards_is_the_upper_levels(matters):
    form = {"unit": matters.primary.pk, "rank": "142", **given.REASONS}
    case = matters.apply("P07-6", form, by=matters.reviewer, at=matters.education)
    assert given.carried(matters, case) == UPPER_LEVEL
    assert version_of(matters.primary).rank == "142"


def test_what_the_register_says_of_a_unit_is_shown_beside_what_is_asked(matters):
    form = {"unit": matters.primary.pk, "rank": "142", **given.REASONS}
    case = matters.draft("P07-6", form, by=matters.reviewer, at=matters.education)
    now = now_of("P07-6", case)
    assert now == {
        "org_type": "80",
        "institution_class": "83",
        "supervising_department": matters.education.pk,
        "tier": "district",
    }
    case = matters.draft("P07-2", {"name": "测试区实验小学", **given.REASONS})
    assert now_of("P07-2", case) == {}, "no unit is chosen yet"


def test_a_change_that_changes_nothing_is_told(matters):
    form = {"unit": matters.primary.pk, "institution_class": "83", **given.REASONS}
    refused = refusal(matters, "P07-6", form, by=matters.reviewer, at=matters.education)
    assert refused.codes == ["D2"]


def test_an_institution_goes_to_the_townships_only_by_the_upper_level(matters):
    form = {"unit": matters.primary.pk, "tier": "township", **given.REASONS}
    case = matters.apply("P07-6", form, by=matters.reviewer, at=matters.education)
    assert case.instance.facts["level"] == "upper"


def test_a_split_gives_everybody_a_place(matters):
    cast = matters.cast
    people = cast.fill(cast.bureau, "A1", 2, on=YESTERDAY)
    shares = [
        {"number": 1, "new_name": "测试区国资局", "new_rank": "142"},
        {"number": 2, "target": cast.audit_office.pk},
    ]
    form = {
        "source": cast.bureau.pk,
        "keeps_source": False,
        "shares": shares,
        "share_people": [{"share": 1, "person": people[0].person_id}],
        **given.REASONS,
    }
    assert refusal(matters, "P07-7", form).codes == ["L1"]
    form["share_people"].append({"share": 2, "person": people[1].person_id})
    case = matters.apply("P07-7", form)
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == [*WITH_SIGNERS[:5], "government", *WITH_SIGNERS[5:]]
    new = OrganizationVersion.objects.get(name="测试区国资局")
    assert Occupancy.objects.open_ended().get(person=people[0].person).organization_id == new.organization_id
    assert as_of(cast.bureau.pk, TODAY) is None


def test_shares_of_a_split_are_numbered_and_name_one_unit_each(matters):
    form = {
        "source": matters.cast.bureau.pk,
        "shares": [{"number": 1}, {"number": 1, "target": matters.cast.audit_office.pk}],
        "share_quota": [{"share": 3, "quota_type": "A1", "amount": 1}],
        **given.REASONS,
    }
    assert refusal(matters, "P07-7", form).codes == ["D2", "D2", "D2"]


def test_what_has_taken_effect_is_not_returned_over(matters):
    cast = matters.cast
    form = {
        "source": cast.bureau.pk,
        "target": cast.audit_office.pk,
        "quota": [{"quota_type": "A1", "amount": 1}],
        **given.REASONS,
    }
    case = matters.apply("P07-5", form)
    matters.agree(case, matters.head)
    given.carried(matters, case)
    assert matters.at(case) == ["supervise"]
    task = matters.task(case, matters.supervision)
    with pytest.raises(Refused, match="没有自动冲正"):
        return_task(
            actor=matters.supervision, task_id=task.pk, to_node="ratify", way="step", text="重新审核", today=TODAY
        )
    assert approved([cast.audit_office.pk], TODAY)[cast.audit_office.pk, "A1"] == 5
