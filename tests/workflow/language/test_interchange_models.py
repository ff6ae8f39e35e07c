"""The constructs of the 21 models of the BPMN interchange suite (MIWG), redrawn small: each runs, or says why not.

A model is accepted, or exactly the elements listed are refused under the codes listed.
"""

from pathlib import Path

import pytest

from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.rules.writing import write

MODELS = Path(__file__).parents[1] / "models"
STAFFING_PLAN = Path(__file__).parents[4] / "shared" / "data" / "staffing_plan.bpmn"

EXPECTED: dict[str, dict[str, str]] = {
    # a sequence of user tasks
    "A.1.0": {},
    # an exclusive gateway with conditions and a default, a merge, two ends
    "A.2.0": {},
    # the same without a default, with a condition that can't be read, and splits that are not drawn as gateways
    "A.2.1": {"g1": "F17", "g1-t3": "F18", "g2-t4": "F18 F19", "t4": "F16", "t4-t5": "F16"},
    # collapsed and expanded sub-processes, an error on the border of one
    "A.3.0": {"collapsed": "F06", "expanded": "F06", "inner_task": "F06", "inner_script": "F06", "failed": "F07"},
    # two pools with lanes and message flows
    "A.4.0": {"pool_partner": "F08", "asks": "F08", "answers": "F08"},
    # a black-box pool, a multiple participant, message events, a sub-process
    "A.4.1": {
        "pool_case": "F08",
        "pool_public": "F08",
        "letter_in": "F08",
        "begun": "F07",
        "study": "F06",
        "sent": "F07",
    },
    # every kind of task, a call activity, data objects and stores, annotations
    "B.1.0": {
        **dict.fromkeys(("plain", "heard", "by_hand", "ruled", "scripted"), "F06"),
        **dict.fromkeys(("form", "form_ref", "register"), "F09"),
    },
    # every kind of event and gateway
    "B.2.0": {
        **dict.fromkeys(("start_message", "start_timer", "start_signal", "start_conditional"), "F07"),
        **dict.fromkeys(("catch_message", "catch_signal", "catch_conditional", "catch_link"), "F07"),
        **dict.fromkeys(("throw_message", "throw_signal", "throw_escalation", "throw_compensate"), "F07"),
        **dict.fromkeys(("throw_link", "throw_none"), "F07"),
        "catch_date": "F07 F36",
        **dict.fromkeys(("edge_message", "edge_error", "edge_signal", "edge_escalation"), "F07"),
        **dict.fromkeys(("edge_conditional", "edge_compensate", "edge_cancel"), "F07"),
        **dict.fromkeys(("end_message", "end_signal", "end_error"), "F07"),
        **dict.fromkeys(("end_escalation", "end_compensate", "end_cancel"), "F07"),
        **dict.fromkeys(("complex", "by_event"), "F06"),
    },
    # one pool with lanes, stages, a loop back for correction, a refusal that returns
    "C.1.0": {},
    # parallel and sequential multi-instance; a standard loop, a cardinality, several people without multi-instance
    "C.1.1": {"three_times": "F10", "again": "F10", "many": "F10", "crowd": "F25"},
    # message start, event gateway, a parallel block
    "C.2.0": {"ordered": "F07", "first_of": "F06", "paid": "F07"},
    # limits, boundary timers of both kinds, a wait
    "C.3.0": {},
    # data objects, stores, associations, properties, resource roles
    "C.4.0": {
        "amount": "F09",
        "paper": "F09",
        "paper_ref": "F09",
        "ledger_ref": "F09",
        "write": "F09",
        "check": "F06 F09",
    },
    # documentation, lanes, annotation, group, category and a picture
    "C.5.0": {},
    # transaction, compensation, cancel
    "C.6.0": {
        "booking": "F06",
        "undo_hotel": "F07",
        "cancel_hotel": "F10",
        "cancelled": "F07",
        "undo": "F07",
        "failed": "F07",
    },
    # inclusive and exclusive blocks inside a parallel one, ended by a terminate event
    "C.7.0": {},
    # a split without its join, a branch that leaves its block
    "C.8.0": {"fork": "F21", "wrong_join": "F22", "early": "F22", "end": "F22"},
    # two executable processes
    "C.8.1": {"one": "F04", "two": "F04", "t2": "F06"},
    # decision tables, scripts and expressions of another engine; its extensions and attributes mean nothing here
    "C.9.0": {"score": "F06", "compute": "F06", "g-end": "F19"},
    # ad-hoc and event sub-processes, an element BPMN does not have
    "C.9.1": {"any_order": "F06", "x2": "F06", "watching": "F06", "complained": "F07", "odd": "F06"},
    # choreography and conversation around a process that is only a sketch
    "C.9.2": {"dance": "F08", "talk": "F08", "chat": "F08", "sketch": "F04"},
}


def refused(path: Path) -> dict[str, str]:
    codes: dict[str, set[str]] = {}
    for flaw in examine(path.read_bytes()).flaws:
        assert flaw.line > 0
        codes.setdefault(flaw.element, set()).add(str(flaw.code))
    return {element: " ".join(sorted(found)) for element, found in codes.items()}


def test_every_model_of_the_suite_has_its_counterpart():
    assert sorted(path.stem for path in MODELS.glob("*.bpmn")) == sorted(EXPECTED)
    assert len(EXPECTED) == 21


@pytest.mark.parametrize("name", EXPECTED)
def test_a_model_is_accepted_or_exactly_these_elements_are_refused(name):
    assert refused(MODELS / f"{name}.bpmn") == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name, flaws in EXPECTED.items() if not flaws])
def test_an_accepted_model_keeps_its_meaning_when_written_and_read_again(name):
    process = examine((MODELS / f"{name}.bpmn").read_bytes()).process
    assert process is not None
    again = examine(write(process))
    assert again.flaws == []
    assert again.process == process


@pytest.mark.skipif(not STAFFING_PLAN.exists(), reason="the shared example file is not on this machine")
def test_the_shared_staffing_plan_lacks_only_its_people():
    """Drawn for an engine that takes signers from data; as for the rest it is the chain this engine runs."""
    people = ("apply", "approve", "ratify", "publish", "inspect", "handle", "feedback")
    assert refused(STAFFING_PLAN) == {**dict.fromkeys(people, "F25"), "sign": "F10 F25"}
