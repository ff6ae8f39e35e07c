"""Everything wrong with a definition is found at once, each at its element, under a stable code."""

from dataclasses import replace
from pathlib import Path

import pytest

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.known import Known
from bianzhi.workflow.rules.profile import (
    Action,
    Clock,
    Countersign,
    Mode,
    Order,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)
from bianzhi.workflow.rules.validating import examine, validate
from tests.workflow.language.drawing import (
    APPLICANT,
    CLERK,
    DIRECTOR,
    draw,
    flaws,
    line,
    node,
    service,
    submit,
    timer,
    user,
    xml,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "flow-language.md"


def test_a_sound_flow_has_no_flaws():
    sound = draw(
        [
            submit(stage="申请"),
            user("review", stage="审批", separate="decision", limit=Clock(5)),
            user("sign", CLERK, DIRECTOR, order=Order.PARALLEL, reject=Reject.COLLECT),
            node("g", "exclusive"),
            user("ratify", DIRECTOR, stage="核准", separate="decision", reject=Reject.RETURN),
            service("effect"),
        ],
        "start > apply",
        "apply > review",
        "review > sign",
        "sign > g",
        'g > apply if sign_outcome == "disagree"',
        "g > ratify default",
        "ratify > effect",
        "effect > end",
    )
    assert validate(sound) == []


# --- start, end, ways --------------------------------------------------------------------------------------------


def test_there_is_one_start_and_at_least_one_end():
    assert ("tested", "F13") in flaws(draw([user("a"), node("start", "user"), node("end", "end")], "a > end"))
    assert ("second", "F13") in flaws(
        draw([node("first", "start"), node("second", "start"), user("a")], "first > a", "second > a", "a > end")
    )
    assert ("tested", "F13") in flaws(draw([user("a"), node("end", "user")], "start > a", "a > end"))


def test_nothing_leads_to_the_start_or_on_from_the_end():
    assert flaws(draw([user("a")], "start > a", "a > start")) == [
        ("start", "F13"),
        ("end", "F14"),
        ("start", "F15"),
        ("a", "F15"),
    ]
    assert ("end", "F13") in flaws(draw([user("a"), user("b")], "start > a", "a > end", "end > b", "b > end"))


def test_a_step_the_start_does_not_lead_to_is_named():
    assert flaws(draw([user("a"), user("lost")], "start > a", "a > end", "lost > end")) == [("lost", "F14")]


def test_a_step_that_leads_nowhere_is_named():
    forked = draw([node("g", "exclusive"), user("a"), user("b")], "start > g", "g > a if x", "g > b default", "a > end")
    assert flaws(forked) == [("b", "F15")]


def test_a_loop_that_never_comes_to_an_end_is_named():
    assert flaws(draw([user("a"), user("b")], "start > a", "a > b", "b > a")) == [
        ("end", "F14"),
        ("start", "F15"),
        ("a", "F15"),
        ("b", "F15"),
    ]


def test_a_loop_without_anybody_to_stop_it_is_refused():
    def looped(*between):
        ids = [each.id for each in between]
        ways = [f"{one} > {other}" for one, other in zip(["m", *ids], [*ids, "g"], strict=False)]
        return draw(
            [node("m", "exclusive"), *between, node("g", "exclusive")],
            "start > m",
            *ways,
            "g > m if again",
            "g > end default",
        )

    assert flaws(looped(service("s"))) == [("m", "F23")]
    assert flaws(looped(user("a", skip_same=True))) == [("m", "F23")]
    assert flaws(looped(user("a"))) == []
    assert flaws(looped(node("w", "wait", wait=Clock(1)))) == []


# --- gateways ----------------------------------------------------------------------------------------------------


def test_branches_are_drawn_as_gateways():
    process = draw([user("a"), user("b")], "start > a", "a > b if x", "a > end", "b > end")
    assert flaws(process) == [("a", "F16"), ("a-b", "F16")]
    assert flaws(draw([user("a")], "start > a", "a > end default")) == [("a", "F17")]


def choice(*ways: str) -> list[tuple[str, str]]:
    return flaws(draw([node("g", "exclusive"), user("a"), user("b")], "start > g", *ways, "a > end", "b > end"))


def test_an_exclusive_gateway_has_one_default_and_conditions_on_the_others():
    assert choice("g > a if x", "g > b default") == []
    assert choice("g > a if x", "g > b if y") == [("g", "F17")]
    assert choice("g > a", "g > b default") == [("g-a", "F18")]
    assert choice("g > a", "g > b") == [("g", "F17"), ("g-a", "F18"), ("g-b", "F18")]


def test_a_default_has_no_condition():
    process = draw([node("g", "exclusive"), user("a"), user("b")], "start > g", "g > a if x", "a > end", "b > end")
    gateway = process.node("g")
    both = (gateway.outgoing[0], replace(gateway.outgoing[0], id="g-b", target="b", is_default=True))
    changed = replace(process, nodes={**process.nodes, "g": replace(gateway, outgoing=both)})
    assert ("g-b", "F18") in flaws(changed)


def test_a_condition_stands_where_there_is_a_choice():
    assert flaws(draw([node("g", "exclusive")], "start > g", "g > end if x")) == [("g-end", "F18")]


def test_an_inclusive_gateway_may_have_a_branch_that_is_always_taken():
    def some(*ways):
        return flaws(
            draw(
                [node("g", "inclusive"), user("a"), user("b"), node("j", "inclusive")],
                "start > g",
                *ways,
                "a > j",
                "b > j",
                "j > end",
            )
        )

    assert some("g > a", "g > b if x") == []
    assert some("g > a if y", "g > b default") == []
    assert some("g > a if y", "g > b if x") == [("g", "F17")]


def test_parallel_branches_have_neither_conditions_nor_a_default():
    process = draw(
        [node("g", "parallel"), user("a"), user("b"), node("j", "parallel")],
        "start > g",
        "g > a if x",
        "g > b default",
        "a > j",
        "b > j",
        "j > end",
    )
    assert flaws(process) == [("g-a", "F18"), ("g", "F17")]


def test_a_parallel_gateway_splits_or_joins_and_never_both():
    assert flaws(line(node("g", "parallel"))) == [("g", "F20")]
    both = draw(
        [
            node("g", "parallel"),
            user("a"),
            user("b"),
            node("m", "parallel"),
            user("c"),
            user("d"),
            node("j", "parallel"),
        ],
        *("start > g", "g > a", "g > b", "a > m", "b > m", "m > c", "m > d", "c > j", "d > j", "j > end"),
    )
    assert ("m", "F20") in flaws(both)


@pytest.mark.parametrize("text", ["level = 1", "x or", "__import__('os')", "${x}"])
def test_a_condition_that_cannot_be_read_is_named_with_the_reason(text):
    process = draw([node("g", "exclusive"), user("a")], "start > g", f"g > a if {text}", "g > end default", "a > end")
    (flaw,) = validate(process)
    assert (flaw.element, flaw.code) == ("g-a", "F19")
    assert "个字符处" in flaw.message


def test_a_condition_on_a_step_s_outcome_needs_a_step_that_has_one():
    def asking(name, *steps):
        return flaws(
            draw(
                [*steps, node("g", "exclusive"), user("z")],
                f"start > {steps[0].id}",
                f"{steps[0].id} > g",
                f'g > z if {name} == "agree"',
                "g > end default",
                "z > end",
            )
        )

    assert asking("a_outcome", user("a")) == [("g-z", "F39")]
    assert asking("s_outcome", service("s")) == [("g-z", "F39")]
    assert asking("a_outcome", user("a", reject=Reject.COLLECT)) == []
    assert asking("c_outcome", node("c", "call", called="sub")) == []
    assert asking("visit_outcome", user("a")) == []


# --- people ------------------------------------------------------------------------------------------------------


def test_one_person_is_asked_unless_it_is_a_countersign():
    assert flaws(line(replace(user("a"), seats=()))) == [("a", "F25")]
    assert flaws(line(user("a", CLERK, DIRECTOR))) == [("a", "F25")]
    assert flaws(line(replace(user("a", order=Order.PARALLEL), seats=()))) == [("a", "F25")]
    assert flaws(line(user("a", CLERK, DIRECTOR, order=Order.SEQUENTIAL))) == []
    assert flaws(line(user("a", CLERK, CLERK, order=Order.PARALLEL))) == [("a", "F26")]


@pytest.mark.parametrize(
    ("seat", "sound"),
    [
        (Seat(role="office_clerk"), True),
        (Seat(role="unit_head", relation="own"), True),
        (Seat(role="unit_head", field="target"), True),
        (Seat(field="handler"), True),
        (Seat(user="zhang"), True),
        (Seat(initiator=True), True),
        (Seat(), False),
        (Seat(relation="own"), False),
        (Seat(user="zhang", role="office_clerk"), False),
        (Seat(initiator=True, field="x"), False),
        (Seat(role="unit_head", relation="own", field="x"), False),
        (Seat(user="zhang", relation="own"), False),
    ],
)
def test_a_seat_says_in_one_way_who_is_meant(seat, sound):
    assert flaws(line(user("a", seat))) == ([] if sound else [("a", "F26")])
    assert flaws(line(user("a", copies=(seat,)))) == ([] if sound else [("a", "F26")])


def test_a_countersign_needs_several_and_a_ratio_between_1_and_100():
    assert flaws(line(user("a", countersign=Countersign(Mode.ANY)))) == [("a", "F29")]
    for ratio in (0, 101):
        rule = Countersign(Mode.RATIO, ratio)
        assert flaws(line(user("a", order=Order.PARALLEL, countersign=rule))) == [("a", "F29")]


def test_only_the_initiator_submits():
    assert flaws(line(submit(), user("b"))) == []
    assert flaws(line(user("a", submit=True))) == [("a", "F30")]
    assert flaws(line(submit(skip_same=True), user("b"))) == [("apply", "F30")]
    assert flaws(line(submit(reject=Reject.COLLECT), user("b"))) == [("apply", "F30")]


def test_ratifying_is_never_skipped():
    assert flaws(line(user("a", stage="核准", skip_same=True))) == [("a", "F31")]
    assert flaws(line(user("a", stage="核准", actions=frozenset({Action.SKIP})))) == [("a", "F31")]
    assert flaws(line(user("a", stage="审批", skip_same=True, actions=frozenset({Action.SKIP})))) == []


def test_nobody_judges_an_own_matter_and_separate_steps_have_different_people():
    assert flaws(line(user("a", APPLICANT, stage="审批"))) == [("a", "F32")]
    assert flaws(line(user("a", APPLICANT, stage="反馈"))) == []
    one = Seat(user="zhang")
    assert flaws(line(user("a", one, separate="d"), user("b", one, separate="d"))) == [("b", "F32")]
    assert flaws(line(user("a", one, separate="d"), user("b", separate="d"))) == []
    assert flaws(line(user("a", separate="d"), user("b", separate="d"))) == []


def test_a_return_to_the_initiator_needs_a_step_of_submitting_before_it():
    back = {"return_to": ReturnTo.INITIATOR}
    assert flaws(line(user("a", **back))) == [("a", "F33")]
    assert flaws(line(submit(), user("a", **back))) == []
    assert flaws(line(user("a", reject=Reject.RETURN), submit())) == [("a", "F33")]
    assert flaws(line(user("a", actions=frozenset(), **back))) == []
    assert flaws(line(user("a", ways=frozenset()))) == [("a", "F33")]
    assert flaws(line(user("a", ways=frozenset({Way.STEP})))) == []


def test_the_words_of_a_verdict_differ_and_fit_a_button():
    assert flaws(line(user("a", verdicts=Verdicts("无问题", "有问题")))) == []
    assert flaws(line(user("a", verdicts=Verdicts("报送", "")))) == []
    assert flaws(line(user("a", verdicts=Verdicts("报送", ""), stage="核准"))) == [("a", "F12")]
    assert flaws(line(user("a", verdicts=Verdicts("可以", "可以")))) == [("a", "F12")]
    assert flaws(line(user("a", verdicts=Verdicts("经研究原则上同意", "经研究原则上不能同意")))) == [("a", "F12")]
    assert flaws(line(replace(submit(), verdicts=Verdicts("报送", "")))) == [("apply", "F30")]


def test_fields_that_must_be_filled_in_can_be_filled_in():
    assert flaws(line(user("a", fields_write=("x",), fields_required=("x", "y")))) == [("a", "F12")]


# --- commands, calls, clocks, stages -----------------------------------------------------------------------------


def test_commands_called_flows_and_waits_are_named():
    assert flaws(line(service("s", ""))) == [("s", "F34")]
    assert flaws(line(node("n", "send"))) == [("n", "F34")]
    assert flaws(line(node("c", "call"))) == [("c", "F35")]
    assert flaws(line(node("c", "call", called="tested"))) == [("c", "F35")]
    assert flaws(line(node("w", "wait"))) == [("w", "F36")]


@pytest.mark.parametrize(
    ("clock", "sound"),
    [
        (Clock(5), True),
        (Clock(1), True),
        (Clock(fact="n"), True),
        (Clock(5, "n"), True),
        (Clock(0), False),
        (Clock(751), False),
        (Clock(5, warn=6), False),
        (Clock(5, warn=0), True),
    ],
)
def test_limits_are_sane(clock, sound):
    expected = [] if sound else [("a", "F36")]
    assert flaws(line(user("a", limit=clock))) == expected
    assert flaws(line(node("a", "wait", wait=clock))) == expected


def test_stages_are_those_of_the_chain():
    assert flaws(line(user("a", stage="会审"))) == [("a", "F38")]


def test_a_boundary_timer_has_a_step_a_limit_and_a_way_out():
    def bordered(*nodes, ways=("t > end",)):
        return flaws(draw([user("a"), service("s"), *nodes], "start > a", "a > s", "s > end", *ways))

    assert bordered(timer("t", "a")) == []
    assert bordered(timer("t", "a"), ways=()) == [("t", "F37")]
    assert bordered(timer("t", "a", interrupting=False), ways=()) == [("t", "F37")]
    assert bordered(replace(timer("t", "a"), limit=None)) == [("t", "F36")]
    assert bordered(timer("t", "s")) == [("t", "F37")]
    assert ("t", "F37") in bordered(timer("t", "gone"))
    assert ("t", "F37") in bordered(timer("t", "a"), node("g", "exclusive"), ways=("t > g", "g > t"))


# --- names -------------------------------------------------------------------------------------------------------

KNOWN = Known(roles={"office_clerk"}, relations={"supervising"}, commands={"tests.done"}, flows={"sub"}, users={"li"})


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (user("a", Seat(role="king")), "F27"),
        (user("a", copies=(Seat(role="king"),)), "F27"),
        (user("a", Seat(role="office_clerk", relation="neighbours")), "F28"),
        (user("a", Seat(user="nobody")), "F26"),
        (service("a", "tests.undone"), "F34"),
        (node("a", "call", called="other"), "F35"),
    ],
)
def test_names_this_installation_does_not_know_are_flaws_where_they_can_be_looked_up(step, code):
    assert flaws(line(step), KNOWN) == [("a", code)]
    assert flaws(line(step)) == []


