"""Long and daily work of the app; importing it registers the jobs."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.kernel import clock
from bianzhi.reports.services.warnings import compute_warnings

COMPUTE: Final = "reports.compute_warnings"


def compute_daily(today: date) -> Mapping[str, Any]:
    """The computation of every day, in the system's name."""
    return _result(System("每日预警"), today)


@jobs.job(COMPUTE)
def compute_on_demand(context: jobs.JobContext) -> Mapping[str, Any]:
    """立即计算, in the name of whoever pressed the button."""
    context.progress(0, 1, "正在核对编制、人员和台账")
    if context.job.requested_by is None:
        raise jobs.JobFailed("没有登记由谁发起计算，请从预警页面重新发起。")
    return {**_result(context.job.requested_by, clock.today()), "url": str(context.params.get("url", ""))}


def _result(actor: User | System, today: date) -> dict[str, Any]:
    outcome = compute_warnings(actor=actor, today=today)
    return {"opened": outcome.opened, "continued": outcome.continued, "resolved": outcome.resolved}


jobs.daily("reports.warnings", compute_daily, title="计算预警")
