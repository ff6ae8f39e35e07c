"""P09 内设机构与领导职数, P10 三定规定 as cases."""

import pytest

from bianzhi.accounts.services.grants import grant_role
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.balances import approved
from bianzhi.matters import catalogue
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.selectors.drafts import being_written
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.organizations.selectors.units import bodies
from bianzhi.organizations.services import change_body
from bianzhi.workflow.models import InstanceStatus
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.accounts.people import CONSOLE
from tests.cast import TODAY
from tests.matters import establishing as given

MATTERS = ("P09", "P10")
PROOFS = ("audit.rows", "workflow.opinions", "workflow.cases")


def adjustment(matters, **other):
    return {"unit": matters.cast.bureau.pk, **given.REASONS, **other}


def version_of(organization):
    return OrganizationVersion.objects.as_of(TODAY).get(organization=organization)


def now_of(code, case):
    """What the register says beside the case's form."""
    before_of = catalogue.matter(code).before_of
    assert before_of is not None
    return before_of(being_written(case, TODAY))


def refusal(matters, code, form):
    case = matters.draft(code, form)
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    return refused.value


def names(organization: Organization):
    return sorted(version.name for version in bodies(organization.pk, TODAY))


def test_a_section_is_renamed_by_the_office(matters):
    row = {"act": "change", "body": matters.cast.finance_section.pk, "name": "预算管理科"}
    case = matters.apply("P09", adjustment(matters, bodies=[row]))
    assert case.title == "测试区财政局内设机构调整"
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == ["accept", "review", "reply", "ratify"]
    assert names(matters.cast.bureau) == ["综合科", "预算管理科"]


def test_a_new_section_is_the_commissions(matters):
    rows = [{"act": "establish", "name": "国资科", "rank": "151"}]
    case = matters.apply("P09", adjustment(matters, bodies=rows, posts=[{"post_level": "body_chief", "number": 3}]))
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == ["accept", "review", "commission", "reply", "ratify"]
    assert "国资科" in names(matters.cast.bureau)


def test_posts_of_section_rank_are_cleared_with_the_upper_office_first(matters):
    case = matters.apply("P09", adjustment(matters, posts=[{"post_level": "org_deputy", "number": 3}]))
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == ["consult", "accept", "review", "commission", "reply", "ratify"]
    assert approved([matters.cast.bureau.pk], TODAY)[matters.cast.bureau.pk, "org_deputy"] == 3


def test_a_section_with_people_is_not_closed(matters):
    cast = matters.cast
    cast.member(cast.bureau, internal_body_id=cast.payroll_section.pk)
    row = {"act": "close", "body": cast.payroll_section.pk}
    assert refusal(matters, "P09", adjustment(matters, bodies=[row])).codes == ["L1"]


def test_rows_that_say_too_little_are_named(matters):
    rows = [{"act": "establish"}, {"act": "close"}, {"act": "change", "body": matters.cast.finance_section.pk}]
    refused = refusal(matters, "P09", adjustment(matters, bodies=rows))
    assert refused.codes == ["D2", "D2", "D2"]
    assert refusal(matters, "P09", adjustment(matters)).codes == ["D2"]


def test_what_the_ledger_says_of_posts_is_shown_beside_what_is_asked(matters):
    case = matters.draft("P09", adjustment(matters))
    before = now_of("P09", case)
    assert before == {"posts": [{"post_level": "org_chief", "number": 1}, {"post_level": "org_deputy", "number": 2}]}


def provision(matters, **other):
    return {
        "unit": matters.cast.bureau.pk,
        "kind": "revised",
        "justice": matters.cast.audit_office.pk,
        "duties": "主管全区财政",
        "bodies": [{"body": matters.cast.finance_section.pk, "name": "预算国库科", "rank": "151"}],
        "quota": [{"quota_type": "A1", "amount": 12}],
        "posts": [{"post_level": "org_chief", "number": 1}, {"post_level": "org_deputy", "number": 3}],
        **given.REASONS,
        **other,
    }


@pytest.fixture
def justice(matters):
    """The head of the unit that examines the law, here 审计局."""
    user = matters.users["justice"] = matters.outsider
    grant_role(actor=CONSOLE, user_id=user.pk, role="unit_head", organization_id=matters.cast.audit_office.pk)
    return matters.again(user)


