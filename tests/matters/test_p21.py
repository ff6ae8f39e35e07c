"""P21 档案查阅: applied for, found by the archivist, decided by another, open for the term and no longer."""

import pytest
from django.core.exceptions import PermissionDenied

from bianzhi.archives.models import Item, Loan
from bianzhi.archives.services.filing import index_only
from bianzhi.archives.services.lending import Reading, end_loan, lend
from bianzhi.kernel.objections import Refused
from bianzhi.matters.definitions.p21 import P21
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.submitting import submit_case
from bianzhi.workflow.models import InstanceStatus
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.services.returning import return_task
from tests.accounts.people import account
from tests.archives.holdings import ARCHIVIST, Holdings, hold
from tests.cast import TODAY

MATTERS = ("P21",)
FORM = {"reader": "unit", "wanted": "第一小学 2020 年核编批复", "purpose": "核对历史编制", "days": 7}


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def holdings(matters) -> Holdings:
    matters.users["archivist"] = account("archivist", "archivist")
    return hold(matters.cast.school)


def accepted(matters, holdings, **values):
    """A case of the bureau's clerk whose items were found: one of the school, which the bureau does not see."""
    item = holdings.filed()
    case = matters.apply("P21", FORM)
    matters.agree(case, matters.head)
    matters.agree(case, matters.archivist, values={"codes": item.code, **values})
    return case, item


def sees(user, item) -> bool:
    return Item.objects.visible_to(user).filter(pk=item.pk).exists()


def test_the_flow_is_sound():
    reading = examine(P21.flow())
    assert [str(flaw) for flaw in reading.flaws] == []
    assert all(spec.locked for spec in P21.fields)


def test_what_was_approved_is_open_to_the_applicant_for_the_term(matters, holdings, monkeypatch):
    case, item = accepted(matters, holdings, may_print=True)
    assert not sees(matters.clerk, item), "nothing is open before the decision"
    matters.agree(case, matters.deputy)
    loan = Loan.objects.get()
    assert (loan.reader, loan.case_id, loan.may_print, loan.may_download) == (matters.clerk, case.pk, True, False)
    assert sees(matters.clerk, item)
    assert not sees(matters.outsider, item)
    monkeypatch.setenv("BIANZHI_TODAY", loan.valid_to.isoformat())
    assert sees(matters.clerk, item)
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-09")
    assert not sees(matters.clerk, item)
    matters.agree(case, matters.clerk)
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.COMPLETED


def test_a_citizen_reads_at_the_desk_and_gets_no_account(matters, holdings):
    item = holdings.filed()
    form = {**FORM, "reader": "citizen", "visitor": "来访人"}
    case = matters.apply("P21", form, by=matters.office_clerk)
    if matters.at(case) == ["unit_head"]:
        matters.agree(case, matters.head)
    matters.agree(case, matters.archivist, values={"codes": item.code})
    matters.agree(case, matters.deputy)
    loan = Loan.objects.get()
    assert (loan.reader, loan.reader_name) == (None, "来访人")
    assert case.title == "来访人查阅档案"


def test_what_is_not_approved_opens_nothing(matters, holdings):
    case, item = accepted(matters, holdings)
    matters.decide(case, matters.deputy, "disagree", "与工作无关")
    assert not Loan.objects.exists()
    assert not sees(matters.clerk, item)


def test_a_code_nobody_knows_leaves_the_case_where_it_was(matters, holdings):
    case = matters.apply("P21", FORM)
    matters.agree(case, matters.head)
    matters.agree(case, matters.archivist, values={"codes": "330699-WS·2020-Y-T003-9999"})
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.deputy)
    assert "M28" in refused.value.codes
    assert matters.at(case) == ["ratify"]
    assert not Loan.objects.exists()


def test_an_entry_without_a_file_is_not_lent(matters, holdings):
    secret = holdings.facts(classification="秘密", storage_place="保密室 1 柜")
    item = index_only(actor=ARCHIVIST, fonds_id=holdings.fonds.pk, facts=secret)
    case = matters.apply("P21", FORM)
    matters.agree(case, matters.head)
    matters.agree(case, matters.archivist, values={"codes": item.code})
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.deputy)
    assert "保密室 1 柜" in str(refused.value)


def test_the_archivist_must_say_which_items(matters, holdings):
    case = matters.apply("P21", FORM)
    matters.agree(case, matters.head)
    with pytest.raises(Refused):
        matters.agree(case, matters.archivist)
    assert matters.at(case) == ["accept"]


def test_too_long_a_term_is_told_before_it_is_sent_in(matters, holdings):
    case = matters.draft("P21", {**FORM, "days": 31})
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert "31 天" in str(refused.value)


def test_a_case_sent_back_over_the_decision_takes_the_loan_back(matters, holdings):
    case, item = accepted(matters, holdings)
    matters.agree(case, matters.deputy)
    task = matters.task(case, matters.clerk)
    return_task(actor=matters.clerk, task_id=task.pk, to_node="accept", way="step", text="档号有误", today=TODAY)
    loan = Loan.objects.get()
    assert loan.ended_at is not None
    assert not sees(matters.clerk, item)


def test_a_liaison_does_not_apply(matters, holdings):
    with pytest.raises(PermissionDenied):
        begin_case(actor=matters.liaison_hr, matter="P21", organization_id=matters.cast.bureau.pk, today=TODAY)


def reading(item, **other):
    said = {"item_ids": [item.pk], "reader_name": "来访人", "purpose": "查考", "valid_from": TODAY, "valid_to": TODAY}
    return Reading(**{**said, **other})


def test_the_archivist_lends_at_the_desk_and_takes_back_once(matters, holdings):
    item = holdings.filed()
    loan = lend(actor=matters.archivist, reading=reading(item, reader_id=matters.clerk.pk))
    assert sees(matters.clerk, item)
    end_loan(actor=matters.archivist, loan_id=loan.pk, reason="已阅")
    assert not sees(matters.clerk, item)
    with pytest.raises(Refused) as refused:
        end_loan(actor=matters.archivist, loan_id=loan.pk, reason="已阅")
    assert refused.value.codes == ["archives.loan_ended"]


def test_drafts_and_nothing_are_not_lent(matters, holdings):
    with pytest.raises(Refused) as refused:
        lend(actor=matters.archivist, reading=reading(holdings.described()))
    assert refused.value.codes == ["archives.not_filed"]
    with pytest.raises(Refused) as refused:
        lend(actor=matters.archivist, reading=reading(holdings.filed(), item_ids=[], purpose=""))
    assert refused.value.codes == ["archives.loan"]
