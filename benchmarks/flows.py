"""Task completions a second and bytes a finished case: this engine beside SpiffWorkflow, in the same PostgreSQL.

    DATABASE_URL=postgres://… python -m benchmarks.flows [CASES]

Same model (申请 → 审批 → 三部门会签 → 核准 → 公示 → 督查 → 处理 → 反馈), ten completions a case, one process, one
transaction for each completion, rounds in turn. Ours is measured twice: the engine alone (rows, opinions with their
chain), and with all that a completion leaves on this platform: the audit record, its seals, the outbox row.
"""

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Any
from unittest import mock

from benchmarks.database import throwaway
from benchmarks.timing import seconds

CASES = 60
ROUNDS = 5
TODAY = date(2026, 3, 2)
SIGNERS = ["signer1", "signer2", "signer3"]
STEPS = ("publish", "inspect", "handle", "feedback")


def model(*, ours: bool) -> str:
    """The model in BPMN; the 会签 reads its signers from data on the peer, from its seats with us."""
    loop = (
        "<bpmn:loopDataInputRef>signers</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="signer"/><bpmn:outputDataItem id="opinion"/>'
    )
    names = ["apply", "approve", "sign", "ratify", *STEPS]
    parts = ['<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>']
    for name in names:
        inner = _extension(name) if ours else ""
        if name == "sign":
            inner += f'<bpmn:multiInstanceLoopCharacteristics isSequential="false">{"" if ours else loop}'
            inner += "</bpmn:multiInstanceLoopCharacteristics>"
        parts.append(f'<bpmn:userTask id="{name}" name="{name}">{inner}</bpmn:userTask>')
    chain = ["start", *names, "end"]
    for source, target in pairwise(chain):
        parts.append(f'<bpmn:sequenceFlow id="f_{source}" sourceRef="{source}" targetRef="{target}"/>')
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:bb="http://bianzhi.org/schema/flow/1" id="d" targetNamespace="urn:benchmark">'
        f'<bpmn:process id="plan" name="plan" isExecutable="true">{"".join(parts)}</bpmn:process></bpmn:definitions>'
    )


def _extension(name: str) -> str:
    seats = "".join(f'<bb:assign user="{signer}"/>' for signer in SIGNERS) + '<bb:countersign mode="all" ratio="100"/>'
    body = {"apply": '<bb:assign initiator="true"/><bb:submit/>', "sign": seats}
    default = '<bb:assign role="office_deputy"/>'
    return f"<bpmn:extensionElements>{body.get(name, default)}</bpmn:extensionElements>"


class Ours:
    """Cases of the model on this engine."""

    TABLES = ("flowinstance", "flowtoken", "flowtask", "flowopinion", "flowdeadline", "commandexecution")
    RECORD = ("audit_auditentry", "audit_rowseal", "common_outboxmessage")

    def __init__(self) -> None:
        from bianzhi.accounts.models import User
        from tests.accounts.people import account
        from tests.workflow.engine import flows

        flows.register_domain()
        flows.put_flow(actor=flows.OFFICE, key="plan", xml=model(ours=True))
        self.flows = flows
        self.people: dict[str, User] = {name: account(name, "office_deputy") for name in (*SIGNERS, "deputy")}
        self.people["clerk"] = account("clerk", "office_clerk")
        self.count = 0

    def begin(self) -> int:
        """A case more."""
        self.count += 1
        return self.flows.begin_case(self.people["clerk"], "plan", subject_id=self.count).pk

    def complete_next(self, case_id: int) -> bool:
        """Complete one open task of a case; False when the case is finished."""
        from bianzhi.workflow.models import FlowTask
        from bianzhi.workflow.services.deciding import decide

        row = FlowTask.objects.filter(instance_id=case_id, status="todo").values_list(
            "pk", "node_id", "assignee__username"
        )
        task = row.first()
        if task is None:
            return False
        pk, node, assignee = task
        verdict = "submit" if node == "apply" else "agree"
        decide(actor=self.people[assignee or "deputy"], task_id=pk, verdict=verdict, text="同意", today=TODAY)
        return True

    def size(self, tables: Sequence[str]) -> int:
        """Bytes of tables with their indexes."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(pg_total_relation_size(n::regclass)) FROM unnest(%s::text[]) n", [list(tables)])
            return int(cursor.fetchone()[0])


@contextmanager
def without_record() -> Any:
    """The engine alone: no audit entry, no seals, no outbox row."""
    with (
        mock.patch("bianzhi.workflow.services.act.record"),
        mock.patch("bianzhi.workflow.services.act.outbox.put"),
    ):
        yield


def run(engine: Any, count: int) -> int:
    """Take so many cases from beginning to end; returns the completions."""
    done = 0
    for case in [engine.begin() for _ in range(count)]:
        while engine.complete_next(case):
            done += 1
    return done


def rate(engine: Any, count: int) -> float:
    """Completions a second."""
    done = 0

    def work() -> None:
        nonlocal done
        done = run(engine, count)

    taken = seconds(work)
    return done / taken


def main(count: int) -> None:
    """Measure in turn and print medians and ratios."""
    from statistics import median

    from benchmarks.flows_peer import Peer

    ours, peer = Ours(), Peer(model(ours=False), "plan", SIGNERS)
    rates: dict[str, list[float]] = {"engine": [], "platform": [], "peer": []}
    engine = [f"workflow_{name}" for name in ours.TABLES]
    before, record = ours.size(engine), ours.size(ours.RECORD)
    for _ in range(ROUNDS):
        rates["platform"].append(rate(ours, count))
        rates["peer"].append(rate(peer, count))
    per_case = (ours.size(engine) - before) / (ROUNDS * count)
    with_record = per_case + (ours.size(ours.RECORD) - record) / (ROUNDS * count)
    peer_bytes = peer.bytes_of_cases() / (ROUNDS * count)
    for _ in range(ROUNDS):
        with without_record():
            rates["engine"].append(rate(ours, count))
        rates["peer"].append(rate(peer, count))
    print(f"{ROUNDS} rounds of {count} cases, ten completions each; medians")
    for name, words in (
        ("engine", "this engine, rows and chained opinions"),
        ("platform", "with audit record, seals and outbox"),
        ("peer", "SpiffWorkflow, state as text"),
    ):
        own, theirs = median(rates[name]), median(rates["peer"])
        print(f"  {words:<44}{own:8.1f} completions/s   {own / theirs:.2f} × peer")
    print(f"  bytes a finished case: engine {per_case:,.0f}, with record {with_record:,.0f}, peer {peer_bytes:,.0f}")
    print(f"  engine / peer {per_case / peer_bytes:.2f}, with record / peer {with_record / peer_bytes:.2f}")


if __name__ == "__main__":
    with throwaway():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
