"""Every address of the site with arguments that lead somewhere, for tests that visit all of them.

A route without arguments is taken as it is. Other arguments are words the product knows (kinds of acts, reports,
templates: VARIANTS) or keys of rows (KEYS), found in the database for one unit or for anybody outside it. A new route
whose arguments nobody supplies fails `test_every_route_is_visited_or_left_out_with_a_reason`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import Job
from bianzhi.common.web import lookups
from bianzhi.documents.models import ApprovalDocument
from bianzhi.imports.models import BatchState, ImportBatch
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.kernel import clock
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.web.acts import ACTS
from bianzhi.matters.models import Case, CaseAttachment, IssuedPaper, Publication, PublicationObjection
from bianzhi.office.models import CalendarEvent, Message, Notice, NoticeState
from bianzhi.organizations.models import InternalBodyVersion, Nameplate, Organization, ReorganizationEvent
from bianzhi.organizations.web.actions import ACTIONS
from bianzhi.organizations.web.changes import BODY_ACTIONS, PLAIN
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    Engagement,
    Movement,
    Occupancy,
    Secondment,
    SlotState,
    StaffingApproval,
    StaffingPlan,
)
from bianzhi.personnel.web.reorganizing import KINDS as REORGANIZATIONS
from bianzhi.reports.definitions.registry import REPORTS
from bianzhi.reports.models import StandingWarning
from bianzhi.supervision.models import (
    Inspection,
    InspectionPlan,
    OrderState,
    Problem,
    RectificationOrder,
    SupervisionItem,
)
from bianzhi.supervision.web.rectifying import STEPS
from bianzhi.workflow.models import FlowDefinition, FlowInstance, FlowVersion

POST_ONLY = {
    "accounts:logout",
    "accounts:calendar_confirm",
    "accounts:grant",
    "accounts:parameter_reset",
    "accounts:reset_password",
    "accounts:revoke",
    "accounts:switch",
    "common:delete_view",
    "common:job_cancel",
    "common:job_resume",
    "common:save_view",
    "imports:commit",
    "imports:discard",
    "imports:kind",
    "matters:again",
    "matters:discard",
    "matters:override",
    "matters:rate",
    "matters:step",
    "office:event_cancel",
    "office:feed_open",
    "office:feed_revoke",
    "office:mails_retry",
    "office:messages_read",
    "office:messages_read_all",
    "office:notice_confirm",
    "office:notice_discard",
    "office:notice_publish",
    "office:notice_withdraw",
    "office:test_mail",
    "organizations:withdraw_alias",
    "personnel:issue_check",
    "personnel:known_person",
    "personnel:return_slot",
    "reports:compute_warnings",
    "supervision:lock",
    "supervision:void",
    "workflow:add_signer",
    "workflow:batch_agree",
    "workflow:batch_read",
    "workflow:batch_urge",
    "workflow:claim",
    "workflow:copy",
    "workflow:copy_case",
    "workflow:decide",
    "workflow:end_delegation",
    "workflow:move",
    "workflow:publish",
    "workflow:read",
    "workflow:reassign",
    "workflow:recuse",
    "workflow:release",
    "workflow:remove_signer",
    "workflow:resume",
    "workflow:retire",
    "workflow:return",
    "workflow:skip",
    "workflow:suspend",
    "workflow:terminate",
    "workflow:transfer",
    "workflow:upload",
    "workflow:urge",
    "workflow:withdraw",
    "workflow:withdraw_case",
}
"""Addresses that only act; a browser that merely follows a link to them is refused."""

LEFT_OUT = {
    "common:gallery": "exists only while the product is developed; has browser tests of its own",
    "matters:paper_pdf": "typeset by a process of its own; tests/matters/web/test_paper_pages.py reads it",
    "matters:reveal": "asks for a case with an ID number in its form; tests/matters/web/test_case_pages.py reads it",
    "office:feed": "opened by a secret that is shown once; tests/office/test_calendar.py reads it",
}
"""Routes no test visits, and why."""

PUBLIC = {"healthz", "accounts:login", "verify"}


@dataclass(frozen=True)
class Whose:
    """Which rows are meant: those of a unit, or those of everybody else."""

    unit: Organization
    outside: bool = False

    def pick(self, rows: QuerySet[Any], by: str = "organization", value: str = "pk") -> int | None:
        """The key of a row that is the unit's (or, where it has none, anybody's), or surely is not the unit's."""
        here = rows.filter(**{by: self.unit})
        if self.outside:
            return rows.exclude(pk__in=here.values("pk")).order_by("pk").values_list(value, flat=True).first()
        found = here.order_by("pk").values_list(value, flat=True).first()
        return found if found is not None else rows.order_by("pk").values_list(value, flat=True).first()


