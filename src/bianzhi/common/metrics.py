"""What is counted while the platform works, in Prometheus' terms; `config.metrics` adds what is asked at scrape time.

Server and worker are several processes: with PROMETHEUS_MULTIPROC_DIR set (the settings do that for both) each counts
in a file of its own there, and the page adds them up.
"""

import os
from pathlib import Path
from typing import Final

from prometheus_client import Counter, Histogram

QUICK_TO_SLOW: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SECONDS_TO_HOURS: Final = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0)

REQUESTS: Final = Counter("bianzhi_requests", "Requests answered, by name of the route", ["route", "method", "status"])
REQUEST_SECONDS: Final = Histogram(
    "bianzhi_request_seconds", "Time to answer a request", ["route"], buckets=QUICK_TO_SLOW
)
DATABASE_SECONDS: Final = Counter(
    "bianzhi_request_database_seconds", "Time requests waited for the database", ["route"]
)
DATABASE_QUERIES: Final = Counter("bianzhi_request_database_queries", "Statements requests sent", ["route"])
JOBS_ENDED: Final = Counter("bianzhi_jobs_ended", "Runs of jobs, by kind and how they ended", ["kind", "outcome"])
JOB_SECONDS: Final = Histogram("bianzhi_job_seconds", "Time a run of a job took", ["kind"], buckets=SECONDS_TO_HOURS)


def forget_dead_processes() -> None:
    """Remove the files of processes that are gone; a server or worker does it when it starts."""
    place = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    for file in Path(place).glob("*_*.db") if place else ():
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not _lives(int(pid)):
            file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
