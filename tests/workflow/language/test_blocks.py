"""Every split of parallel or inclusive branches has its join, and no branch leaves its block."""

from bianzhi.workflow.rules.profile import Process
from bianzhi.workflow.rules.validating import validate
from tests.workflow.language.drawing import draw, flaws, node, timer, user


def said(process: Process) -> dict[str, str]:
    return {flaw.element: flaw.message for flaw in validate(process)}


def test_nested_blocks_find_their_own_partners():
    process = draw(
        [node(key, "parallel") for key in ("f1", "f2", "j2", "j1")] + [user(key) for key in "abcd"],
        *("start > f1", "f1 > a", "f1 > f2", "f2 > b", "f2 > c", "b > j2", "c > j2", "j2 > d"),
        *("a > j1", "d > j1", "j1 > end"),
    )
    assert flaws(process) == []
    partners = {key: process.node(key).partner for key in ("f1", "j1", "f2", "j2", "a")}
    assert partners == {"f1": "j1", "j1": "f1", "f2": "j2", "j2": "f2", "a": ""}
    assert process.node("j1").is_join
    assert not process.node("f1").is_join


def test_blocks_one_after_the_other_and_empty_branches_are_matched():
    process = draw(
        [node(key, "inclusive") for key in ("f1", "j1", "f2", "j2")] + [user("a"), user("b")],
        *("start > f1", "f1 > a if x", "f1 > j1 default", "a > j1", "j1 > f2"),
        *("f2 > b if y", "f2 > j2 default", "b > j2", "j2 > end"),
    )
    assert flaws(process) == []
    assert process.node("f2").partner == "j2"


def test_choices_and_loops_inside_a_branch_are_free():
    process = draw(
        [
            *(node("f", "parallel"), user("a"), node("g", "exclusive"), user("b"), node("m", "exclusive")),
            *(user("c"), node("j", "parallel")),
        ],
        *("start > f", "f > a", "a > g", "g > a if again", "g > b if more", "g > m default", "b > m", "m > j"),
        *("f > c", "c > j", "j > end"),
    )
    assert flaws(process) == []


def test_a_terminate_event_may_end_everything_from_inside_a_block_if_the_branch_can_also_join():
    process = draw(
        [
            *(node("f", "parallel"), user("a"), node("g", "exclusive"), node("stop", "terminate"), user("b")),
            *(node("j", "parallel"), node("end", "end")),
        ],
        *("start > f", "f > a", "a > g", "g > stop if wrong", "g > j default", "f > b", "b > j", "j > end"),
    )
    assert flaws(process) == []


def test_a_branch_that_only_terminates_never_joins():
    process = draw(
        [node("f", "parallel"), user("a"), user("b"), user("c"), node("j", "parallel"), node("stop", "terminate"),
         node("end", "end")],
        *("start > f", "f > a", "a > j", "f > b", "b > j", "f > c", "c > stop", "j > end"),
    )  # fmt: skip
    assert flaws(process) == [("f-c", "F21")]


def test_a_split_without_a_join_is_named():
    process = draw([node("f", "parallel"), user("a"), user("b")], "start > f", "f > a", "f > b", "a > end", "b > end")
    assert flaws(process) == [("end", "F22"), ("f", "F21")]
    assert "从“f”分出" in said(process)["end"]


def test_a_join_without_a_split_is_named():
    process = draw(
        [node("g", "exclusive"), user("a"), user("b"), node("j", "parallel")],
        *("start > g", "g > a if x", "g > b default", "a > j", "b > j", "j > end"),
    )
    assert ("j", "F21") in flaws(process)
    assert "互斥的路相接要用排他网关" in said(process)["j"]


def test_split_and_join_are_of_one_kind():
    process = draw(
        [node("f", "parallel"), user("a"), user("b"), node("j", "inclusive")],
        *("start > f", "f > a", "f > b", "a > j", "b > j", "j > end"),
    )
    assert flaws(process) == [("j", "F21")]
    assert "种类不同" in said(process)["j"]


def test_branches_that_meet_in_a_task_or_an_exclusive_gateway_are_named():
    for meeting in (user("m"), node("m", "exclusive")):
        process = draw(
            [node("f", "parallel"), user("a"), user("b"), meeting],
            *("start > f", "f > a", "f > b", "a > m", "b > m", "m > end"),
        )
        assert ("m", "F22") in flaws(process)
        assert "应当用会合网关相接" in said(process)["m"]


def test_a_jump_out_of_a_block_is_named_where_it_lands():
    process = draw(
        [
            *(user("before"), node("f", "parallel"), user("a"), node("g", "exclusive"), user("b")),
            *(node("j", "parallel"),),
        ],
        *("start > before", "before > f", "f > a", "a > g", "g > before if wrong", "g > j default"),
        *("f > b", "b > j", "j > end"),
    )
    assert flaws(process) == [("before", "F22")]
    assert "跳到块外" in said(process)["before"]


def test_two_ways_of_one_branch_into_the_join_are_merged_first():
    process = draw(
        [node("f", "parallel"), node("g", "exclusive"), user("a"), user("b"), user("c"), node("j", "parallel")],
        *("start > f", "f > g", "g > a if x", "g > b default", "a > j", "b > j", "f > c", "c > j", "j > end"),
    )
    assert flaws(process) == [("j", "F21")]
    assert "先用排他网关合成一条" in said(process)["j"]


def test_one_join_for_two_splits_and_two_joins_for_one_are_named():
    shared = draw(
        [node("f1", "parallel"), node("f2", "parallel"), *(user(key) for key in "abc"), node("j", "parallel")],
        *("start > f1", "f1 > a", "f1 > f2", "f2 > b", "f2 > c", "a > j", "b > j", "c > j", "j > end"),
    )
    assert ("j", "F21") in flaws(shared)
    parted = draw(
        [node("f", "parallel"), *(user(key) for key in "abcd"), node("j1", "parallel"), node("j2", "parallel")],
        *("start > f", "f > a", "f > b", "f > c", "f > d", "a > j1", "b > j1", "c > j2", "d > j2"),
        *("j1 > end", "j2 > end"),
    )
    assert ("j2", "F21") in flaws(parted)


def test_a_timer_that_does_not_interrupt_starts_a_way_of_its_own():
    aside = draw(
        [user("a"), timer("t", "a", interrupting=False), user("b"), node("end2", "end"), node("end", "end")],
        *("start > a", "a > end", "t > b", "b > end2"),
    )
    assert flaws(aside) == []
    back = draw(
        [user("a"), timer("t", "a", interrupting=False), user("b")],
        *("start > a", "a > b", "t > b", "b > end"),
    )
    assert flaws(back) == [("b", "F22")]
    assert "不能并回主流程" in said(back)["b"]


def test_a_timer_that_interrupts_may_lead_back_into_its_own_branch():
    process = draw(
        [node("f", "parallel"), user("a"), timer("t", "a"), user("b"), node("m", "exclusive"), user("c"),
         node("j", "parallel")],
        *("start > f", "f > a", "a > m", "t > b", "b > m", "m > j", "f > c", "c > j", "j > end"),
    )  # fmt: skip
    assert flaws(process) == []
