"""A second, simpler engine to hold the real one against: a case as nested runs of sequences, in memory.

Nothing is shared with the product but the words. A `Run` walks a sequence of elements; a parallel block makes runs
of its own. What a run has been through is its `history`; a return cuts the history and walks on from there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.workflow.engine import flows

OPEN = ("todo", "queued", "paused")
SIGNERS = ("sam", "tom", "una", "vic", "wes", "xia")


@dataclass
class Step:
    node_id: str
    signers: list[str]
    mode: str = "all"
    ratio: int = 100
    order: str = "single"
    reject: str = "stop"
    submit: bool = False


@dataclass
class Service:
    node_id: str
    undoable: bool = True


@dataclass
class Fork:
    node_id: str
    branches: list[list[Any]]
    kind: str = "parallel"
    taken: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Task:
    who: str
    status: str = "todo"
    kind: str = "normal"
    verdict: str = ""
    added_by: int | None = None
    position: int = 0


@dataclass(eq=False)
class Visit:
    step: Step
    tasks: list[Task] = field(default_factory=list)

    def open(self) -> list[Task]:
        return [task for task in self.tasks if task.status in OPEN]


@dataclass
class Pending:
    """Where a case goes straight back to once the step it was returned to is corrected."""

    index: int
    visit: Visit
    returner: Task


class Stop(Exception):
    """The case ends here: rejected."""


class Impossible(Exception):
    """The engine must refuse this."""


@dataclass
class Run:
    elements: list[Any]
    index: int = -1
    visit: Visit | None = None
    children: list[Run] | None = None
    history: list[tuple[str, Any, str]] = field(default_factory=list)
    pending: Pending | None = None
    finished: bool = False

    def services(self) -> list[Service]:
        """Everything this run and those below it have carried out, in no order."""
        below = [service for child in self.children or [] for service in child.services()]
        return services_in(self.history) + below


def services_in(history: list[tuple[str, Any, str]]) -> list[Service]:
    found: list[Service] = []
    for kind, what, _ in history:
        if kind == "service":
            found.append(what)
        elif kind == "fork":
            for branch in what:
                found += services_in(branch)
    return found


@dataclass
class Case:
    run: Run
    status: str = "running"
    standing: int = 0

    def begin(self) -> None:
        self.walk([self.run])

    def runs(self, run: Run | None = None, above: tuple[Run, ...] = ()) -> Iterator[list[Run]]:
        """Every run that waits at a step, with the runs above it."""
        run = run or self.run
        path = [*above, run]
        if run.visit is not None:
            yield path
        for child in run.children or []:
            if not child.finished:
                yield from self.runs(child, tuple(path))

    def open_tasks(self) -> list[tuple[str, str, str, str]]:
        found = []
        if self.status == "running":
            for path in self.runs():
                run = path[-1]
                for visit in [run.visit, *([run.pending.visit] if run.pending else [])]:
                    if visit is not None:
                        found += [(visit.step.node_id, task.who, task.status, task.kind) for task in visit.open()]
        return sorted(found)

    # walking

    def walk(self, path: list[Run]) -> None:
        """Let the last run of a path go on to its next element, and the runs above it when it is at its end."""
        run = path[-1]
        run.index += 1
        if run.index >= len(run.elements):
            run.finished, run.visit = True, None
            self.leave_branch(path)
            return
        element = run.elements[run.index]
        if isinstance(element, Step):
            run.visit = new_visit(element)
        elif isinstance(element, Service):
            self.standing += 1
            run.history.append(("service", element, ""))
            self.walk(path)
        else:
            self.fork(path, element)

    def fork(self, path: list[Run], element: Fork) -> None:
        run = path[-1]
        branches = [element.branches[number] for number in element.taken]
        children = run.children = [Run(branch) for branch in branches]
        for child in children:
            if run.children is children:
                self.walk([*path, child])

    def leave_branch(self, path: list[Run]) -> None:
        if len(path) == 1:
            self.status = "completed"
            return
        parent = path[-2]
        assert parent.children is not None
        if all(child.finished for child in parent.children):
            parent.history.append(("fork", [child.history for child in parent.children], ""))
            parent.children = None
            self.walk(path[:-1])

    # acting

    def decide(self, path: list[Run], task: Task, verdict: str) -> None:
        task.status, task.verdict = "done", verdict
        self.settle(path)

    def settle(self, path: list[Run]) -> None:
        run = path[-1]
        visit = run.visit
        assert visit is not None
        result = verdict_of(visit)
        if result is None:
            ask_next(visit)
            return
        for other in visit.open():
            other.status = "cancelled"
        if result == "agree" or visit.step.reject == "collect":
            self.complete(path)
        elif visit.step.reject == "return":
            self.send_back(path, 0, self.run.history[0])
        else:
            self.status = "rejected"

    def complete(self, path: list[Run]) -> None:
        run = path[-1]
        assert run.visit is not None
        decided = [each for each in run.visit.tasks if each.status == "done" and each.kind == "normal"]
        doer = decided[-1].who if decided else ""
        if run.pending is not None:
            pending, run.pending = run.pending, None
            place = [at for at, entry in enumerate(run.history) if entry[0] == "step" and entry[1] == run.index][-1]
            run.history[place] = ("step", run.index, doer)
            run.index, run.visit = pending.index, pending.visit
            for paused in run.visit.tasks:
                if paused.status == "paused":
                    paused.status = "queued"
            self.ask_returner(run.visit, pending.returner)
            ask_next(run.visit)
            return
        run.history.append(("step", run.index, doer))
        run.visit = None
        self.walk(path)

    def ask_again(self, visit: Visit, task: Task, woken: list[Task]) -> None:
        """撤回: the opinion is gone, its giver is asked anew, and whom it let be asked waits again."""
        task.status = "withdrawn"
        for each in woken:
            each.status = "queued"
        self.ask_returner(visit, task)

    def ask_returner(self, visit: Visit, returner: Task) -> None:
        """Whoever returned the case is asked again, with those they had added."""
        old = visit.tasks.index(returner)
        again = Task(returner.who, kind=returner.kind, added_by=returner.added_by, position=returner.position)
        visit.tasks.append(again)
        for task in visit.tasks:
            if task.added_by == old:
                task.added_by = len(visit.tasks) - 1

    def targets(self, path: list[Run]) -> list[tuple[int, tuple[str, Any, str], list[str]]]:
        """(depth of the run, history entry, ways) a task of the last run may be returned to."""
        found = []
        for depth in range(len(path) - 1, -1, -1):
            run = path[depth]
            entries = run.history
            if depth == len(path) - 1 and run.pending is not None:
                cut = [at for at, entry in enumerate(entries) if entry[0] == "step" and entry[1] == run.index][-1]
                entries = entries[:cut]
            for entry in entries:
                if entry[0] == "step":
                    direct = depth == len(path) - 1 and run.pending is None
                    found.append((depth, entry, ["step", "direct"] if direct else ["step"]))
        return found

    def send_back(self, path: list[Run], depth: int, entry: tuple[str, Any, str]) -> None:
        """退回，逐级重办."""
        run = path[depth]
        place = run.history.index(entry)
        lost = services_in(run.history[place:]) + [s for child in run.children or [] for s in child.services()]
        if not all(service.undoable for service in lost):
            raise Impossible
        self.standing -= len(lost)
        run.history, run.children, run.pending = run.history[:place], None, None
        self.visit_again(run, entry)

    def straight_back(self, path: list[Run], entry: tuple[str, Any, str], task: Task) -> None:
        """退回，办后直送."""
        run = path[-1]
        assert run.visit is not None
        if services_in(run.history[run.history.index(entry) :]):
            raise Impossible
        for other in run.visit.open():
            other.status = "paused"
        run.pending = Pending(run.index, run.visit, task)
        self.visit_again(run, entry)

    def visit_again(self, run: Run, entry: tuple[str, Any, str]) -> None:
        run.index = entry[1]
        step = run.elements[run.index]
        run.visit = new_visit(step)
        if len(run.visit.tasks) == 1 and entry[2]:
            run.visit.tasks[0].who = entry[2]

    def add(self, visit: Visit, task: Task, who: str, position: str) -> None:
        number = visit.tasks.index(task)
        visit.tasks.append(Task(who, "queued" if position == "after" else "todo", position, added_by=number))
        visit.tasks[-1].position = task.position
        if position == "before":
            task.status = "queued"

    def remove(self, path: list[Run], task: Task) -> None:
        task.status = "cancelled"
        self.settle(path)


def new_visit(step: Step) -> Visit:
    tasks = [Task(who, position=number) for number, who in enumerate(step.signers)]
    if step.order == "sequential":
        for task in tasks[1:]:
            task.status = "queued"
    return Visit(step, tasks)


def verdict_of(visit: Visit) -> str | None:
    """agree, disagree, or None while it is open. Advice counts where all must agree; advice asked for later holds."""
    mode = visit.step.mode
    votes = [task for task in visit.tasks if mode == "all" or task.kind not in ("before", "after")]
    agreed = sum(task.status == "done" and task.verdict == "agree" for task in votes)
    against = sum(task.status == "done" and task.verdict == "disagree" for task in votes)
    open_ = sum(task.status in OPEN for task in votes)
    total = agreed + against + open_
    if total == 0:
        return "agree"
    needed = {"all": total, "any": 1, "ratio": -(-total * visit.step.ratio // 100)}[mode]
    if agreed >= needed:
        done = [number for number, task in enumerate(visit.tasks) if task.status == "done"]
        held = any(t.kind == "after" and t.status in OPEN and t.added_by in done for t in visit.tasks)
        return None if held else "agree"
    if agreed + open_ >= needed:
        return None
    return None if visit.step.reject == "collect" and open_ else "disagree"


def ask_next(visit: Visit) -> None:
    """Ask everybody who waits for nobody: one pass over the whole step, whoever was heard last."""
    ready = [task for number, task in enumerate(visit.tasks) if task.status == "queued" and not blocked(visit, number)]
    for task in ready:
        task.status = "todo"


def blocked(visit: Visit, number: int) -> bool:
    task = visit.tasks[number]
    if task.kind == "after" and task.added_by is not None and visit.tasks[task.added_by].status in OPEN:
        return True
    if any(
        unheard(visit, at) for at, other in enumerate(visit.tasks) if (other.kind, other.added_by) == ("before", number)
    ):
        return True
    earlier = [other for other in visit.open() if other.position < task.position]
    return visit.step.order == "sequential" and task.kind in ("normal", "beside") and bool(earlier)


def unheard(visit: Visit, number: int) -> bool:
    """Whether one who was asked, or anybody they asked in turn, has still to answer."""
    if visit.tasks[number].status in OPEN:
        return True
    return any(unheard(visit, at) for at, other in enumerate(visit.tasks) if other.added_by == number)


# --- random flows ------------------------------------------------------------------------------------------------


class Inventor:
    """Invents block-structured flows."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.count = rng, 0

    def invent(self) -> list[Any]:
        first = Step("apply", ["clerk"], submit=True)
        return [first, *self.sequence(depth=0, most=4)]

    def sequence(self, depth: int, most: int) -> list[Any]:
        return [self.element(depth) for _ in range(self.rng.randint(1, most))]

    def element(self, depth: int) -> Any:
        self.count += 1
        drawn = self.rng.random()
        if depth < 2 and drawn < 0.3:
            return self.fork(depth)
        if drawn < 0.45:
            return Service(f"s{self.count}", undoable=self.rng.random() < 0.85)
        return self.step()

    def step(self) -> Step:
        rng = self.rng
        order = rng.choice(["single", "single", "parallel", "sequential"])
        signers = rng.sample(SIGNERS, 1 if order == "single" else rng.randint(2, 3))
        mode = "all" if order == "single" else rng.choice(["all", "any", "ratio"])
        return Step(
            f"n{self.count}", signers, mode, rng.choice([50, 60, 67]), order, rng.choice(["stop", "return", "collect"])
        )

    def fork(self, depth: int) -> Fork:
        name, kind = f"g{self.count}", self.rng.choice(["parallel", "inclusive"])
        branches = [self.sequence(depth + 1, 2) for _ in range(self.rng.randint(2, 3))]
        taken = list(range(len(branches)))
        if kind == "inclusive":
            taken = [number for number in taken if self.rng.random() < 0.6]
        return Fork(name, branches, kind, taken)


