"""BPMN read as a process; whatever the profile does not run is named; hostile files are refused in time."""

import time
from dataclasses import replace

import pytest

from bianzhi.workflow.rules.opening import MAX_BYTES
from bianzhi.workflow.rules.profile import (
    Action,
    Clock,
    Countersign,
    Mode,
    Node,
    Order,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)
from bianzhi.workflow.rules.reading import MAX_FLOWS, MAX_NODES, Reading, read
from tests.workflow.language.drawing import around_task, xml

TASK = '<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>'
FLOWS = '<sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'


def found(reading: Reading) -> list[tuple[str, str]]:
    return [(flaw.element, str(flaw.code)) for flaw in reading.flaws]


def task(extensions: str, tail: str = "", **tag: str) -> Node:
    reading = read(around_task(extensions, tail, **tag))
    assert reading.flaws == []
    assert reading.process is not None
    return reading.process.node("t")


# --- what extensions mean ----------------------------------------------------------------------------------------


def test_everything_a_user_task_may_say_is_read():
    read_task = task(
        """
        <bb:stage name="审批"/>
        <bb:assign role="office_clerk"/><bb:assign role="unit_head" relation="own"/>
        <bb:assign user="zhang"/><bb:assign initiator="true"/><bb:assign field="signers"/>
        <bb:countersign mode="ratio" ratio="67"/><bb:reject policy="collect"/>
        <bb:verdict agree="无问题" disagree="有问题"/>
        <bb:separate group="decision"/><bb:skip when="same-actor"/>
        <bb:actions allow="return  copy"/><bb:return to="previous" way="step"/>
        <bb:deadline days="5" fact="clock_days" warn="1"/>
        <bb:fields write="a b" required="a"/><bb:copy role="archivist"/>
        """,
        '<multiInstanceLoopCharacteristics isSequential="true"/>',
        attributes='name=" 会签 "',
    )
    assert replace(read_task, incoming=(), outgoing=()) == Node(
        id="t",
        kind=read_task.kind,
        name="会签",
        stage="审批",
        seats=(
            Seat(role="office_clerk"),
            Seat(role="unit_head", relation="own"),
            Seat(user="zhang"),
            Seat(initiator=True),
            Seat(field="signers"),
        ),
        order=Order.SEQUENTIAL,
        countersign=Countersign(Mode.RATIO, 67),
        reject=Reject.COLLECT,
        verdicts=Verdicts("无问题", "有问题"),
        separate="decision",
        skip_same=True,
        actions=frozenset({Action.RETURN, Action.COPY}),
        return_to=ReturnTo.PREVIOUS,
        ways=frozenset({Way.STEP}),
        limit=Clock(5, "clock_days", 1),
        fields_write=("a", "b"),
        fields_required=("a",),
        copies=(Seat(role="archivist"),),
    )


def test_what_a_task_does_not_say_is_as_usual():
    read_task = task("")
    assert replace(read_task, incoming=(), outgoing=()) == Node("t", read_task.kind)


def test_a_step_without_a_word_for_refusing_reports():
    reporting = task('<bb:assign role="unit_clerk"/><bb:verdict agree="报送"/>')
    assert reporting.is_report
    assert (reporting.word_of("agree"), reporting.word_of("disagree")) == ("报送", "")
    judging = task('<bb:assign role="unit_clerk"/>')
    assert not judging.is_report
    assert (judging.word_of("agree"), judging.word_of("disagree"), judging.word_of("return")) == ("同意", "不同意", "")


def test_no_action_may_be_allowed_at_all():
    assert task('<bb:actions allow=""/>').actions == frozenset()


def test_commands_waits_and_calls_are_read():
    assert task('<bb:command name="p03.enlist"/>', tag="serviceTask").command == "p03.enlist"
    assert task('<bb:command name="p03.paper"/>', tag="sendTask").command == "p03.paper"
    assert task("", tag="callActivity", attributes='calledElement="joint"').called == "joint"
    waiting = task('<bb:wait days="5" fact="n"/>', "<timerEventDefinition/>", tag="intermediateCatchEvent")
    assert waiting.wait == Clock(5, "n")


