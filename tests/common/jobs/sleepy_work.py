"""A job that sleeps for as long as SLEEPY says, for the test that kills its worker."""

from __future__ import annotations

import os
import time

from bianzhi.common import jobs


@jobs.job("test.sleepy")
def sleep(context: jobs.JobContext) -> dict[str, bool]:
    time.sleep(float(os.environ.get("SLEEPY", "60")))
    return {"slept": True}
