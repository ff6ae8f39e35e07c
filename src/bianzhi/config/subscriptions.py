"""Who hears of which outbox event: event name → dotted paths of the functions called with it.

Kept in one place so that a reader sees every reaction to an event without searching for signals.
"""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "workflow.deadline": ("bianzhi.supervision.jobs.deadlines.on_deadline",),
}
