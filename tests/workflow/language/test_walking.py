"""The walk proves that every path ends, and finds the ones that do not even where the block rules were blind."""

from dataclasses import replace

from bianzhi.workflow.rules import walking
from bianzhi.workflow.rules.profile import Process, Reject
from bianzhi.workflow.rules.walking import flaws_on_the_way
from tests.workflow.language.drawing import draw, line, node, service, submit, timer, user


def stuck(process: Process) -> list[str]:
    return [flaw.element for flaw in flaws_on_the_way(process)]


def test_every_kind_of_node_is_walked_through():
    process = draw(
        [
            *(submit(), user("a", reject=Reject.COLLECT), timer("t", "a"), timer("r", "a", interrupting=False)),
            *(node("f", "parallel"), user("b"), node("i", "inclusive"), user("c"), user("d"), node("k", "inclusive")),
            *(node("j", "parallel"), node("g", "exclusive"), service("s"), node("w", "wait"), node("n", "call")),
            *(node("stop", "terminate"), node("end", "end"), node("noted", "end"), node("m", "exclusive")),
        ],
        *("start > apply", "apply > a", "a > m", "t > m", "r > noted", "m > f", "f > b", "b > j", "f > i"),
        *("i > c if x", "i > d", "i > k default", "c > k", "d > k", "k > j", "j > g", "g > apply if again"),
        *("g > stop if bad", "g > s default", "s > w", "w > n", "n > end"),
    )
    assert stuck(process) == []


def test_a_join_that_waits_for_a_branch_that_went_elsewhere_is_found():
    process = draw(
        [node("f", "parallel"), user("a"), node("g", "exclusive"), user("b"), node("j", "parallel"), node("end", "end"),
         node("away", "end")],
        *("start > f", "f > a", "a > g", "g > away if x", "g > j default", "f > b", "b > j", "j > end"),
    )  # fmt: skip
    assert stuck(process) == ["j"]


def test_a_join_no_split_belongs_to_is_found():
    process = draw(
        [node("g", "exclusive"), user("a"), user("b"), node("j", "parallel")],
        *("start > g", "g > a if x", "g > b default", "a > j", "b > j", "j > end"),
    )
    assert stuck(process) == ["j"]


def test_a_circle_without_a_way_out_is_found():
    quiet = {"submit": True}
    process = draw([user("a", **quiet), user("b", **quiet)], "start > a", "a > b", "b > a")
    assert stuck(process) == ["a", "b", "start"]


def test_branches_do_not_multiply_the_work():
    count = 12
    nodes = [node("f", "parallel"), node("j", "parallel")]
    ways = ["start > f", "j > end"]
    for number in range(count):
        keys = [f"{name}{number}" for name in ("g", "a", "b", "m")]
        nodes += [node(keys[0], "exclusive"), user(keys[1]), user(keys[2]), node(keys[3], "exclusive")]
        ways += [f"f > {keys[0]}", f"{keys[0]} > {keys[1]} if x", f"{keys[0]} > {keys[2]} default"]
        ways += [f"{keys[1]} > {keys[3]}", f"{keys[2]} > {keys[3]}", f"{keys[3]} > j"]
    assert stuck(draw(nodes, *ways)) == []


def test_a_flow_with_too_many_combinations_says_so(monkeypatch):
    monkeypatch.setattr(walking, "MAX_STATES", 3)
    (flaw,) = flaws_on_the_way(line(user("a"), user("b"), user("c"), user("d")))
    assert (flaw.element, flaw.code) == ("tested", "F24")
    assert "超过 3 种" in flaw.message


def test_a_process_without_a_start_is_not_walked():
    assert flaws_on_the_way(replace(line(user("a")), start="")) == []
