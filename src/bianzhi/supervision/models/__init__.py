"""Supervision as tables: plans and checks, problems, rectifications and their steps, cards for late cases."""

from bianzhi.supervision.models.orders import OrderState, RectificationOrder, RectificationStep, StepKind
from bianzhi.supervision.models.plans import (
    Inspection,
    InspectionPlan,
    InspectionResult,
    PlanScope,
    PlanState,
    PlanSubject,
)
from bianzhi.supervision.models.problems import UNSETTLED, Problem, ProblemSeverity, ProblemSource, ProblemState
from bianzhi.supervision.models.reminders import Colour, SupervisionItem

__all__ = [
    "UNSETTLED",
    "Colour",
    "Inspection",
    "InspectionPlan",
    "InspectionResult",
    "OrderState",
    "PlanScope",
    "PlanState",
    "PlanSubject",
    "Problem",
    "ProblemSeverity",
    "ProblemSource",
    "ProblemState",
    "RectificationOrder",
    "RectificationStep",
    "StepKind",
    "SupervisionItem",
]
