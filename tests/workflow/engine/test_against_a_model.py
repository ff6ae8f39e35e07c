"""Random cases on random flows, each act compared with a second engine: 退回 × 会签 × 加签 × 撤回 × 并行.

What is looked for: a step that goes on twice, a task that is lost, a case nobody can finish, a command carried out
twice or not at all. `./bianzhi test --all` runs 10 000 sequences, the default run a few hundred of the same kind.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from django.db import transaction

from bianzhi.accounts.models import User
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.selectors.integrity import cases_alive, opinions_chained, steps_manned
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.returning import return_task
from bianzhi.workflow.services.signers import add_signer, remove_signer
from bianzhi.workflow.services.withdrawing import withdraw
from tests.accounts.people import account
from tests.workflow.engine import flows, model
from tests.workflow.engine.flows import TODAY

BATCHES = 40
FLOWS_EACH = 10
ACTIONS = 14


@dataclass(eq=False)
class Given:
    """An opinion that did not decide its step: who gave it, and whom it let be asked."""

    run: model.Run
    visit: model.Visit
    task: model.Task
    pk: int
    woken: list[model.Task]

    def stands(self, case: model.Case) -> bool:
        """Whether its step still waits for others, where it was."""
        under_way = any(path[-1] is self.run for path in case.runs())
        here = self.run.visit is self.visit and self.run.pending is None
        return under_way and here and self.task.status == "done"


@dataclass
class Play:
    """One case in both engines, and the opinions that may be withdrawn."""

    case: model.Case
    instance: FlowInstance
    people: dict[str, User]
    rng: Random
    last: tuple[model.Case, str, int] | None = None
    story: list[str] | None = None
    given: list[Given] = field(default_factory=list)

    def act(self) -> None:
        """One random act in both."""
        drawn = self.rng.random()
        if self.last is not None and drawn < 0.12:
            self.take_back()
            return
        earlier = [each for each in self.given if each.stands(self.case)]
        if earlier and 0.12 <= drawn < 0.2:
            self.take_back_earlier(self.rng.choice(earlier))
            return
        path, visit = self.rng.choice(self.waiting())
        task = self.rng.choice([task for task in visit.tasks if task.status == "todo"])
        self.last = None
        if visit.step.submit or drawn < 0.62:
            self.decide(path, task, "agree")
        elif drawn < 0.70:
            self.decide(path, task, "disagree")
        elif drawn < 0.86:
            self.send_back(path, task)
        elif drawn < 0.95:
            self.add(path, task)
        else:
            self.remove(path)

    def waiting(self) -> list[tuple[list[model.Run], model.Visit]]:
        """Every run somebody is asked in, with the step it waits at."""
        found = [(path, path[-1].visit) for path in self.case.runs()]
        return [(path, visit) for path, visit in found if visit and any(task.status == "todo" for task in visit.tasks)]

    def row(self, node_id: str, task: model.Task) -> FlowTask:
        """The product's row of a task."""
        rows = FlowTask.objects.filter(
            instance=self.instance, node_id=node_id, status=task.status, assignee__username=task.who, kind=task.kind
        )
        return rows.order_by("-pk")[0]

    def both(self, what: str, ours: Any, theirs: Any) -> bool:
        """Act in both; each must refuse what the other refuses."""
        assert self.story is not None
        self.story.append(what)
        before, possible = model.before_and_after(self.case, ours)
        if possible:
            try:
                theirs()
            except Refused as refusal:
                raise AssertionError(f"refused what the model does: {self.story}") from refusal
            return True
        self.go_back_to(before)
        with pytest.raises(Refused), transaction.atomic():
            theirs()
        return False

    def go_back_to(self, before: model.Case) -> None:
        """The case as it was; what is known of single opinions of the other copy is forgotten."""
        self.case, self.given = before, []

    def decide(self, path: list[model.Run], task: model.Task, verdict: str) -> None:
        node = path[-1].visit.step  # type: ignore[union-attr]
        row, actor = self.row(node.node_id, task), self.people[task.who]
        word = "submit" if node.submit else verdict
        before = copy.deepcopy(self.case)
        run, visit = path[-1], path[-1].visit
        queued = [each for each in visit.tasks if each.status == "queued"]  # type: ignore[union-attr]
        done = self.both(
            f"{task.who} {word} {node.node_id}",
            lambda: self.case.decide(path, task, verdict),
            lambda: decide(actor=actor, task_id=row.pk, verdict=word, text="意见", today=TODAY),
        )
        if done:
            self.last = (before, task.who, row.pk)
            if run.visit is visit and visit is not None:
                woken = [each for each in queued if each.status == "todo"]
                self.given.append(Given(run, visit, task, row.pk, woken))

    def send_back(self, path: list[model.Run], task: model.Task) -> None:
        targets = self.case.targets(path)
        if not targets:
            return
        depth, entry, ways = self.rng.choice(targets)
        way, node = self.rng.choice(ways), path[-1].visit.step.node_id  # type: ignore[union-attr]
        row, actor = self.row(node, task), self.people[task.who]
        to_node = path[depth].elements[entry[1]].node_id

        def ours() -> None:
            task.status = "returned"
            if way == "direct":
                self.case.straight_back(path, entry, task)
            else:
                self.case.send_back(path, depth, entry)

        self.both(
            f"{task.who} returns {node} to {to_node} {way}",
            ours,
            lambda: return_task(actor=actor, task_id=row.pk, to_node=to_node, way=way, text="补正", today=TODAY),
        )

    def add(self, path: list[model.Run], task: model.Task) -> None:
        visit = path[-1].visit
        assert visit is not None
        free = [
            who
            for who in model.SIGNERS
            if not any(each.who == who and each.status in ("todo", "queued", "paused", "done") for each in visit.tasks)
        ]
        if not free:
            return
        who, position = self.rng.choice(free), self.rng.choice(["before", "after", "beside"])
        row, actor = self.row(visit.step.node_id, task), self.people[task.who]
        self.both(
            f"{task.who} adds {who} {position} at {visit.step.node_id}",
            lambda: self.case.add(visit, task, who, position),
            lambda: add_signer(
                actor=actor, task_id=row.pk, user_id=self.people[who].pk, position=position, text="", today=TODAY
            ),
        )

    def remove(self, path: list[model.Run]) -> None:
        visit = path[-1].visit
        assert visit is not None
        added = [task for task in visit.tasks if task.kind != "normal" and task.status in ("todo", "queued")]
        if not added:
            return
        task = self.rng.choice(added)
        adder = visit.tasks[task.added_by or 0]
        row = self.row(visit.step.node_id, task)
        self.both(
            f"{adder.who} removes {task.who} at {visit.step.node_id}",
            lambda: self.case.remove(path, task),
            lambda: remove_signer(actor=self.people[adder.who], task_id=row.pk, text="", today=TODAY),
        )

    def take_back(self) -> None:
        assert self.last is not None
        assert self.story is not None
        before, who, pk = self.last
        self.last = None
        self.story.append(f"{who} withdraws")
        if self.case.status != "running" or _irrevocable(before, self.case):
            with pytest.raises(Refused), transaction.atomic():
                withdraw(actor=self.people[who], task_id=pk, text="", today=TODAY)
            return
        withdraw(actor=self.people[who], task_id=pk, text="", today=TODAY)
        self.go_back_to(before)

    def take_back_earlier(self, given: Given) -> None:
        """Withdraw an opinion after others have acted: refused once somebody it let be asked has."""
        self.last = None
        who, step = given.task.who, given.visit.step.node_id

        def ours() -> None:
            if any(each.status != "todo" for each in given.woken):
                raise model.Impossible
            self.case.ask_again(given.visit, given.task, given.woken)

        def theirs() -> FlowTask:
            return withdraw(actor=self.people[who], task_id=given.pk, text="", today=TODAY)

        self.both(f"{who} withdraws an earlier opinion at {step}", ours, theirs)

    def compare(self) -> None:
        """Both engines ask the same people at the same steps, and have the same in force."""
        self.instance.refresh_from_db()
        assert self.instance.status == self.case.status, self.story
        rows = self.instance.tasks.filter(status__in=("todo", "queued", "paused")).exclude(kind="copy")
        asked = sorted(rows.values_list("node_id", "assignee__username", "status", "kind"))
        assert asked == self.case.open_tasks(), self.story
        executed = self.instance.executions.filter(compensated_at__isnull=True).count()
        assert executed == self.case.standing, self.story


