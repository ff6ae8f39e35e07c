"""P08 编制调整 as cases: who decides, what finance signs, what the ledger says, and how a case is returned over it."""

from datetime import date

import pytest

from bianzhi.audit.chain import verify_rows
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.submitting import submit_case
from bianzhi.workflow.models import CommandExecution
from bianzhi.workflow.services.returning import return_task
from tests.cast import TODAY
from tests.matters import establishing as given

MATTERS = ("P08-1", "P08-2", "P08-3", "P08-4", "P08-5")
COMMISSION = ["accept", "review", "joint", "commission", "reply", "ratify"]
TWO_MORE = [{"quota_type": "A1", "amount": 2}]


def held(organization, measure="A1"):
    return approved([organization.pk], TODAY).get((organization.pk, measure), 0)


def increase(matters, **other):
    return {"unit": matters.cast.bureau.pk, "quota": TWO_MORE, **given.REASONS, **other}


def refusal(matters, code, form, **about):
    case = matters.draft(code, form, **about)
    with pytest.raises(Refused) as refused:
        submit_case(actor=about.get("by", matters.clerk), case_id=case.pk, today=TODAY)
    return refused.value


def test_quota_is_increased_by_the_commission_with_finance_signing(matters):
    case = matters.apply("P08-1", increase(matters))
    assert case.title == "测试区财政局增加行政编制 2 名"
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == COMMISSION
    assert held(matters.cast.bureau) == 12
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.document.doc_no, entry.summary) == ("虞编〔2026〕5号", "测试区财政局增加行政编制 2 名")
    lines = IssuedPaper.objects.get(case=case).content["lines"]
    assert ["办理结果", "核增行政编制 2 名"] in lines
    assert ["审议", "2026-03-02 虞编纪要〔2026〕2号"] in lines


def test_only_finance_is_asked_to_sign(matters):
    case = matters.apply("P08-1", increase(matters))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    assert [task.pool_role for task in case.instance.tasks.filter(node_id="joint")] == ["liaison_finance"]


def test_a_case_returned_over_the_posting_has_it_reversed(matters):
    case = matters.apply("P08-1", increase(matters))
    matters.agree(case, matters.head)
    given.carried(matters, case)
    assert matters.at(case) == ["supervise"]
    task = matters.task(case, matters.supervision)
    return_task(actor=matters.supervision, task_id=task.pk, to_node="reply", way="step", text="文号有误", today=TODAY)
    assert held(matters.cast.bureau) == 10
    assert CommandExecution.objects.get(instance=case.instance, command="p08.increase").compensated_at is not None
    assert IssuedPaper.objects.get(case=case).revoked_at is not None
    assert matters.at(case) == ["reply"]
    matters.agree(case, matters.office_clerk, values=given.reply(doc_no="虞编〔2026〕6号"))
    matters.agree(case, matters.director)
    assert held(matters.cast.bureau) == 12
    assert findings(["ledger.balance", "ledger.reserves"]) == []
    assert list(verify_rows()) == []


def test_a_return_is_refused_while_people_stand_on_what_was_given(matters):
    cast = matters.cast
    case = matters.apply("P08-1", increase(matters))
    matters.agree(case, matters.head)
    given.carried(matters, case)
    cast.fill(cast.bureau, "A1", 12)
    task = matters.task(case, matters.supervision)
    with pytest.raises(Refused) as refused:
        return_task(
            actor=matters.supervision, task_id=task.pk, to_node="reply", way="step", text="文号有误", today=TODAY
        )
    assert "R02" in refused.value.codes
    assert held(cast.bureau) == 12
    assert matters.at(case) == ["supervise"]


@pytest.fixture(autouse=True)
def every_case_is_supervised(monkeypatch):
    """督查 draws by number; the tests of returning over an effect need the step."""
    monkeypatch.setattr("bianzhi.matters.selectors.facts.is_sampled", lambda number, percent: True)


