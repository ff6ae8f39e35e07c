"""Who hears of which outbox event: event name → dotted paths of the functions called with it.

Kept in one place so that a reader sees every reaction to an event without searching for signals.
"""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "accounts.change_ended": ("bianzhi.office.account_news.change_ended",),
    "accounts.change_proposed": ("bianzhi.office.account_news.change_proposed",),
    "archives.filed": ("bianzhi.archives.jobs.ingesting.filed",),
    "archives.original_damaged": ("bianzhi.office.archive_news.original_damaged",),
    "archives.disposed": ("bianzhi.archives.jobs.disposing.disposed",),
    "disclosure.moved": ("bianzhi.office.export_news.request_moved",),
    "documents.corrected": (
        "bianzhi.documents.search_source.changed",
        "bianzhi.archives.jobs.relating.document_registered",
    ),
    "documents.registered": (
        "bianzhi.documents.search_source.changed",
        "bianzhi.archives.jobs.relating.document_registered",
    ),
    "exchange.change_taken": ("bianzhi.exchange.jobs.following.change_taken",),
    "exchange.run_done": ("bianzhi.exchange.jobs.following.run_done",),
    "jobs.failed": ("bianzhi.office.job_news.job_failed",),
    "ledger.posted": ("bianzhi.ledger.search_source.posted", "bianzhi.archives.jobs.relating.entry_posted"),
    "matters.case_discarded": (
        "bianzhi.exchange.jobs.following.case_discarded",
        "bianzhi.matters.search_source.changed",
    ),
    "matters.submitted": ("bianzhi.matters.search_source.changed",),
    "office.event": ("bianzhi.office.handlers.event_changed",),
    "office.notice_published": ("bianzhi.office.handlers.notice_published",),
    "organizations.abolished": ("bianzhi.organizations.search_source.changed",),
    "organizations.affiliation_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.corrected": ("bianzhi.organizations.search_source.changed",),
    "organizations.credit_code_set": ("bianzhi.organizations.search_source.changed",),
    "organizations.duties_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.established": ("bianzhi.organizations.search_source.changed",),
    "organizations.funding_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.merged": ("bianzhi.organizations.search_source.changed",),
    "organizations.nameplate_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.nature_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.rank_changed": ("bianzhi.organizations.search_source.changed",),
    "organizations.renamed": ("bianzhi.organizations.search_source.changed",),
    "organizations.split": ("bianzhi.organizations.search_source.changed",),
    "organizations.transferred": ("bianzhi.organizations.search_source.changed",),
    "personnel.delisted": (
        "bianzhi.exchange.jobs.registered.movement_registered",
        "bianzhi.exchange.jobs.following.register_moved",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.engaged": ("bianzhi.personnel.search_source.changed",),
    "personnel.engagement_ended": ("bianzhi.personnel.search_source.changed",),
    "personnel.engagement_reopened": ("bianzhi.personnel.search_source.changed",),
    "personnel.engagement_reversed": ("bianzhi.personnel.search_source.changed",),
    "personnel.enlisted": (
        "bianzhi.exchange.jobs.registered.movement_registered",
        "bianzhi.exchange.jobs.following.register_moved",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.movement_reversed": (
        "bianzhi.exchange.jobs.registered.movement_registered",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.occupancy_corrected": (
        "bianzhi.exchange.jobs.registered.movement_registered",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.opening_registered": ("bianzhi.personnel.search_source.changed",),
    "personnel.person_changed": (
        "bianzhi.exchange.jobs.registered.person_changed",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.person_registered": ("bianzhi.personnel.search_source.changed",),
    "personnel.reorganized": (
        "bianzhi.exchange.jobs.registered.people_carried",
        "bianzhi.personnel.search_source.changed",
    ),
    "personnel.transferred": (
        "bianzhi.exchange.jobs.registered.movement_registered",
        "bianzhi.exchange.jobs.following.register_moved",
        "bianzhi.personnel.search_source.changed",
    ),
    "search.changed": ("bianzhi.search.jobs.changes.search_changed",),
    "supervision.order_closed": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_extended": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_issued": ("bianzhi.office.handlers.order_moved",),
    "supervision.order_reopened": ("bianzhi.office.handlers.order_moved",),
    "supervision.rectification_verified": ("bianzhi.office.handlers.order_moved",),
    "workflow.deadline": ("bianzhi.supervision.jobs.deadlines.on_deadline", "bianzhi.office.handlers.deadline_near"),
    "workflow.delegated": ("bianzhi.office.handlers.delegation_made",),
    "workflow.delegation_ended": ("bianzhi.office.handlers.delegation_ended",),
    "workflow.moved": (
        "bianzhi.office.handlers.case_moved",
        "bianzhi.exchange.jobs.following.case_moved",
        "bianzhi.matters.search_source.moved",
    ),
    "workflow.urged": ("bianzhi.office.handlers.task_urged",),
}