def _organization(whose: Whose) -> int | None:
    """The unit, or another unit's with people."""
    if not whose.outside:
        return whose.unit.pk
    return whose.pick(Occupancy.objects.as_of(clock.today()), value="organization")


def _of(model: type[Model], by: str = "organization", value: str = "pk") -> Callable[[Whose], int | None]:
    """Rows in force today."""
    return lambda whose: whose.pick(
        model.objects.as_of(clock.today()),  # type: ignore[attr-defined]
        by,
        value,
    )


def _any(model: type[Model], **facts: Any) -> Callable[[Whose], int | None]:
    """Rows that belong to no unit."""
    return lambda whose: model._default_manager.filter(**facts).order_by("-pk").values_list("pk", flat=True).first()


def _slot(whose: Whose) -> int | None:
    rows = ApprovalSlot.objects.filter(state=SlotState.RESERVED, approval__valid_until__gt=clock.today())
    return whose.pick(rows)


def _entry(whose: Whose) -> int | None:
    rows = LedgerEntry.objects.filter(postings__account__organization__isnull=False, reverses=None).distinct()
    return whose.pick(rows, "postings__account__organization")


def _movement(whose: Whose) -> int | None:
    """The newest movement within, into or out of the unit; or one that never touched it."""
    here = Movement.objects.filter(to_occupancy__organization=whose.unit)
    if not whose.outside:
        return here.order_by("-pk").values_list("pk", flat=True).first()
    out = Movement.objects.filter(from_occupancy__organization=whose.unit)
    known = Occupancy.objects.filter(organization=whose.unit).values("person")
    rows = Movement.objects.exclude(pk__in=here.values("pk")).exclude(pk__in=out.values("pk"))
    return rows.exclude(person__in=known).order_by("-pk").values_list("pk", flat=True).first()


def _person(whose: Whose) -> int | None:
    here = Occupancy.objects.as_of(clock.today())
    if not whose.outside:
        return whose.pick(here, value="person")
    known = Occupancy.objects.filter(organization=whose.unit).values("person")
    return whose.pick(here.exclude(person__in=known), value="person")


def _case(whose: Whose) -> int | None:
    """A case of the unit, or of another."""
    here = FlowInstance.objects.filter(unit_id=whose.unit.pk)
    rows = FlowInstance.objects.exclude(pk__in=here.values("pk")) if whose.outside else here
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _sent_in(model: type[Model], path: str = "") -> Callable[[Whose], int | None]:
    """A case the unit sent in, or another unit did; or what belongs to such a case."""
    rows = model._default_manager
    return lambda whose: whose.pick(rows.filter(**{f"{path}instance__isnull": False}), f"{path}organization")


def _notice(whose: Whose) -> int | None:
    """A notice for everybody, or one that only the director got."""
    rows = Notice.objects.filter(state=NoticeState.PUBLISHED, audience="people" if whose.outside else "all")
    return rows.values_list("pk", flat=True).first()


def _event(whose: Whose) -> int | None:
    """A meeting of everybody, or one the director has alone."""
    rows = CalendarEvent.objects.filter(participants__isnull=whose.outside)
    return rows.values_list("pk", flat=True).first()


def _plan(whose: Whose) -> int | None:
    return whose.pick(InspectionPlan.objects.all(), "inspections__organization")


def _order(whose: Whose) -> int | None:
    """A rectification that is 销号, so that each of its papers is there."""
    return whose.pick(RectificationOrder.objects.filter(state=OrderState.CLOSED))


