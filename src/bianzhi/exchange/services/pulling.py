"""Asking for a source's data instead of waiting for it: from its database, or from our own register."""

from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.exchange.models import Source, Transport
from bianzhi.exchange.rules.periods import objections_to_period
from bianzhi.exchange.selectors.reach import require_reach
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, refuse_if

DELIVER: Final = "exchange.deliver"
PULL_JOB: Final = "exchange.pull"
NOT_PULLED: Final = "X68"
PULLED: Final = (Transport.DATABASE, Transport.REGISTER)


def dropbox_of(source: Source) -> Path:
    """The folder into which a department puts files for a source."""
    return Path(settings.HOME) / "dropbox" / source.code


@unit_of_work
def request_pull(*, actor: Actor, source_id: int, period: str) -> Job:
    """Have the data of a month pulled in the background; it comes in as a delivery like any other.

    Raises Source.DoesNotExist, Denied, Refused: X60, X10, X68 (not a source one pulls from, or out of use).
    """
    policies.require(actor, DELIVER)
    source = Source.objects.select_for_update().get(pk=source_id)
    require_reach(actor, source)
    refuse_if([*objections_to_period(period, clock.today()), *_objections(source)])
    job = jobs.enqueue(
        PULL_JOB,
        title=f"抽取 {source.name} {period} 数据"[:200],
        params={"source": source.pk, "period": period},
        actor=actor,
    )
    record("exchange.pull_requested", actor=actor, subject=source, facts={"period": period, "job": job.pk})
    return job


def last_day_of(period: str) -> date:
    """The last day of a month, on which the register is looked at."""
    year, month = (int(part) for part in period.split("-"))
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(first_of_next.toordinal() - 1)


def _objections(source: Source) -> list[Objection]:
    if not source.is_active:
        return [Objection(NOT_PULLED, f"数据来源“{source.name}”已停用", next_step="请先在数据来源中启用")]
    if source.transport not in PULLED:
        message = f"“{source.name}”的报送方式是{source.get_transport_display()}，不能抽取"
        return [Objection(NOT_PULLED, message, next_step="请上传文件，或改为数据库抽取")]
    return []
