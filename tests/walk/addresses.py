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
from urllib.parse import quote

from django.db.models import Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.archives.models import Appraisal, Batch, Fonds, Item, ItemState, Loan, Package, Volume
from bianzhi.archives.models import Inspection as ScanInspection
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import Job
from bianzhi.common.web import lookups
from bianzhi.disclosure.models import ExportRequest
from bianzhi.disclosure.web.held_back import signed
from bianzhi.documents.models import ApprovalDocument
from bianzhi.exchange.models import (
    Change,
    Contract,
    Delivery,
    Dispatch,
    Finding,
    LinkReview,
    Run,
    Source,
    UnitAlias,
    Webhook,
)
from bianzhi.exchange.web.finding_acts import STEPS as FINDING_STEPS
from bianzhi.imports.models import BatchState, ImportBatch
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.intrusion.models import Alert, Suppression
from bianzhi.intrusion.rules.catalogue import RULES
from bianzhi.kernel import clock
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.web.acts import ACTS
from bianzhi.matters.models import Case, CaseAttachment, IssuedPaper, Publication, PublicationObjection
from bianzhi.office.models import CalendarEvent, Message, Notice, NoticeFile, NoticeState
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
from bianzhi.recovery.models import Drill
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
from bianzhi.workflow.models import FlowDefinition, FlowInstance, FlowVersion, OpinionPaper

POST_ONLY = {
    "accounts:logout",
    "accounts:passkey_add",
    "accounts:passkey_question",
    "accounts:passkey_rename",
    "accounts:passkey_sign_in",
    "accounts:passkey_sign_question",
    "accounts:sso_ended",
    "accounts:sso_unlink",
    "accounts:calendar_confirm",
    "accounts:change_confirm",
    "accounts:change_reject",
    "accounts:change_withdraw",
    "accounts:end_session",
    "accounts:end_sessions",
    "accounts:grant",
    "accounts:parameter_reset",
    "accounts:reset_password",
    "accounts:reset_second_factor",
    "accounts:revoke",
    "accounts:switch",
    "archives:appraisal_carry_out",
    "archives:appraisal_new",
    "archives:appraisal_submit",
    "archives:batch_cancel",
    "archives:batch_files",
    "archives:batch_retry",
    "archives:batch_start",
    "archives:file_retry",
    "archives:four_check",
    "archives:loan_end",
    "archives:original",
    "archives:originals_check",
    "archives:package_download",
    "archives:print",
    "archives:relate",
    "archives:searchable",
    "archives:unrelate",
    "archives:upload",
    "archives:upload-start",
    "archives:volume_bind",
    "audit:job_cancel",
    "audit:job_resume",
    "common:delete_view",
    "common:save_view",
    "disclosure:approve",
    "disclosure:fetch",
    "disclosure:reject",
    "disclosure:withdraw",
    "exchange:aliases_approve",
    "exchange:aliases_reject",
    "exchange:change_case",
    "exchange:change_dismiss",
    "exchange:decision_revoke",
    "exchange:delivery_again",
    "exchange:delivery_decide",
    "exchange:delivery_file",
    "exchange:delivery_stop",
    "exchange:differences_new",
    "exchange:dispatch_answer",
    "exchange:key_stop",
    "exchange:dispatch_file",
    "exchange:finding_case",
    "exchange:review_decide",
    "exchange:reviews_different",
    "exchange:reviews_same",
    "exchange:run_cancel",
    "exchange:run_resume",
    "exchange:source_pull",
    "exchange:token_revoke",
    "exchange:webhook_switch",
    "imports:commit",
    "intrusion:acknowledge",
    "intrusion:close",
    "intrusion:handle",
    "intrusion:suppress",
    "intrusion:suppression_end",
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
    "recovery:backup_now",
    "recovery:drill_now",
    "reports:compute_warnings",
    "search:forget",
    "search:rebuild",
    "search:save",
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
    **dict.fromkeys(
        (
            "exchange_api:api-root",
            "exchange_api:acknowledge",
            "exchange_api:fetch_dispatches",
            "exchange_api:fetch_file",
            "exchange_api:fetch_manifest",
            "exchange_api:list_differences",
            "exchange_api:own_key",
            "exchange_api:see_archive_file",
            "exchange_api:see_delivery",
            "exchange_api:see_differences",
            "exchange_api:see_dispatch",
            "exchange_api:send_archive_file",
            "exchange_api:send_delivery",
            "exchange_api:send_message",
        ),
        "answers systems with a key, nobody else; tests/exchange/test_interface.py calls it",
    ),
    **dict.fromkeys(
        (
            "accounts:sso_start",
            "accounts:sso_back",
            "accounts:sso_link",
            "accounts:sso_leave",
            "accounts:user_identity",
        ),
        "there where an identity provider is configured; tests/accounts/test_single_sign_on.py goes there",
    ),
    "accounts:passkey_remove": "asks for an own key; tests/accounts/test_passkeys.py removes one",
    "archives:upload-chunk": "pieces of a file on its way in; tests/archives/test_ways_in.py sends them",
    "common:gallery": "exists only while the product is developed; has browser tests of its own",
    "matters:paper_pdf": "typeset by a process of its own; tests/matters/web/test_paper_pages.py reads it",
    "matters:reveal": "asks for a case with an ID number in its form; tests/matters/web/test_case_pages.py reads it",
    "metrics": "for the monitoring of the office, by address or token; tests/config/test_metrics.py reads it",
    "office:feed": "opened by a secret that is shown once; tests/office/test_calendar.py reads it",
}
"""Routes no test visits, and why."""