@pytest.mark.parametrize(
    ("extensions", "words"),
    [
        ("<bb:asign/>", "不认识的扩展元素 bb:asign"),
        ('<bb:assign rôle="x"/>', "没有属性"),
        ('<bb:assign initiator="yes"/>', "应当是 true 或 false"),
        ('<bb:stage name="审批"/><bb:stage name="核准"/>', "只能有一个"),
        ('<bb:reject policy="shout"/>', "应当是 stop、return、collect 之一"),
        ('<bb:skip when="tired"/>', "只能是 same-actor"),
        ("<bb:separate/>", "没有写明 group"),
        ('<bb:verdict disagree="有问题"/>', "没有写明 agree"),
        ('<bb:actions allow="return delete"/>', "动作“delete”不对"),
        ('<bb:return to="moon"/>', "退回范围“moon”不对"),
        ('<bb:deadline days="five"/>', "工作日数应当是 0 到 9999 的整数，却是“five”"),
        ('<bb:deadline days="-1"/>', "却是“-1”"),
        ('<bb:deadline days="99999"/>', "却是“99999”"),
        ('<bb:wait days="3"/>', "不能放在这种元素上"),
        ('<bb:countersign mode="all"/>', "只能放在多实例"),
    ],
)
def test_an_extension_written_wrong_is_named_with_its_line(extensions, words):
    (flaw,) = read(around_task(extensions)).flaws
    assert (flaw.element, flaw.code) == ("t", "F12")
    assert words in flaw.message
    assert flaw.line == 4


def test_extensions_of_other_tools_are_left_to_them():
    other = '<x:props xmlns:x="urn:other"><x:script>exit</x:script></x:props>'
    assert read(around_task(other, attributes='xmlns:x="urn:other" x:assignee="${evil}"')).flaws == []


# --- flows and references ----------------------------------------------------------------------------------------


def test_flows_keep_the_order_of_the_file_at_their_source():
    flows = "".join(f'<sequenceFlow id="{key}" sourceRef="g" targetRef="e"/>' for key in ("z", "a", "m"))
    reading = read(xml(f'<exclusiveGateway id="g" default="m"/><endEvent id="e"/>{flows}'))
    assert reading.process is not None
    gateway = reading.process.node("g")
    assert [each.id for each in gateway.outgoing] == ["z", "a", "m"]
    assert [each.is_default for each in gateway.outgoing] == [False, False, True]


def test_flows_and_defaults_that_lead_nowhere_are_named():
    reading = read(
        xml(
            '<startEvent id="s"/><exclusiveGateway id="g" default="gone"/>'
            '<sequenceFlow id="f1" sourceRef="s" targetRef="nobody"/>'
            '<sequenceFlow id="f2" targetRef="g"/><sequenceFlow sourceRef="s" targetRef="g"/>'
        )
    )
    assert found(reading) == [("f1", "F11"), ("f2", "F11"), ("<sequenceFlow>", "F05"), ("g", "F17")]


def test_ids_are_there_unique_and_not_too_long():
    long = "x" * 81
    reading = read(xml(f'<userTask/><userTask id="a"/><userTask id="a"/><userTask id="{long}" name="{long}"/>'))
    assert found(reading) == [("a", "F05"), (long, "F05"), ("<userTask>", "F05"), (long, "F05")]


def test_an_empty_condition_is_a_flaw():
    reading = read(xml(f'{TASK}<sequenceFlow id="f" sourceRef="s" targetRef="t"><conditionExpression/></sequenceFlow>'))
    assert found(reading) == [("f", "F19")]


def test_a_flow_from_what_cannot_be_run_is_no_second_flaw():
    reading = read(xml(TASK.replace("userTask", "scriptTask") + FLOWS))
    assert found(reading) == [("t", "F06")]
    assert reading.opaque == {"t"}


# --- which process -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ['isExecutable="true"', 'isExecutable="1"', ""])
def test_the_only_process_is_taken_unless_it_says_it_is_a_sketch(flag):
    reading = read(xml(TASK + FLOWS, process=f'id="p" name="名" {flag}'))
    assert reading.flaws == []
    assert reading.process is not None
    assert (reading.process.id, reading.process.name, reading.process.start) == ("p", "名", "s")