@pytest.mark.parametrize(
    "step",
    [
        user("a", Seat(role="office_clerk", relation="own")),
        user("a", Seat(role="office_clerk", relation="supervising")),
        user("a", Seat(user="li")),
        service("a"),
        node("a", "call", called="sub"),
    ],
)
def test_known_names_are_accepted(step):
    assert flaws(line(step), KNOWN) == []


def test_without_a_database_flows_and_accounts_are_not_looked_up():
    offline = Known(roles=set(), relations=set(), commands=set())
    assert flaws(line(node("a", "call", called="other"), user("b", Seat(user="li"))), offline) == []


# --- whole files -------------------------------------------------------------------------------------------------


def test_the_shape_around_an_unsupported_element_is_judged_all_the_same():
    reading = examine(
        xml(
            '<startEvent id="s"/><scriptTask id="x"/><userTask id="lost"/><endEvent id="e"/>'
            '<sequenceFlow id="f1" sourceRef="s" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="e"/>'
        )
    )
    assert {(flaw.element, str(flaw.code)) for flaw in reading.flaws} == {
        ("x", "F06"),
        ("lost", "F14"),
        ("lost", "F15"),
        ("lost", "F25"),
    }
    assert [flaw.line for flaw in reading.flaws] == [4] * 4


def test_every_code_is_in_the_document_with_its_meaning():
    text = DOCUMENT.read_text("utf-8")
    for code in Code:
        assert f"| {code} | {code.meaning} |" in text