def _irrevocable(before: model.Case, after: model.Case) -> bool:
    """Whether the opinion carried out what cannot be undone, or undid something."""
    kept = [sum(not service.undoable for service in case.run.services()) for case in (before, after)]
    return kept[1] > kept[0] or after.standing < before.standing


def play(seed: int, elements: list[Any], key: str, people: dict[str, User]) -> None:
    """One case from its beginning over some random acts to its end."""
    rng = Random(seed)
    instance = flows.begin_case(people["clerk"], key, subject_id=seed + 1)
    case = model.Case(model.Run(copy.deepcopy(elements)))
    case.begin()
    game = Play(case, instance, people, rng, story=[f"seed {seed}"])
    game.compare()
    for _ in range(ACTIONS):
        if game.case.status != "running":
            break
        game.act()
        game.compare()
    finish(game)


def finish(game: Play) -> None:
    """No case is dead: agreement all along leads to its end."""
    for _ in range(200):
        if game.case.status != "running":
            return
        path, visit = game.waiting()[0]
        task = next(task for task in visit.tasks if task.status == "todo")
        game.decide(path, task, "agree")
        game.compare()
    raise AssertionError(f"the case never ends: {game.story}")


def run_batch(batch: int, sequences: int) -> None:
    people = {name: account(name, "office_deputy") for name in (*model.SIGNERS, "clerk")}
    flows.DOMAIN.facts_of = {"yes": True, "no": False}
    for number in range(FLOWS_EACH):
        elements = model.Inventor(Random(batch * 1000 + number)).invent()
        key = f"random-{batch}-{number}"
        flows.publish_flow(key, *model.written(elements))
        for sequence in range(sequences // FLOWS_EACH):
            play(batch * 1_000_000 + number * 1000 + sequence, elements, key, people)
    assert [*opinions_chained(), *cases_alive(), *steps_manned()] == []


@pytest.mark.django_db
@pytest.mark.parametrize("batch", range(4))
def test_a_few_hundred_random_cases_agree_with_the_model(batch):
    run_batch(batch, 60)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.django_db
@pytest.mark.parametrize("batch", range(100, 100 + BATCHES))
def test_ten_thousand_random_cases_agree_with_the_model(batch):
    run_batch(batch, 250)
