"""Pulling a source's data in the background, and doing so by itself when a month is due."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from bianzhi.audit.actors import Actor, System
from bianzhi.common import jobs
from bianzhi.common.working_files import workspace
from bianzhi.exchange.databases import CannotPull, Pull, pull_to_parquet
from bianzhi.exchange.models import Delivery, DeliveryState, Source, Transport
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.selectors.register_roster import register_rows
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.pulling import PULL_JOB, last_day_of, request_pull
from bianzhi.kernel import clock
from bianzhi.reconciliation.contracts.inverse import own_headings

HUB: Final = System("自动抽取")
ROWS_AT_ONCE: Final = 5_000


@jobs.job(PULL_JOB)
def pull(context: jobs.JobContext) -> Mapping[str, Any]:
    """Read the source's data of a month and deliver it; pulled again unchanged, it is the same delivery."""
    source = Source.objects.get(pk=context.params["source"])
    period = context.params["period"]
    with workspace("reading-") as folder:
        out = folder / "pulled.parquet"
        rows = _pulled(source, period, out, context)
        try:
            delivery = deliver(
                actor=_actor(context),
                source_id=source.pk,
                period=period,
                file_name=f"{source.code}-{period}.parquet",
                data=out,
                signer=f"{source.name}（{source.get_transport_display()}）",
                manifest={"rows": rows, "transport": source.transport},
            )
        except PermissionDenied as denied:
            raise jobs.JobFailed(str(denied)) from denied
    return {"url": reverse("exchange:delivery", args=[delivery.pk]), "rows": rows}


def pull_due(today: date) -> Mapping[str, Any]:
    """Ask for the data of sources that are pulled by themselves: every day, or once the month's day has come."""
    asked = []
    period = month_before(today)
    for source in Source.objects.filter(is_active=True, transport__in=(Transport.DATABASE, Transport.REGISTER)):
        if _is_due(source, period, today):
            request_pull(actor=HUB, source_id=source.pk, period=period)
            asked.append(source.code)
    return {"asked": asked}


def _is_due(source: Source, period: str, today: date) -> bool:
    schedule = source.settings.get("schedule", "")
    if schedule == "daily":
        return True
    if schedule != "monthly" or today.day < source.due_day:
        return False
    settled = (DeliveryState.REJECTED,)
    return not Delivery.objects.filter(source=source, period=period).exclude(state__in=settled).exists()


def _pulled(source: Source, period: str, out: Path, context: jobs.JobContext) -> int:
    if source.transport == Transport.REGISTER:
        return _register(source, min(last_day_of(period), clock.today()), out, context)
    told = source.settings
    try:
        wanted = Pull(
            url=told.get("url", ""),
            query=told.get("query", ""),
            period=period,
            password_env=told.get("password_env", ""),
        )
        return pull_to_parquet(wanted, out, context.progress)
    except CannotPull as reason:
        raise jobs.JobFailed(str(reason)) from reason


def _register(source: Source, day: date, out: Path, context: jobs.JobContext) -> int:
    """Our own register under the headings of the contract, so that it is read like everybody else's file."""
    contract = in_force(source)
    if contract is None:
        raise jobs.JobFailed(f"“{source.name}”还没有生效的数据契约。")
    headings = own_headings(contract.schema)
    schema = pa.schema([(heading, pa.string()) for heading in headings.values()])
    written = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        waiting: list[dict[str, str]] = []
        for row in register_rows(day):
            waiting.append({heading: row.get(column, "") for column, heading in headings.items()})
            if len(waiting) == ROWS_AT_ONCE:
                written += _flush(writer, waiting, schema)
                context.progress(0, 0, f"已抽取 {written} 人")
        written += _flush(writer, waiting, schema)
    if not written:
        raise jobs.JobFailed(f"{day} 实名制登记中没有在编人员。")
    return written


def _flush(writer: pq.ParquetWriter, waiting: list[dict[str, str]], schema: pa.Schema) -> int:
    count = len(waiting)
    if count:
        writer.write_table(pa.Table.from_pylist(waiting, schema=schema))
        waiting.clear()
    return count


def _actor(context: jobs.JobContext) -> Actor:
    """Whoever asked; permissions are asked again, as they may have been taken away meanwhile."""
    return context.job.requested_by or HUB
