"""Working on a contract, and putting a new version of it in force."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import Contract, ContractStatus, Source
from bianzhi.exchange.selectors.contracts import draft_of, in_force
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.reconciliation.contracts.checks import checks_of, counting_sql, examples_sql, repeated_sql
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.contracts.differences import differences
from bianzhi.reconciliation.contracts.parsing import ContractError, parse_contract
from bianzhi.reconciliation.contracts.shape import fields_of
from bianzhi.reconciliation.sql.dialect import DialectError, check

CONFIGURE: Final = "exchange.configure"
UNUSABLE: Final = "X76"
NO_DRAFT: Final = "X77"
UNCHANGED: Final = "X78"
NOTE_LENGTH: Final = 200


@unit_of_work
def draft_contract(*, actor: Actor, source_id: int, schema: Mapping[str, Any] | None = None) -> Contract:
    """Keep the version of a source's contract that is being worked on; begun from the one in force.

    A draft may be wrong still: it is checked when it is published. Raises Source.DoesNotExist, Denied.
    """
    policies.require(actor, CONFIGURE)
    source = Source.objects.select_for_update().get(pk=source_id)
    draft = draft_of(source) or _new_draft(source)
    if schema is not None:
        draft.schema = dict(schema)
    draft.save()
    facts = {"version": draft.version, "fields": len(fields_of(draft.schema))}
    record("exchange.contract_drafted", actor=actor, subject=draft, facts=facts, wrote=[draft])
    return draft


@unit_of_work
def publish_contract(*, actor: Actor, source_id: int, note: str = "") -> Contract:
    """Put the draft in force for every delivery read from now on; the version before is retired, not changed.

    Raises Source.DoesNotExist, Denied, Refused: X77 (no draft), X76 (problems, one objection each), X78 (nothing new).
    """
    policies.require(actor, CONFIGURE)
    source = Source.objects.select_for_update().get(pk=source_id)
    draft = draft_of(source)
    if draft is None:
        raise Refused([Objection(NO_DRAFT, "没有在编辑的契约", next_step="请先编辑，再发布新版本")])
    problems = problems_of(draft.schema)
    if problems:
        raise Refused([Objection(UNUSABLE, problem, next_step="请改正后再发布") for problem in problems])
    current = in_force(source)
    changes = differences(current.schema if current else {}, draft.schema)
    if current is not None and not changes:
        raise Refused([Objection(UNCHANGED, f"与生效的第 {current.version} 版没有不同", next_step="不必发布")])
    draft.status, draft.note = ContractStatus.PUBLISHED, note.replace("\x00", "").strip()[:NOTE_LENGTH]
    draft.published_at, draft.published_by_id = timezone.now(), actor.pk
    draft.save()
    wrote: list[Any] = [draft, *_with_due_day(source, draft.schema)]
    if current is not None:
        current.status = ContractStatus.RETIRED
        current.save()
        wrote.append(current)
    facts = {"version": draft.version, "note": draft.note, "changes": changes[:100]}
    record("exchange.contract_published", actor=actor, subject=draft, facts=facts, wrote=wrote)
    outbox.put("exchange.contract_published", key=draft.pk, payload={"source": source.code, "version": draft.version})
    return draft


def _with_due_day(source: Source, schema: Mapping[str, Any]) -> list[Source]:
    """The source, when the contract moves the day by which it delivers."""
    due_day = parse_contract(schema).due_day
    if source.due_day == due_day:
        return []
    source.due_day = due_day
    source.save(update_fields=["due_day"])
    return [source]


def problems_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a contract cannot be put in force, in Chinese; empty when it can."""
    try:
        contract = parse_contract(schema)
    except ContractError as error:
        return error.problems
    checks = checks_of(contract)
    statements = [counting_sql(checks), repeated_sql(contract), *(examples_sql(each) for each in checks)]
    try:
        for statement in filter(None, statements):
            check(statement)
    except DialectError as error:
        return (f"校验规则无法编译：{error}",)
    return ()


def _new_draft(source: Source) -> Contract:
    newest = Contract.objects.filter(source=source).order_by("-version").first()
    current = in_force(source)
    schema = current.schema if current is not None else default_schema(source.department)
    return Contract(source=source, version=newest.version + 1 if newest else 1, schema=schema)