def written(elements: list[Any]) -> list[Any]:
    """The same flow as the product reads it; an inclusive block without a branch to take goes its last one."""
    found: list[Any] = []
    for element in elements:
        if isinstance(element, Service):
            found.append(flows.service(element.node_id, "tests.undoable" if element.undoable else "tests.final"))
        elif isinstance(element, Fork):
            found.append(_written_fork(element))
        elif element.submit:
            found.append(flows.step(element.node_id, submit=True))
        else:
            mode = "" if element.order == "single" else element.mode
            found.append(
                flows.step(
                    element.node_id, users=element.signers, mode=mode, ratio=element.ratio,
                    sequential=element.order == "sequential", reject=element.reject,
                )
            )  # fmt: skip
    return found


def _written_fork(fork: Fork) -> flows.Block:
    branches = [written(branch) for branch in fork.branches]
    if fork.kind == "parallel":
        return flows.parallel(fork.node_id, *branches)
    taken = fork.taken
    conditions = [f"{'yes' if number in taken else 'no'} == true" for number in range(len(branches))]
    conditions[-1] = ""
    fork.taken = [number for number in taken if number != len(branches) - 1] or [len(branches) - 1]
    return flows.inclusive(fork.node_id, *zip(conditions, branches, strict=True))


def before_and_after(case: Case, act: Any) -> tuple[Case, bool]:
    """The case as it was, and whether the act is possible; an impossible act leaves it as it was."""
    kept = copy.deepcopy(case)
    try:
        act()
    except Impossible:
        return kept, False
    return kept, True
