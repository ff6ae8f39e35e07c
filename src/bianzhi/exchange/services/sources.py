"""Registering and changing the systems that deliver."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import Contract, ContractStatus, Source, Transport
from bianzhi.exchange.rules.sources import objections_to_source
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT

CONFIGURE: Final = "exchange.configure"
CODE_TAKEN: Final = "X74"
WRONG_DEPARTMENT: Final = "X75"
CHANGEABLE: Final = ("name", "transport", "settings", "breaker_percent", "is_active")
"""The due day is part of the contract: a new version of it is published."""


@unit_of_work
def register_source(
    *,
    actor: Actor,
    code: str,
    name: str,
    department: str,
    transport: str = Transport.UPLOAD,
    settings: Mapping[str, Any] | None = None,
    breaker_percent: int = 20,
    due_day: int = 5,
) -> Source:
    """A new source, with the department's usual contract in force from the start.

    Raises Denied without exchange.configure, Refused: X71 (code, name), X72 (figures), X73 (database), X74 (code
    taken), X75 (department).
    """
    policies.require(actor, CONFIGURE)
    source = Source(
        code=code.strip(),
        name=name.strip(),
        department=department,
        transport=transport,
        settings=dict(settings or {}),
        breaker_percent=breaker_percent,
        due_day=due_day,
    )
    refuse_if([*_objections(source), *_objections_to_new(source)])
    source.save()
    schema = default_schema(department)
    schema["hub"]["due_day"] = due_day
    contract = Contract.objects.create(
        source=source,
        version=1,
        schema=schema,
        status=ContractStatus.PUBLISHED,
        note="按部门通用格式建立",
        published_at=timezone.now(),
        published_by_id=actor.pk,
    )
    facts = {"code": source.code, "department": department, "transport": str(transport)}
    record("exchange.source_registered", actor=actor, subject=source, facts=facts, wrote=[source, contract])
    return source


@unit_of_work
def change_source(*, actor: Actor, source_id: int, changes: Mapping[str, Any]) -> Source:
    """Change what is set of a source (CHANGEABLE); its code and department stay for ever.

    Raises Source.DoesNotExist, Denied, Refused: X71, X72, X73. TypeError for another name.
    """
    policies.require(actor, CONFIGURE)
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    source = Source.objects.select_for_update().get(pk=source_id)
    before = {name: getattr(source, name) for name in changes}
    for name, value in changes.items():
        setattr(source, name, value)
    refuse_if(_objections(source))
    source.save()
    facts = {"before": before, "after": dict(changes)}
    record("exchange.source_changed", actor=actor, subject=source, facts=facts, wrote=[source])
    return source


def _objections(source: Source) -> list[Objection]:
    return objections_to_source(
        code=source.code,
        name=source.name,
        breaker_percent=source.breaker_percent,
        due_day=source.due_day,
        settings=source.settings,
        is_database=source.transport == Transport.DATABASE,
    )


def _objections_to_new(source: Source) -> list[Objection]:
    found = []
    if source.department not in DEPARTMENT_CODES:
        found.append(Objection(WRONG_DEPARTMENT, "没有选择部门", next_step="请选择数据来自哪个部门"))
    if source.transport == Transport.REGISTER and source.department != ESTABLISHMENT:
        message = "本系统实名制登记只能作为编办的数据来源"
        found.append(Objection(WRONG_DEPARTMENT, message, next_step="请把部门改为编办，或另选报送方式"))
    if Source.objects.filter(code=source.code).exists():
        found.append(Objection(CODE_TAKEN, f"来源代码“{source.code}”已被使用", next_step="请换一个代码"))
    return found
