"""Who hears of which outbox event: event name → dotted paths of the functions called with it.

Kept in one place so that a reader sees every reaction to an event without searching for signals.
"""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "office.event": ("bianzhi.office.handlers.event_changed",),
    "office.notice_published": ("bianzhi.office.handlers.notice_published",),
    "supervision.order_closed": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_extended": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_issued": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_reopened": ("bianzhi.office.handlers.order_moved",),
    "supervision.rectification_verified": ("bianzhi.office.handlers.order_moved",),
    "workflow.deadline": (
        "bianzhi.supervision.jobs.deadlines.on_deadline",
        "bianzhi.office.handlers.deadline_near",
    ),
    "workflow.delegated": ("bianzhi.office.handlers.delegation_made",),
    "workflow.delegation_ended": ("bianzhi.office.handlers.delegation_ended",),
    "workflow.moved": ("bianzhi.office.handlers.case_moved",),
    "workflow.urged": ("bianzhi.office.handlers.task_urged",),
}
