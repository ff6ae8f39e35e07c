"""Random step lists, sound by construction: what an administrator might build."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from bianzhi.workflow.rules.profile import (
    STAGES,
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
from bianzhi.workflow.rules.steps import Block, BlockKind, Branch, Item, Step, StepKind, StepList

CONDITIONS = st.sampled_from(["sampled", 'level == "upper"', "count > 3 and not (count > 9)", 'mode in ("I01", "I02")'])
NAMES = st.sampled_from(["", "受理", "部门会签", "a < b & c \" '", "  两  头 ".strip()])
SEATS = st.sampled_from(
    [Seat(role="office_clerk"), Seat(role="unit_head", relation="own"), Seat(user="li"), Seat(field="handler")]
)
CLOCKS = st.builds(Clock, days=st.integers(1, 60), fact=st.sampled_from(["", "clock_days"]), warn=st.integers(0, 2))


@st.composite
def user_steps(draw: Any, name: str) -> Step:
    order = draw(st.sampled_from(Order))
    seats = draw(st.lists(SEATS, min_size=1, max_size=1 if order is Order.SINGLE else 3, unique=True))
    mode = draw(st.sampled_from(Mode)) if order is not Order.SINGLE else Mode.ALL
    stage = draw(st.sampled_from(["", *(stage for stage in STAGES if stage != "核准")]))
    words = [Verdicts(), Verdicts("无问题", "有问题"), *([Verdicts("报送", "")] if stage != "审批" else [])]
    fields = tuple(draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True)))
    return Step(
        id=name,
        name=draw(NAMES),
        stage=stage,
        seats=tuple(seats),
        order=order,
        countersign=Countersign(mode, draw(st.integers(1, 100)) if mode is Mode.RATIO else 100),
        reject=draw(st.sampled_from([Reject.STOP, Reject.COLLECT])),
        verdicts=draw(st.sampled_from(words)),
        actions=draw(st.frozensets(st.sampled_from(Action))),
        return_to=draw(st.sampled_from([ReturnTo.ANY, ReturnTo.PREVIOUS])),
        ways=draw(st.frozensets(st.sampled_from(Way), min_size=1)),
        skip_same=draw(st.booleans()),
        separate=draw(st.sampled_from(["", "decision"])) if len(seats) > 1 else "",
        fields_write=fields,
        fields_required=fields[:1],
        copies=tuple(draw(st.lists(SEATS, max_size=1))),
        limit=draw(st.none() | CLOCKS),
    )


@st.composite
def steps(draw: Any, name: str) -> Any:
    kind = draw(
        st.sampled_from([StepKind.USER, StepKind.USER, StepKind.COMMAND, StepKind.NOTICE, StepKind.WAIT, StepKind.CALL])
    )
    if kind is StepKind.USER:
        return draw(user_steps(name))
    own: dict[str, Any] = {
        StepKind.COMMAND: {"command": "tests.done"},
        StepKind.NOTICE: {"command": "tests.told"},
        StepKind.WAIT: {"wait": draw(CLOCKS)},
        StepKind.CALL: {"called": "other"},
    }[kind]
    return Step(id=name, name=draw(NAMES), kind=kind, stage=draw(st.sampled_from(["", "公示"])), **own)


class _Names:
    """Ids that never repeat within one list."""

    def __init__(self) -> None:
        self._count = 0

    def next(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


@st.composite
def step_lists(draw: Any) -> StepList:
    names = _Names()
    items = draw(_sequences(names, depth=2, inside=False))
    return StepList("tested", draw(st.sampled_from(["", "测试流程"])), tuple(items))


@st.composite
def _sequences(draw: Any, names: _Names, depth: int, *, inside: bool) -> list[Item]:
    items: list[Item] = []
    for _ in range(draw(st.integers(0, 3))):
        shape = draw(st.sampled_from(["step", "step", "conditional", "block"]))
        if shape == "block" and depth:
            items.append(draw(_blocks(names, depth, inside=inside)))
            continue
        step = draw(steps(names.next("s")))
        items.append(replace(step, when=draw(CONDITIONS)) if shape == "conditional" else step)
    return items


@st.composite
def _blocks(draw: Any, names: _Names, depth: int, *, inside: bool) -> Block:
    """`inside` a parallel or inclusive branch nothing may end the case."""
    kind = draw(st.sampled_from(BlockKind))
    free = kind is BlockKind.EXCLUSIVE and not inside
    key = names.next("b")
    branches = []
    for place in range(draw(st.integers(2, 3))):
        items = draw(_sequences(names, depth - 1, inside=not free and (inside or kind is not BlockKind.EXCLUSIVE)))
        default = place == 0 and kind is not BlockKind.PARALLEL
        if free and not default and draw(st.integers(0, 4)) == 0:
            items.append(Step(names.next("end"), "", draw(st.sampled_from([StepKind.END, StepKind.TERMINATE]))))
        when = "" if default or kind is BlockKind.PARALLEL else draw(CONDITIONS)
        branches.append(Branch(tuple(items), when, default, draw(NAMES)))
    return Block(
        key,
        kind,
        tuple(branches),
        draw(NAMES),
        draw(st.sampled_from(["", "审批"])),
        draw(st.sampled_from(["", f"{key}_fin"])),
    )
