"""A flow is the same flow as a list, as a process and as BPMN text."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from bianzhi.workflow.rules.layout import Box, lay_out
from bianzhi.workflow.rules.profile import Clock, NodeKind, Process, Reject, Seat
from bianzhi.workflow.rules.reading import read
from bianzhi.workflow.rules.steps import Block, BlockKind, Branch, Step, StepKind, StepList, from_process, to_process
from bianzhi.workflow.rules.validating import examine, validate
from bianzhi.workflow.rules.writing import write
from tests.workflow.language.drawing import APPLICANT, CLERK, draw, flaws, node, service, submit, timer, user
from tests.workflow.language.lists import step_lists

APPLY = Step("apply", "申请", stage="申请", seats=(APPLICANT,), submit=True)
REVIEW = Step("review", "审核", stage="审批", seats=(CLERK,))
PATIENT = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def listed(*items) -> StepList:
    return StepList("tested", "测试", items)


def test_a_list_becomes_a_process_from_start_to_end():
    process = to_process(listed(APPLY, REVIEW))
    assert validate(process) == []
    assert list(process.nodes) == ["start", "apply", "review", "end"]
    assert process.node("apply").submit
    assert process.node("review").stage == "审批"
    assert [flow.id for flow in process.node("apply").outgoing] == ["flow_2"]


def test_a_step_with_a_condition_is_passed_by_when_it_does_not_hold():
    process = to_process(listed(APPLY, replace(REVIEW, when="sampled")))
    assert validate(process) == []
    gateway = process.node("review_if")
    assert [(flow.target, flow.condition, flow.is_default) for flow in gateway.outgoing] == [
        ("review", "sampled", False),
        ("review_fi", "", True),
    ]
    assert from_process(process) == listed(APPLY, replace(REVIEW, when="sampled"))


def test_a_branch_may_end_the_case_and_the_list_goes_on_with_the_other():
    refusal = Step("refuse", "不予受理", StepKind.END)
    block = Block("ask", BlockKind.EXCLUSIVE, (Branch((refusal,), "bad"), Branch(is_default=True)), name="受理吗")
    process = to_process(listed(APPLY, block, REVIEW))
    assert validate(process) == []
    assert "ask_join" not in process.nodes
    assert from_process(process) == listed(APPLY, block, REVIEW)


def test_the_order_of_branches_is_the_order_in_which_conditions_are_asked():
    going_on, ending = Branch((), "first"), Branch((Step("stop", kind=StepKind.TERMINATE),), "second")
    block = Block("ask", BlockKind.EXCLUSIVE, (going_on, ending, Branch((REVIEW,), is_default=True)))
    process = to_process(listed(APPLY, block))
    assert [flow.condition for flow in process.node("ask").outgoing] == ["first", "second", ""]
    assert from_process(process) == listed(APPLY, block)


def test_the_whole_list_may_end_in_a_terminate():
    whole = listed(APPLY, Step("stop", "终止", StepKind.TERMINATE))
    assert from_process(to_process(whole)) == whole


def test_start_and_end_keep_their_names():
    whole = replace(listed(REVIEW), start="S", start_name="来文", end="E", end_name="办结")
    assert from_process(to_process(whole)) == whole


def beyond() -> list[Process]:
    looped = draw(
        [user("a", reject=Reject.COLLECT), node("g", "exclusive")],
        *("start > a", "a > g", "g > a if again", "g > end default"),
    )
    bordered = draw([user("a"), timer("t", "a"), user("b")], "start > a", "a > end", "t > b", "b > end")
    shared = draw(
        [node("g", "exclusive"), user("a"), node("h", "exclusive"), user("b"), user("c"), node("m", "exclusive")],
        *("start > g", "g > a if x", "g > h default", "h > b if y", "h > c default", "a > m", "b > m", "c > m"),
        "m > end",
    )
    implicit = draw(
        [node("g", "exclusive"), user("a"), user("b")],
        *("start > g", "g > a if x", "g > b default", "a > end", "b > end"),
    )
    mixed = draw(
        [node("g", "exclusive"), user("a"), user("b"), node("h", "exclusive"), user("c"), user("d")],
        *("start > g", "g > a if x", "g > b default", "a > h", "b > h", "h > c if y", "h > d default"),
        *("c > end", "d > end"),
    )
    lost = draw([user("a"), user("lost")], "start > a", "a > end", "lost > end")
    staged = draw([user("a"), node("start", "start", stage="申请")], "start > a", "a > end")
    return [looped, bordered, shared, implicit, mixed, lost, staged, draw([], "end > start"), draw([])]


@pytest.mark.parametrize("process", beyond())
def test_a_diagram_beyond_the_list_is_no_list(process):
    assert from_process(process) is None


def test_a_diagram_drawn_by_hand_becomes_a_list_whatever_its_flows_are_called():
    process = draw(
        [submit(), node("fork", "parallel"), user("a"), service("b"), node("join", "parallel")],
        *("start > apply", "apply > fork", "fork > a", "fork > b", "a > join", "b > join", "join > end"),
    )
    whole = from_process(process)
    assert whole is not None
    (_, block) = whole.steps
    assert isinstance(block, Block)
    assert (block.id, block.kind, block.join) == ("fork", BlockKind.PARALLEL, "join")


def test_hundreds_of_choices_in_a_row_are_no_list_but_no_accident_either():
    nodes, ways, last = [], [], "start"
    for number in range(150):
        nodes += [node(f"g{number}", "exclusive"), node(f"e{number}", "terminate")]
        ways += [f"{last} > g{number}", f"g{number} > e{number} if x"]
        last = f"g{number}"
    process = draw([*nodes, user("z"), node("end", "end")], *ways, f"{last} > z default", "z > end")
    assert from_process(process) is None
    assert read(write(process)).process == process


# --- for every list ----------------------------------------------------------------------------------------------


def meaning(process: Process) -> tuple[object, set[object]]:
    """A process without the numbers of its flows."""
    nodes = {key: replace(each, incoming=(), outgoing=()) for key, each in process.nodes.items()}
    return nodes, {replace(flow, id="") for each in process.nodes.values() for flow in each.outgoing}


@PATIENT
@given(step_lists())
def test_every_sound_list_makes_a_sound_process_and_comes_back(whole):
    process = to_process(whole)
    assert flaws(process) == []
    back = from_process(process)
    assert back is not None
    assert meaning(to_process(back)) == meaning(process)
    assert from_process(to_process(back)) == back


@PATIENT
@given(step_lists())
def test_every_process_is_read_as_it_was_written(whole):
    process = to_process(whole)
    text = write(process)
    again = examine(text)
    assert again.flaws == []
    assert again.process == process
    assert write(process) == text


def apart(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.bottom <= other.y or other.bottom <= one.y


@PATIENT
@given(step_lists())
def test_every_picture_has_its_shapes_apart_and_its_arrows_at_right_angles(whole):
    process = to_process(whole)
    layout = lay_out(process)
    assert set(layout.boxes) == set(process.nodes)
    assert all(apart(one, other) for one, other in combinations(layout.boxes.values(), 2))
    for node_ in process.nodes.values():
        for flow in node_.outgoing:
            corners = layout.arrows[flow.id]
            assert all(one[0] == two[0] or one[1] == two[1] for one, two in pairwise(corners))
            assert touches(layout.boxes[flow.source], corners[0])
            assert touches(layout.boxes[flow.target], corners[-1])
            assert layout.boxes[flow.source].x < layout.boxes[flow.target].x


def touches(box: Box, corner: tuple[int, int]) -> bool:
    return box.x <= corner[0] <= box.x + box.width and box.y <= corner[1] <= box.bottom


def test_loops_timers_and_lost_steps_are_drawn_too():
    process = draw(
        [user("a"), user("b"), timer("t", "b"), timer("r", "b", interrupting=False), user("c"), node("g", "exclusive"),
         node("m", "exclusive"), user("lost")],
        *("start > a", "a > b", "b > g", "g > a if again", "g > b if more", "g > m default", "t > c", "c > m"),
        "m > end",
    )  # fmt: skip
    layout = lay_out(process)
    assert set(layout.boxes) == set(process.nodes)
    edge = layout.boxes["b"].bottom
    assert layout.boxes["t"].y < edge < layout.boxes["t"].bottom
    assert apart(layout.boxes["t"], layout.boxes["r"])
    back = layout.arrows["g-a"]
    assert min(y for _, y in back) < layout.boxes["a"].y
    assert back[1][1] != layout.arrows["g-b"][1][1]
    assert read(write(process)).process == process


def test_a_name_xml_cannot_hold_is_refused_by_the_writer():
    with pytest.raises(ValueError, match="XML"):
        write(to_process(listed(replace(REVIEW, name="\x00"))))


def test_the_kinds_of_steps_are_the_kinds_of_nodes_a_list_can_say():
    for kind, expected in ((StepKind.WAIT, NodeKind.WAIT), (StepKind.CALL, NodeKind.CALL)):
        process = to_process(listed(Step("x", kind=kind, wait=Clock(1), called="sub", seats=(Seat(user="li"),))))
        assert process.node("x").kind is expected
