"""Reading a delivery in the background."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.common.working_files import workspace
from bianzhi.exchange import files
from bianzhi.exchange.models import Delivery
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.services.contracts import problems_of
from bianzhi.exchange.services.deliveries import READ_JOB
from bianzhi.exchange.services.taking_deliveries import begin_reading, put_back, take_reading, take_refusal
from bianzhi.reconciliation.reading.limited import read_file

HUB: Final = System("报送读取")


@jobs.job(READ_JOB)
def read(context: jobs.JobContext) -> Mapping[str, Any]:
    """Read a delivery into its roster; stopped or killed on the way, it is as it came and can be read again."""
    delivery_id = context.params["delivery"]
    source = Delivery.objects.select_related("source").get(pk=delivery_id).source
    contract = in_force(source)
    if contract is None:
        raise jobs.JobFailed(f"“{source.name}”还没有生效的数据契约，不能读取。")
    if problems := problems_of(contract.schema):
        raise jobs.JobFailed(
            f"“{source.name}”的数据契约不能用于校验：{'；'.join(problems)}。请更正契约并发布后再读取。"
        )
    delivery = begin_reading(actor=HUB, delivery_id=delivery_id, contract=contract)
    result = {"url": reverse("exchange:delivery", args=[delivery_id])}
    if delivery is None:
        return result
    try:
        return {**result, **_read(delivery, contract.schema, context, result)}
    except UnreadableFile as refusal:
        take_refusal(actor=HUB, delivery_id=delivery_id, reason=str(refusal))
        return {**result, "state": "rejected"}
    finally:
        put_back(actor=HUB, delivery_id=delivery_id)


def _read(
    delivery: Delivery, schema: Mapping[str, Any], context: jobs.JobContext, result: Mapping[str, Any]
) -> Mapping[str, Any]:
    with workspace("reading-") as folder, files.plain(delivery.sha256) as delivered:
        roster = folder / "roster.parquet"
        report = read_file(
            delivered,
            contract=schema,
            department=delivery.source.department,
            delivery=delivery.sha256,
            out=roster,
            name=delivery.file_name,
            progress=context.progress,
        )
        taken = take_reading(
            actor=HUB,
            delivery_id=delivery.pk,
            report=report,
            roster=roster,
            finish=lambda told: context.complete({**result, **told}),
        )
    return {"state": taken.state, "rows": report.rows}