PUBLIC = {
    "healthz",
    "readyz",
    "accounts:login",
    "verify",
    "exchange_api:openapi",
    "exchange_api:public_key",
    "exchange_api:reference",
}


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


def _notice_file(whose: Whose) -> int | None:
    """A file of the same notices."""
    return NoticeFile.objects.filter(notice=_notice(whose)).values_list("pk", flat=True).first()


def _opinion_paper(whose: Whose) -> int | None:
    """What was written by hand on a case of the unit, or of another."""
    return whose.pick(OpinionPaper.objects.all(), "opinion__instance__case__organization")


def _archived() -> QuerySet[Any]:
    """Filed items with their originals, of some unit."""
    return Item.objects.filter(state=ItemState.FILED, page_count__gt=0, organization__isnull=False)


def _filed(whose: Whose) -> int | None:
    """One of them."""
    return whose.pick(_archived())


def _event(whose: Whose) -> int | None:
    """A meeting of everybody, or one the director has alone."""
    rows = CalendarEvent.objects.filter(participants__isnull=whose.outside)
    return rows.values_list("pk", flat=True).first()


def _plan(whose: Whose) -> int | None:
    return whose.pick(InspectionPlan.objects.all(), "inspections__organization")


def _order(whose: Whose) -> int | None:
    """A rectification that is 销号, so that each of its papers is there."""
    return whose.pick(RectificationOrder.objects.filter(state=OrderState.CLOSED))


def _finding(whose: Whose) -> int | None:
    return whose.pick(Finding.objects.all())