KEYS: dict[str, Callable[[Whose], int | None]] = {
    "accounts:user": _any(User),
    "accounts:user_edit": _any(User),
    "audit:entry": _any(AuditEntry),
    "common:job": _any(Job),
    "documents:detail": _any(ApprovalDocument),
    "documents:correct": _any(ApprovalDocument),
    "imports:batch": _any(ImportBatch, state=BatchState.CHECKED),
    "imports:columns": _any(ImportBatch, state=BatchState.CHECKED),
    "imports:findings": _any(ImportBatch, state=BatchState.CHECKED),
    "imports:changes": _any(ImportBatch, state=BatchState.CHECKED),
    "imports:annotated": _any(ImportBatch, state=BatchState.CHECKED),
    "imports:original": _any(ImportBatch, state=BatchState.CHECKED),
    "ledger:entry": _entry,
    "ledger:reverse": _entry,
    "ledger:statement": _organization,
    "ledger:statement_sheet": _organization,
    "ledger:figure": _organization,
    "matters:application": _sent_in(Case),
    "matters:attachment": _sent_in(CaseAttachment, "case__"),
    "matters:case": _sent_in(Case),
    "matters:paper": _sent_in(IssuedPaper, "case__"),
    "matters:people": _sent_in(Case),
    "matters:publication": _any(Publication),
    "matters:publication_print": _any(Publication),
    "matters:object": _any(Publication),
    "matters:answer_objection": _any(PublicationObjection),
    "office:event": _event,
    "office:event_edit": _event,
    "office:message": _any(Message, recipient__role_grants__role="office_director"),
    "office:notice": _notice,
    "office:notice_edit": _any(Notice, state=NoticeState.DRAFT),
    "office:notice_readers": _notice,
    "organizations:detail": _organization,
    "organizations:children": _organization,
    "organizations:history": _organization,
    "organizations:act": _organization,
    "organizations:event": lambda whose: whose.pick(ReorganizationEvent.objects.all(), "parts__organization"),
    "organizations:body_act": _of(InternalBodyVersion, value="body"),
    "organizations:withdraw_nameplate": _of(Nameplate),
    "personnel:person": _person,
    "personnel:reveal": _person,
    "personnel:change": _person,
    "personnel:edit": _person,
    "personnel:transfer": _person,
    "personnel:exit": _person,
    "personnel:appoint": _person,
    "personnel:duty": _person,
    "personnel:second": _person,
    "personnel:end_appointment": _of(Appointment),
    "personnel:correct": _of(Occupancy),
    "personnel:enlist_on_slot": _slot,
    "personnel:approval": lambda whose: whose.pick(StaffingApproval.objects.all()),
    "personnel:approval_print": lambda whose: whose.pick(StaffingApproval.objects.all()),
    "personnel:movement": _movement,
    "personnel:notice": _movement,
    "personnel:plan": _any(StaffingPlan),
    "personnel:reorganize": _organization,
    "personnel:reverse": _movement,
    "personnel:end_engagement": _of(Engagement),
    "personnel:return": _of(Secondment, "from_organization"),
    "reports:warning": lambda whose: whose.pick(StandingWarning.objects.filter(resolved_on=None)),
    "supervision:plan": _plan,
    "supervision:close_plan": _plan,
    "supervision:cancel_plan": _plan,
    "supervision:plan_print": _plan,
    "supervision:plan_problems": _plan,
    "supervision:inspection": lambda whose: whose.pick(Inspection.objects.exclude(result="")),
    "supervision:inspect": lambda whose: whose.pick(Inspection.objects.all()),
    "supervision:problem": lambda whose: whose.pick(Problem.objects.all()),
    "supervision:order": _order,
    "supervision:notice": _order,
    "supervision:report": _order,
    "supervision:report_paper": _order,
    "supervision:closing_paper": _order,
    "supervision:handle": _order,
    "supervision:card": _any(SupervisionItem),
    "workflow:definition": _any(FlowDefinition),
    "workflow:edit_steps": _any(FlowDefinition),
    "workflow:draw": _any(FlowDefinition),
    "workflow:version": _any(FlowVersion),
    "workflow:download": _any(FlowVersion),
    "workflow:migrate": _any(FlowVersion),
    "workflow:opinions": _case,
}
"""Where the row key of a route comes from, by the route's name."""


def _words(name: str, values: Mapping[str, Any] | list[str]) -> list[dict[str, Any]]:
    return [{name: value} for value in values]


