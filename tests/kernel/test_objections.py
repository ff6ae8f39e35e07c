import pickle

import pytest

from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if, standing, warnings_among

FULL = Objection("R02", "空编 0 个，申请 1 个。", figures={"available": 0, "asked": 1}, next_step="请先办理出编。")
BASELINE = Objection("R08", "超出 2012 年底基数。", Severity.OVERRIDE)
SOON = Objection("R18", "距到龄不足 6 个月。", Severity.WARN)


def test_a_block_refuses_and_says_why_and_what_next():
    with pytest.raises(Refused) as refused:
        refuse_if([FULL, SOON])
    assert refused.value.codes == ["R02"]
    assert str(refused.value) == "空编 0 个，申请 1 个。请先办理出编。"


def test_warnings_alone_let_the_act_pass_and_come_back_to_be_recorded():
    assert refuse_if([SOON]) == [SOON]
    assert warnings_among([FULL, SOON]) == [SOON]


def test_an_overridable_objection_stands_until_its_rule_is_overridden():
    with pytest.raises(Refused):
        refuse_if([BASELINE])
    assert refuse_if([BASELINE], overrides={"R08"}) == [BASELINE]


def test_a_block_cannot_be_overridden():
    with pytest.raises(Refused):
        refuse_if([FULL], overrides={"R02"})


def test_every_standing_objection_is_carried_not_only_the_first():
    assert [objection.code for objection in standing([FULL, SOON, BASELINE])] == ["R02", "R08"]
    with pytest.raises(Refused) as refused:
        refuse_if([FULL, SOON, BASELINE])
    assert str(refused.value) == "空编 0 个，申请 1 个。请先办理出编；超出 2012 年底基数。"


def test_a_generator_of_objections_is_read_once_and_wholly():
    with pytest.raises(Refused) as refused:
        refuse_if(objection for objection in (FULL, BASELINE))
    assert refused.value.codes == ["R02", "R08"]


def test_a_refusal_survives_the_way_between_processes():
    assert pickle.loads(pickle.dumps(Refused([FULL]))).codes == ["R02"]


def test_an_objection_can_be_written_as_facts():
    assert FULL.as_facts() == {
        "code": "R02",
        "message": "空编 0 个，申请 1 个。",
        "severity": "block",
        "figures": {"available": 0, "asked": 1},
        "next_step": "请先办理出编。",
    }


def test_every_severity_has_a_word_for_officials():
    assert [severity.label for severity in Severity] == ["不予办理", "需主任批准", "提醒"]