KEYS: dict[str, Callable[[Whose], int | None]] = {
    "accounts:change": _any(AccountChange),
    "accounts:rescope": _any(RoleGrant, organization_id__isnull=False),
    "accounts:user": _any(User),
    "accounts:user_edit": _any(User),
    "archives:appraisal": _any(Appraisal),
    "archives:appraisal_decide": _any(Appraisal),
    "archives:appraisal_print": _any(Appraisal),
    "archives:batch": _any(Batch),
    "archives:correct": _filed,
    "archives:crop": _filed,
    "archives:describe": _any(Item, state=ItemState.DRAFT),
    "archives:divide": _any(Item, state=ItemState.DRAFT),
    "archives:dossier": lambda whose: whose.pick(_archived(), value="organization"),
    "archives:fonds_edit": _any(Fonds),
    "archives:four_checks": _filed,
    "archives:inspection": _any(ScanInspection),
    "archives:inspection_print": _any(ScanInspection),
    "archives:item": _filed,
    "archives:ledger-draft": _filed,
    "archives:loan": lambda whose: whose.pick(Loan.objects.all(), "items__organization"),
    "archives:openings": _filed,
    "archives:package": _any(Package),
    "archives:pdf": _filed,
    "archives:picture": _filed,
    "archives:tile": _filed,
    "archives:viewer": _filed,
    "archives:volume": _any(Volume),
    "archives:volume_edit": _any(Volume),
    "archives:volume_print": _any(Volume),
    "audit:entry": _any(AuditEntry),
    "common:job": _any(Job, requested_by__role_grants__role="office_director"),
    "disclosure:request": _any(ExportRequest),
    "disclosure:reveal": _person,
    "documents:detail": _any(ApprovalDocument),
    "documents:correct": _any(ApprovalDocument),
    "exchange:alias_unit": _any(UnitAlias),
    "exchange:change": lambda whose: whose.pick(Change.objects.all(), "from_organization"),
    "exchange:contract": _any(Contract),
    "exchange:contract_edit": _any(Source),
    "exchange:contract_publish": _any(Source),
    "exchange:contract_test": _any(Source),
    "exchange:delivery": _any(Delivery),
    "exchange:dispatch": _any(Dispatch),
    "exchange:finding": _finding,
    "exchange:finding_act": _finding,
    "exchange:finding_problem": _finding,
    "exchange:finding_report": _finding,
    "exchange:finding_reveal": _finding,
    "exchange:finding_settle": _finding,
    "exchange:review": _any(LinkReview),
    "exchange:review_reveal": _any(LinkReview),
    "exchange:run": _any(Run),
    "exchange:source": _any(Source),
    "exchange:source_edit": _any(Source),
    "exchange:webhook": _any(Webhook),
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
    "office:notice_file": _notice_file,
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
    "intrusion:alert": _any(Alert),
    "intrusion:acknowledge": _any(Alert),
    "intrusion:close": _any(Alert),
    "intrusion:handle": _any(Alert),
    "intrusion:suppress": _any(Alert),
    "intrusion:suppression_end": _any(Suppression),
    "recovery:drill": _any(Drill),
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
    "workflow:opinion_paper": _opinion_paper,
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
        "archives:crop": [{"number": 1}],
        "archives:picture": [{"number": 1, "size": "s"}],
        "archives:tile": [{"number": 1, "level": 0, "column": 0, "row": 0}],
        "common:lookup": _words("key", sorted(lookups._lookups)),
        "disclosure:reveal": [{"kind": "phone"}],
        "exchange:finding_act": _words("act", FINDING_STEPS),
        "imports:template": _words("kind", KINDS),
        "intrusion:rule": _words("code", RULES),
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
    "archives:crop": ["?box=0.1,0.1,0.5,0.1"],
    "archives:viewer": ["?page=1&q=编制&side=text", "?mode=large", "?box=0.1,0.1,0.5,0.1&side=off"],
    "search:results": ["?q=局", "?q=局&fuzzy=1&kind=ledger.entry"],
    "common:lookup": ["?q=局"],
    "office:calendar": ["?month=2026-10", "?day=2026-11-23"],
    "organizations:detail": ["?tab=" + tab for tab in ("quota", "bodies", "subordinate", "posts", "duties", "history")]
    + ["?tab=movements", "?tab=ledger", "?tab=supervision", "?tab=cases", "?tab=exchange", "?tab=archives"],
    "disclosure:ask": ["?path={held}"],
    "exchange:findings": ["?group=A", "?state=unsettled"],
    "exchange:findings_batch": ["?kind=ghost_payroll"],
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

HELD_BACK = "/personnel/people/?export=xlsx&cols=id_number&clear=identity"
"""An export nobody takes away without approval."""

ASKED_WITH_A_QUESTION = {"archives:crop", "disclosure:ask", "personnel:exit_clock"}
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
        query = query.replace("{held}", quote(signed(HELD_BACK)))
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
