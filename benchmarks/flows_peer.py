"""The peer: SpiffWorkflow keeping its state as text in the same PostgreSQL, as a product would embed it.

A row for each case with the serialised workflow, a row for each open task (without it nobody has a 待办 list), a row
for each opinion (Spiff forgets them at a return), a transaction for each completion, the case's row locked first.
"""

import json
from typing import Any

from django.db import connection, transaction
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

TABLES = """
CREATE TABLE peer_case (id bigserial PRIMARY KEY, state text NOT NULL, finished boolean NOT NULL DEFAULT false);
CREATE TABLE peer_task (id bigserial PRIMARY KEY, case_id bigint NOT NULL REFERENCES peer_case, spiff uuid NOT NULL,
  node text NOT NULL, assignee text NOT NULL, done boolean NOT NULL DEFAULT false);
CREATE INDEX peer_task_inbox ON peer_task (assignee, done);
CREATE INDEX peer_task_case ON peer_task (case_id);
CREATE TABLE peer_opinion (id bigserial PRIMARY KEY, case_id bigint NOT NULL REFERENCES peer_case, node text NOT NULL,
  who text NOT NULL, text text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX peer_opinion_case ON peer_opinion (case_id);
"""


class Peer:
    """Cases of one model on SpiffWorkflow."""

    def __init__(self, xml: str, process_id: str, signers: list[str]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(xml.encode())
        self.spec, self.subprocesses = parser.get_spec(process_id), parser.get_subprocess_specs(process_id)
        self.signers = signers
        self.serializer = BpmnWorkflowSerializer(registry=BpmnWorkflowSerializer.configure())
        with connection.cursor() as cursor:
            cursor.execute(TABLES)

    def begin(self) -> int:
        """A case more; returns its id."""
        workflow = BpmnWorkflow(self.spec, self.subprocesses)
        workflow.data["signers"] = self.signers
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data["signers"] = self.signers
        workflow.do_engine_steps()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO peer_case (state) VALUES (%s) RETURNING id", [self._text(workflow)])
            case_id = int(cursor.fetchone()[0])
            self._mirror(cursor, case_id, workflow)
        return case_id

    def complete_next(self, case_id: int) -> bool:
        """Complete one open task of a case in a transaction of its own; False when the case is finished."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT state FROM peer_case WHERE id = %s FOR UPDATE", [case_id])
            workflow = self.serializer.deserialize_json(cursor.fetchone()[0])
            ready = workflow.get_tasks(state=TaskState.READY, manual=True)
            if not ready:
                return False
            task = ready[0]
            if "signer" in task.data:  # the 会签 wants its output item, and only there
                task.data["opinion"] = "agree"
            task.run()
            workflow.do_engine_steps()
            workflow.refresh_waiting_tasks()
            cursor.execute(
                "UPDATE peer_case SET state = %s, finished = %s WHERE id = %s",
                [self._text(workflow), workflow.is_completed(), case_id],
            )
            cursor.execute("UPDATE peer_task SET done = true WHERE case_id = %s AND spiff = %s", [case_id, task.id])
            cursor.execute(
                "INSERT INTO peer_opinion (case_id, node, who, text) VALUES (%s, %s, %s, %s)",
                [case_id, task.task_spec.name, "somebody", "同意"],
            )
            self._mirror(cursor, case_id, workflow)
        return True

    def bytes_of_cases(self) -> int:
        """Size of everything kept, indexes and dead rows included."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(pg_total_relation_size(name::regclass)) FROM "
                "unnest(ARRAY['peer_case', 'peer_task', 'peer_opinion']) name"
            )
            return int(cursor.fetchone()[0])

    def _text(self, workflow: Any) -> str:
        return str(self.serializer.serialize_json(workflow))

    def _mirror(self, cursor: Any, case_id: int, workflow: Any) -> None:
        cursor.execute("SELECT spiff FROM peer_task WHERE case_id = %s", [case_id])
        known = {str(row[0]) for row in cursor.fetchall()}
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            if str(task.id) not in known:
                cursor.execute(
                    "INSERT INTO peer_task (case_id, spiff, node, assignee) VALUES (%s, %s, %s, %s)",
                    [case_id, task.id, task.task_spec.name, json.dumps(task.data.get("signer", "pool"))],
                )