def test_the_executable_one_of_several_is_taken():
    other = '<process id="q"><scriptTask id="z"/></process>'
    reading = read(xml(TASK + FLOWS, around=other))
    assert reading.flaws == []
    assert reading.process is not None
    assert reading.process.id == "p"


def test_several_processes_of_which_none_says_it_runs_are_named():
    reading = read(xml(TASK, process='id="p"', around='<process id="q"/>'))
    assert found(reading) == [("q", "F04"), ("p", "F04")]


def test_a_file_without_a_process_is_no_definition():
    empty = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    assert found(read(empty)) == [("", "F03")]


def test_a_process_with_far_too_many_steps_is_refused():
    reading = read(xml("".join(f'<userTask id="t{number}"/>' for number in range(MAX_NODES + 1))))
    assert reading.process is None
    assert found(reading) == [("p", "F01")]


# --- hostile files -----------------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a0 "lol">'
    + "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12))
    + ']><l x="&a11;">&a11;</l>'
)
QUADRATIC = f'<!DOCTYPE l [<!ENTITY a "{"x" * 100_000}">]><l x="{"&a;" * 100_000}"/>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
PARAMETER = '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><d/>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (LAUGHS, "F02"),
        (QUADRATIC, "F02"),
        (OUTSIDE, "F02"),
        (PARAMETER, "F02"),
        (xml(TASK + FLOWS).replace("?>", '?><!DOCTYPE definitions SYSTEM "x.dtd">', 1), "F02"),
        ("<!DOCTYPE html><html><body><br></body></html>", "F02"),
        ("<html><body/></html>", "F03"),
        ("<definitions/>", "F03"),
        ("", "F01"),
        ("流程", "F01"),
        ("{}", "F01"),
        (b"\x00\xff\xfe\x01", "F01"),
        (b"PK\x03\x04 not a diagram", "F01"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "F01"),
        ("<a>" * 5000 + "</a>" * 5000, "F01"),
        ("<a>" * 5000, "F01"),
        ("<a><b></a>", "F01"),
        ("<a>&undefined;</a>", "F01"),
        ("\ud800<a/>", "F01"),
        (b" " * 10_000_000, "F01"),
        (f"<a>{'x' * MAX_BYTES}</a>", "F01"),
    ],
)
def test_a_file_that_is_no_diagram_is_one_flaw_in_no_time(data, code):
    begun = time.monotonic()
    reading = read(data)
    assert time.monotonic() - begun < 2
    assert reading.process is None
    assert found(reading) == [("", code)]


def test_the_place_of_a_mistake_in_the_xml_is_told():
    (flaw,) = read("<a>\n<b></a>").flaws
    assert flaw.line == 2
    assert "第 2 行" in flaw.message
    assert str(flaw).startswith("第 2 行 （整个文件） [F01]")


def test_other_encodings_are_read_as_they_say():
    text = xml(TASK.replace('id="t"', 'id="t" name="办理"') + FLOWS)
    for encoding in ("gb18030", "utf-16", "utf-8-sig"):
        declared = text.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
        reading = read(declared.encode(encoding))
        assert reading.flaws == []
        assert reading.process is not None
        assert reading.process.node("t").name == "办理"


def test_a_text_is_read_whatever_encoding_its_first_line_claims():
    reading = read(xml(TASK.replace('id="t"', 'id="t" name="办理"') + FLOWS).replace("UTF-8", "gb2312"))
    assert reading.process is not None
    assert reading.process.node("t").name == "办理"


def test_sub_processes_nested_without_end_are_refused_not_followed():
    deep = '<subProcess id="s">' * 60 + "</subProcess>" * 60
    reading = read(xml(deep))
    assert {code for _, code in found(reading)} == {"F05", "F06"}


def test_a_process_with_far_too_many_flows_is_refused():
    flows = "".join(f'<sequenceFlow id="f{number}" sourceRef="s" targetRef="e"/>' for number in range(MAX_FLOWS + 1))
    reading = read(xml(f'<startEvent id="s"/><endEvent id="e"/>{flows}'))
    assert reading.process is None
    assert found(reading) == [("p", "F01")]