def test_a_provision_goes_round_the_departments_and_everybody_is_heard(matters, justice):
    case = matters.apply("P10", provision(matters))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    assert matters.at(case) == ["joint"] * 4
    matters.agree(case, matters.liaison_organization)
    matters.decide(case, matters.liaison_finance, "disagree", "编制经费未落实")
    assert matters.at(case) == ["joint", "joint"], "the others are still heard"
    matters.pass_on(case, matters.liaison_hr, justice)
    assert matters.at(case) == ["commission"], "an opinion against it is for 编委 to weigh"
    assert case.instance.facts["joint_outcome"] == "disagree"
    assert given.carried(matters, case) == ["commission", "government", "reply", "ratify"]
    bureau = matters.cast.bureau
    assert (version_of(bureau).duties, names(bureau)) == ("主管全区财政", ["预算国库科"])
    held = approved([bureau.pk], TODAY)
    assert (held[bureau.pk, "A1"], held[bureau.pk, "org_deputy"]) == (12, 3)


def test_sections_a_provision_leaves_out_are_named_before_it_is_sent_in(matters):
    case = matters.draft("P10", provision(matters))
    remarks = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert [(each.code, each.severity) for each in remarks] == [("D4", "warn")]
    assert "综合科" in remarks[0].message


def test_a_provision_with_more_quota_than_the_reserve_is_refused_while_applying(matters):
    form = provision(matters, quota=[{"quota_type": "A1", "amount": 999}])
    assert "R06" in refusal(matters, "P10", form).codes


def test_what_the_register_says_is_shown_beside_the_provision(matters):
    case = matters.draft("P10", provision(matters))
    before = now_of("P10", case)
    assert [row["name"] for row in before["bodies"]] == ["综合科", "预算科"] or len(before["bodies"]) == 2
    assert before["quota"][0] == {"quota_type": "A1", "amount": 10}
    assert {"post_level": "org_deputy", "number": 2} in before["posts"]


# --- 冲正 ---------------------------------------------------------------------------------------------------------


def take_back(matters, case):
    withdraw_case(actor=matters.clerk, instance_id=case.instance_id, text="申请有误", today=TODAY)


def test_sections_set_up_and_renamed_and_posts_are_taken_back_with_the_case(matters):
    bureau = matters.cast.bureau
    before, held = names(bureau), approved([bureau.pk], TODAY)
    rows = [
        {"act": "establish", "name": "国资科", "rank": "151"},
        {"act": "change", "body": matters.cast.finance_section.pk, "name": "预算管理科"},
    ]
    posts = [{"post_level": "body_chief", "number": 3}]
    case = matters.apply("P09", adjustment(matters, bodies=rows, posts=posts))
    matters.agree(case, matters.head)
    given.carried(matters, case)
    assert names(bureau) == ["国资科", "综合科", "预算管理科"]
    take_back(matters, case)
    assert names(bureau) == before
    assert {key: number for key, number in approved([bureau.pk], TODAY).items() if number} == held
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.WITHDRAWN
    assert findings(PROOFS) == []


def test_a_section_that_was_closed_is_not_brought_back_and_the_case_stands(matters):
    bureau = matters.cast.bureau
    case = matters.apply("P09", adjustment(matters, bodies=[{"act": "close", "body": matters.cast.payroll_section.pk}]))
    matters.agree(case, matters.head)
    given.carried(matters, case)
    after = names(bureau)
    with pytest.raises(Refused) as refused:
        take_back(matters, case)
    assert refused.value.codes == ["L7"]
    assert "不能自动恢复" in str(refused.value)
    assert names(bureau) == after


def test_a_section_renamed_again_since_is_not_renamed_back(matters):
    section = matters.cast.finance_section
    row = {"act": "change", "body": section.pk, "name": "预算管理科"}
    case = matters.apply("P09", adjustment(matters, bodies=[row]))
    matters.agree(case, matters.head)
    given.carried(matters, case)
    change_body(
        actor=matters.cast.office, body_id=section.pk, document=matters.cast.document, effective_on=TODAY,
        changes={"name": "国库科"},
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        take_back(matters, case)
    assert "又有变更" in str(refused.value)
    assert "国库科" in names(matters.cast.bureau)


def test_a_provision_that_closes_nothing_is_taken_back_whole(matters, justice):
    cast = matters.cast
    bureau, held = cast.bureau, approved([cast.bureau.pk], TODAY)
    duties, before = version_of(bureau).duties, names(bureau)
    kept = [{"body": version.body_id, "name": version.name} for version in bodies(bureau.pk, TODAY)]
    rows = [*kept, {"name": "国资科", "rank": "151"}]
    case = matters.apply("P10", provision(matters, bodies=rows))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    matters.pass_on(case, matters.liaison_organization, matters.liaison_finance, matters.liaison_hr, justice)
    given.carried(matters, case)
    assert (version_of(bureau).duties, "国资科" in names(bureau)) == ("主管全区财政", True)
    take_back(matters, case)
    assert (version_of(bureau).duties, names(bureau)) == (duties, before)
    assert {key: number for key, number in approved([bureau.pk], TODAY).items() if number} == held
    assert findings(PROOFS) == []
