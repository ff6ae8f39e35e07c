"""Asking for pages inside one process, for `benchmarks.pages`."""

import statistics

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.timing import seconds
from bianzhi.accounts.models import User
from bianzhi.demo.load import load_district
from bianzhi.kernel.clock import today
from bianzhi.organizations.models import OrganizationVersion


def load(size: str) -> None:
    """Load the demo district of this size."""
    load_district(size=size, today=today(), say=lambda _: None)


def biggest_bureau() -> int:
    """The police bureau: the largest unit of an organ."""
    return OrganizationVersion.objects.as_of(today()).get(name__endswith="公安分局").organization_id


def median_of(path: str, runs: int) -> tuple[float, int]:
    """Median seconds of a page and the queries it makes, after one warm-up."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="zhuren"), backend="django.contrib.auth.backends.ModelBackend")
    first = client.get(path, follow=True)
    if first.status_code != 200:
        raise SystemExit(f"{path}: {first.status_code}")
    with CaptureQueriesContext(connection) as captured:
        client.get(path, follow=True)
    queries = len(captured)
    return statistics.median(seconds(lambda: client.get(path, follow=True)) for _ in range(runs)), queries
