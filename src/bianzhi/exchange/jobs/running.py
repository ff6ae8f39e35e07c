"""The comparison as a job: its stages are computed once, its results taken in with the end of the job.

What computes (Arrow, DuckDB, Spark) is loaded when a run is computed: the server of the pages never needs it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.db import OperationalError
from django.urls import reverse
from django.utils.module_loading import import_string

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs.context import Interrupted
from bianzhi.exchange.models import Run
from bianzhi.exchange.parameters import MONTHLY, MONTHLY_DAY
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.services.runs import RUN_JOB, note_failure, note_running, start_run
from bianzhi.kernel import clock
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.kernel.objections import Refused

HUB: Final = System("数据核对")
COMPUTING: Final = "bianzhi.exchange.jobs.computing.compute"


@jobs.job(RUN_JOB)
def run_job(context: jobs.JobContext) -> Mapping[str, Any]:
    """Compare and take in; killed on the way it goes on after the last stage that was through."""
    run_id = int(context.params["run"])
    result = {"url": reverse("exchange:run", args=[run_id])}
    run = note_running(actor=HUB, run_id=run_id)
    if run is None:
        return result
    compute: Callable[[Run, jobs.JobContext, date], Mapping[str, Any]] = import_string(COMPUTING)
    try:
        return {**result, **compute(run, context, clock.today())}
    except (Refused, jobs.JobFailed) as refusal:
        note_failure(actor=HUB, run_id=run_id, error=str(refusal))
        raise
    except (jobs.Cancelled, Interrupted, OperationalError):
        raise
    except (BrokenSeal, LockedFile) as error:
        note_failure(actor=HUB, run_id=run_id, error=f"数据目录中的文件无法打开：{error}。请从备份恢复后继续。")
        raise
    except Exception as error:
        note_failure(actor=HUB, run_id=run_id, error=f"程序出错（{type(error).__name__}），详见日志")
        raise


def start_monthly_run(today: date) -> Mapping[str, Any] | None:
    """On the day the office has set, compare the month before; what stands against it is told, not raised."""
    if not MONTHLY.number or today.day < MONTHLY_DAY.number:
        return None
    period = month_before(today)
    if Run.objects.filter(period=period).exists():
        return {"period": period, "started": False}
    try:
        run = start_run(actor=HUB, period=period, today=today)
    except Refused as refused:
        return {"period": period, "refused": str(refused)}
    return {"period": period, "run": run.pk}


jobs.daily("exchange.monthly", start_monthly_run, title="每月自动核对各部门数据")
