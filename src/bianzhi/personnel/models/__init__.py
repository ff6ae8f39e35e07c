"""Persons, their occupancies and appointments, staffing approvals and movements."""

from bianzhi.personnel.models.appointments import Appointment
from bianzhi.personnel.models.approvals import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.models.engagements import Engagement, EngagementKind, Secondment
from bianzhi.personnel.models.movements import Movement, MovementFamily
from bianzhi.personnel.models.occupancies import DutyPeriod, Occupancy
from bianzhi.personnel.models.persons import Person, PersonChange
from bianzhi.personnel.models.plans import PlanItem, StaffingPlan

__all__ = [
    "Appointment",
    "ApprovalSlot",
    "DutyPeriod",
    "Engagement",
    "EngagementKind",
    "Movement",
    "MovementFamily",
    "Occupancy",
    "Person",
    "PersonChange",
    "PlanItem",
    "Secondment",
    "SlotState",
    "StaffingApproval",
    "StaffingPlan",
]
