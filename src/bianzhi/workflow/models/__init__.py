"""Flows and their running cases: ten tables, one of them the lock of each case (`FlowInstance`)."""

from bianzhi.workflow.models.definitions import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.models.delegations import Delegation
from bianzhi.workflow.models.instances import FlowInstance, FlowToken, InstanceStatus, TokenState
from bianzhi.workflow.models.opinions import CommandExecution, FlowOpinion, OpinionAction, OpinionPaper
from bianzhi.workflow.models.tasks import DeadlineKind, DeadlineState, FlowDeadline, FlowTask, TaskKind, TaskStatus

__all__ = [
    "CommandExecution",
    "DeadlineKind",
    "DeadlineState",
    "Delegation",
    "FlowDeadline",
    "FlowDefinition",
    "FlowInstance",
    "FlowOpinion",
    "FlowTask",
    "FlowToken",
    "FlowVersion",
    "InstanceStatus",
    "OpinionAction",
    "OpinionPaper",
    "TaskKind",
    "TaskStatus",
    "TokenState",
    "VersionStatus",
]
