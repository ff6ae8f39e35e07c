"""单位别名: what a department calls a unit, learned from shared people, approved by an official for later runs."""

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import AliasState, UnitAlias
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on

DECIDE: Final = "exchange.decide"
TWO_UNITS: Final = "X23"
NO_UNIT: Final = "X24"


@unit_of_work
def decide_aliases(*, actor: Actor, alias_ids: Sequence[int], approve: bool) -> list[UnitAlias]:
    """Approve or reject proposals, all or none; approved ones bind every later run. Decided before, they change sides.

    Raises Denied without exchange.decide, Refused (X23) when a writing would stand for two units.
    """
    policies.require(actor, DECIDE)
    wanted = set(alias_ids)
    texts = UnitAlias.objects.filter(pk__in=wanted).values_list("text", flat=True)
    rows = [row for row in _locked(list(texts)) if row.pk in wanted]
    if approve:
        refuse_if(_objections_to_two_units(rows))
    state = AliasState.APPROVED if approve else AliasState.REJECTED
    for row in rows:
        row.state, row.decided_by_id, row.decided_at = state, actor.pk, timezone.now()
    UnitAlias.objects.bulk_update(rows, ["state", "decided_by", "decided_at"], batch_size=500)
    facts = {"state": state.value, "aliases": [[row.pk, row.source, row.text, row.unit] for row in rows]}
    about = f"{rows[0].pk}-{rows[-1].pk}" if rows else ""
    subject = Subject("exchange.unitalias", about, f"单位别名 {len(rows)} 条")
    record("exchange.aliases_decided", actor=actor, subject=subject, facts=facts)
    payload = {"aliases": [row.pk for row in rows], "state": state.value}
    outbox.put("exchange.aliases_decided", key=timezone.now().isoformat(), payload=payload)
    return rows


@unit_of_work
def name_unit(*, actor: Actor, alias_id: int, organization_id: int) -> UnitAlias:
    """Say which unit a writing stands for, where the proposal is wrong: that is rejected, the right one approved.

    Raises UnitAlias.DoesNotExist, Denied, Refused (X24 no such unit, X23 approved for another unit).
    """
    policies.require(actor, DECIDE)
    proposal = UnitAlias.objects.get(pk=alias_id)
    _locked([proposal.text])
    proposal.refresh_from_db()
    name = names_on([organization_id], clock.today()).get(organization_id, "")
    if not name:
        refuse_if([Objection(NO_UNIT, "没有这个单位", Severity.BLOCK, {}, "请从机构名录中选择")])
    proposal.state, proposal.decided_by_id, proposal.decided_at = AliasState.REJECTED, actor.pk, timezone.now()
    proposal.save(update_fields=["state", "decided_by", "decided_at"])
    right, _ = UnitAlias.objects.get_or_create(source=proposal.source, text=proposal.text, unit=name)
    refuse_if(_objections_to_two_units([right]))
    right.organization = Organization.objects.get(pk=organization_id)
    right.state, right.decided_by_id, right.decided_at = AliasState.APPROVED, actor.pk, timezone.now()
    right.save(update_fields=["organization", "state", "decided_by", "decided_at"])
    facts = {"source": right.source, "text": right.text, "proposed": proposal.unit, "unit": name}
    record("exchange.alias_named", actor=actor, subject=right, facts=facts)
    outbox.put("exchange.aliases_decided", key=right.pk, payload={"aliases": [right.pk], "state": "approved"})
    return right


def _locked(texts: Sequence[str]) -> list[UnitAlias]:
    """Every alias with these writings, locked: of two decisions about one writing the second sees the first."""
    return list(UnitAlias.objects.select_for_update(of=("self",)).filter(text__in=texts).order_by("pk"))


def _objections_to_two_units(rows: Sequence[UnitAlias]) -> list[Objection]:
    """One writing of one department stands for one unit, among those now approved and those approved before."""
    told: dict[tuple[str, str], str] = {}
    before = UnitAlias.objects.filter(state=AliasState.APPROVED, text__in=[row.text for row in rows])
    for row in [*before.exclude(pk__in=[row.pk for row in rows]), *rows]:
        unit = told.setdefault((row.source, row.text), row.unit)
        if unit != row.unit:
            message = f"{row.get_source_display()}的“{row.text}”已确认为“{unit}”，不能又确认为“{row.unit}”"
            return [Objection(TWO_UNITS, message, Severity.BLOCK, {}, "请只选其一；原来有误的，请先改为不采用")]
    return []