@cache
def variants() -> dict[str, list[dict[str, Any]]]:
    """The words a route can be asked with, by the route's name."""
    return {
        "accounts:calendar_year": [{"year": 2026}],
        "accounts:parameter": [{"key": "slot.validity_months"}],
        "common:lookup": _words("key", sorted(lookups._lookups)),
        "imports:template": _words("kind", KINDS),
        "ledger:act": _words("key", ACTS),
        "ledger:figure": [{"measure": "A1"}],
        "matters:guide": _words("code", ["P02", "P05"]),
        "matters:setting": _words("code", ["P05"]),
        "matters:setting_edit": _words("code", ["P05"]),
        "organizations:act": _words("act", [*ACTIONS, *PLAIN]),
        "organizations:body_act": _words("act", BODY_ACTIONS),
        "personnel:reorganize": _words("kind", REORGANIZATIONS),
        "reports:report": _words("slug", REPORTS),
        "reports:print": _words("slug", REPORTS),
        "supervision:handle": _words("act", STEPS),
    }


QUERIES = {
    "common:search": ["?q=局"],
    "common:lookup": ["?q=局"],
    "office:calendar": ["?month=2026-10", "?day=2026-11-23"],
    "organizations:detail": ["?tab=" + tab for tab in ("quota", "bodies", "subordinate", "posts", "duties", "history")]
    + ["?tab=movements", "?tab=ledger", "?tab=supervision", "?tab=cases"],
    "matters:case": ["?view=flow"],
    "matters:guide": ["?unit={unit}"],
    "matters:people": ["?q=王"],
    "personnel:transfer": ["?kind=between&unit={unit}", "?kind=body", "?kind=quota", "?kind=identity"],
    "personnel:exit": ["?mode=O01", "?mode=O07"],
    "personnel:exit_clock": ["?mode=O07&event_on=2026-11-20"],
    "personnel:issue": ["?unit={unit}"],
    "personnel:enlist": ["?unit={unit}"],
    "personnel:reinstate": ["?unit={unit}"],
    "personnel:people": ["?state=left"],
    "supervision:new_order": ["?unit={unit}"],
    "personnel:moves": ["?person={person}"],
}
"""Questions that open what the bare address does not show."""

ASKED_WITH_A_QUESTION = {"personnel:exit_clock"}
"""Fragments that make no sense without their question."""


@dataclass(frozen=True)
class Address:
    """A route with its words; its row key is looked up when it is visited."""

    name: str
    parameters: tuple[str, ...]
    words: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""

    def __str__(self) -> str:
        said = "-".join(str(word) for word in self.words.values())
        return f"{self.name}{f'[{said}]' if said else ''}{self.query}"

    def path(self, whose: Whose) -> str | None:
        """Where it is; None when the database has nothing it could show."""
        missing = [name for name in self.parameters if name not in self.words]
        arguments = dict(self.words)
        if missing:
            key = KEYS[self.name](whose)
            if key is None:
                return None
            arguments[missing[0]] = key
        query = self.query.replace("{unit}", str(_organization(whose))).replace("{person}", str(_person(whose)))
        return reverse(self.name, kwargs=arguments) + query


def routes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, parameters) of every route of the site."""
    yield from _routes(get_resolver(), ())


def _routes(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join((*spaces, entry.name or str(entry.pattern))), tuple(entry.pattern.converters)
        else:
            yield from _routes(entry, (*spaces, entry.namespace) if entry.namespace else spaces)


def can_be_supplied(name: str, parameters: tuple[str, ...]) -> bool:
    """Whether VARIANTS and KEYS say what to put in a route."""
    words = variants().get(name, [{}])[0]
    missing = [parameter for parameter in parameters if parameter not in words]
    return len(missing) == 0 or (len(missing) == 1 and name in KEYS)


@cache
def addresses() -> list[Address]:
    """Everything a browser can ask for with GET."""
    found = []
    for name, parameters in routes():
        if name in POST_ONLY or name in LEFT_OUT or not can_be_supplied(name, parameters):
            continue
        for words in variants().get(name, [{}]):
            if name not in ASKED_WITH_A_QUESTION:
                found.append(Address(name, parameters, words))
            found += [Address(name, parameters, words, query) for query in QUERIES.get(name, [])]
    return found