def test_the_last_of_the_reserve_goes_to_whoever_is_ratified_first(matters):
    form = {"unit": matters.primary.pk, "quota": [{"quota_type": "B1", "amount": 30}], **given.REASONS}
    first, second = (matters.apply("P08-1", form, by=matters.reviewer, at=matters.education) for _ in range(2))
    given.carried(matters, first)
    given.carried(matters, second, until="reply")
    matters.agree(second, matters.office_clerk, values=given.reply(doc_no="虞编〔2026〕6号"))
    with pytest.raises(Refused) as refused:
        matters.agree(second, matters.director)
    assert refused.value.codes == ["R06"]
    assert matters.at(second) == ["ratify"]
    assert held(matters.primary, "B1") == 30


def test_quota_is_not_reduced_below_the_people_there(matters):
    matters.cast.fill(matters.cast.bureau, "A1", 9, on=date(2024, 5, 6))
    refused = refusal(matters, "P08-2", increase(matters))
    assert refused.codes == ["R02"]
    case = matters.apply("P08-2", increase(matters, allows_overstaffing=True))
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == COMMISSION
    assert held(matters.cast.bureau) == 8


def test_a_frozen_type_only_shrinks(matters):
    form = increase(matters, quota=[{"quota_type": "C1", "amount": 1}])
    assert refusal(matters, "P08-1", form).codes == ["R19"]
    case = matters.apply("P08-2", form)
    matters.agree(case, matters.head)
    given.carried(matters, case)
    assert totals(TODAY)["withdrawn", "district", "C1"] == 1


def test_quota_between_units_of_one_level_is_the_commissions(matters):
    cast = matters.cast
    form = {"source": cast.bureau.pk, "target": cast.audit_office.pk, "quota": TWO_MORE, **given.REASONS}
    case = matters.apply("P08-3", form)
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == COMMISSION
    assert (held(cast.bureau), held(cast.audit_office)) == (8, 6)


def test_quota_between_levels_is_cleared_with_and_decided_by_the_upper_level(matters):
    cast = matters.cast
    form = {"source": cast.bureau.pk, "target": cast.township.pk, "quota": TWO_MORE, **given.REASONS}
    case = matters.apply("P08-3", form)
    matters.agree(case, matters.head)
    assert given.carried(matters, case) == [
        "consult",
        "accept",
        "review",
        "joint",
        "commission",
        "upper",
        "reply",
        "ratify",
    ]
    assert held(cast.township) == 8
    assert LedgerEntry.objects.latest("pk").document.issuer_level == "upper"


def test_types_of_a_school_are_changed(matters):
    changes = [{"from_type": "B5", "to_type": "B1", "amount": 2}]
    form = {"unit": matters.primary.pk, "changes": changes, **given.REASONS}
    case = matters.apply("P08-4", form, by=matters.reviewer, at=matters.education)
    assert given.carried(matters, case) == COMMISSION
    assert (held(matters.primary, "B5"), held(matters.primary, "B1")) == (3, 2)
    same = [{"from_type": "B5", "to_type": "B5", "amount": 2}]
    refused = refusal(matters, "P08-4", form | {"changes": same}, by=matters.reviewer, at=matters.education)
    assert refused.codes[0] == "D2"


def test_the_total_is_the_offices_to_enter_by_the_upper_document(matters):
    before = totals(TODAY)["reserve", "district", "B1"]
    form = {"direction": "issue", "tier": "district", "quota": [{"quota_type": "B1", "amount": 7}], **given.REASONS}
    case = matters.apply("P08-5", form, by=matters.other_clerk)
    assert case.title == "上级下达区本级事业编制（全额） 7 名"
    assert given.carried(matters, case) == ["review", "joint", "commission", "upper", "reply", "ratify"]
    assert totals(TODAY)["reserve", "district", "B1"] == before + 7


def test_a_unit_does_not_apply_for_somebody_else(matters):
    form = increase(matters, unit=matters.cast.audit_office.pk)
    assert refusal(matters, "P08-1", form).codes == ["M22"]
