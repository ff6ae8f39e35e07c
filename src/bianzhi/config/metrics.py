"""`/metrics`: figures for Prometheus, counted in every process and asked of the database at the moment of reading."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import prometheus_client
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

import bianzhi
from bianzhi.audit import chain
from bianzhi.audit.anchors import places
from bianzhi.common.jobs import delivery, heartbeat
from bianzhi.common.models import Job, JobState, OutboxMessage
from bianzhi.common.web.access import public_page
from bianzhi.config import probing
from bianzhi.intrusion.models import Alert
from bianzhi.intrusion.rules.catalogue import SEVERITIES
from bianzhi.recovery.selectors import standing as backups

log = logging.getLogger(__name__)

BACKUPS_READ_EVERY: Final = 60.0
"""Seconds for which the folder of backups, perhaps a slow disk, is not read again."""


@public_page
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for the monitoring of the office; for anybody else there is no such page."""
    if not probing.is_monitoring(request):
        raise Http404
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Counted())
    registry.register(_Asked())
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)


class _Counted(Collector):
    """What this one process counted, where there is only one."""

    def collect(self) -> Iterator[Metric]:
        for family in prometheus_client.REGISTRY.collect():
            if family.name.startswith("bianzhi_"):
                yield family


class _Asked(Collector):
    """What is asked at the moment of reading; a question the database can't answer leaves its figures out."""

    def collect(self) -> Iterator[Metric]:
        version = GaugeMetricFamily("bianzhi_version", "The version running", labels=["version"])
        version.add_metric([bianzhi.__version__], 1)
        yield version
        for ask in _QUESTIONS:
            try:
                yield from ask()
            except (DatabaseError, OSError):
                log.exception("metrics: %s could not be asked", ask.__name__)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bianzhi_{name}", help_text, value=value)


def _age(moment: datetime) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())


def _jobs() -> Iterator[Metric]:
    found = {row["state"]: row for row in Job.objects.values("state").annotate(n=Count("pk"), oldest=Min("created_at"))}
    states = GaugeMetricFamily("bianzhi_jobs", "Jobs by state", labels=["state"])
    oldest = GaugeMetricFamily(
        "bianzhi_oldest_job_seconds", "Age of the oldest job that waits or runs", labels=["state"]
    )
    for state in JobState.values:
        states.add_metric([state], found[state]["n"] if state in found else 0)
    for state in (JobState.WAITING.value, JobState.RUNNING.value):
        oldest.add_metric([state], _age(found[state]["oldest"]) if state in found else 0)
    yield states
    yield oldest
    silence = heartbeat.silent_for()
    if silence is not None:
        yield _gauge("worker_silent_seconds", "Time since a worker gave a sign of life; absent without one", silence)


def _outbox() -> Iterator[Metric]:
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True)
    told = waiting.filter(attempts__lt=delivery.MAX_ATTEMPTS).aggregate(n=Count("pk"), oldest=Min("created_at"))
    yield _gauge("outbox_waiting", "Messages not yet delivered", told["n"])
    yield _gauge("outbox_lag_seconds", "Age of the oldest of them", _age(told["oldest"]) if told["oldest"] else 0)
    given_up = waiting.filter(attempts__gte=delivery.MAX_ATTEMPTS).count()
    yield _gauge("outbox_given_up", "Messages given up after the last attempt", given_up)


def _audit() -> Iterator[Metric]:
    seq, _ = chain.head()
    yield _gauge("audit_height", "Entries in the audit chain", seq)
    states = [places.state_of(place) for place in places.configured()]
    arrived = [state.arrived_at for state in states if state.arrived_at is not None]
    yield _gauge("anchor_places", "Places of anchors configured", len(states))
    yield _gauge("anchor_places_down", "Places that did not take the last anchor", sum(s.is_down for s in states))
    if arrived:
        yield _gauge("last_anchor_age_seconds", "Age of the last anchor that arrived anywhere", _age(max(arrived)))


def _alerts() -> Iterator[Metric]:
    found = dict(Alert.objects.in_progress().order_by().values_list("severity").annotate(n=Count("pk")))
    open_ones = GaugeMetricFamily("bianzhi_alerts", "Alerts not closed, by severity", labels=["severity"])
    for severity in SEVERITIES:
        open_ones.add_metric([severity.value], found.get(severity.value, 0))
    yield open_ones
    oldest = Alert.objects.unanswered().aggregate(oldest=Min("raised_at"))["oldest"]
    help_text = "Age of the oldest alert nobody has acknowledged"
    yield _gauge("oldest_unanswered_alert_seconds", help_text, _age(oldest) if oldest else 0)


_last_backup: dict[str, tuple[float, datetime | None]] = {}


def _backups() -> Iterator[Metric]:
    if not settings.BACKUP_DIR:
        return
    read_at, moment = _last_backup.get(settings.BACKUP_DIR, (0.0, None))
    if not read_at or time.monotonic() - read_at > BACKUPS_READ_EVERY:
        newest = backups.standing().newest
        moment = newest.label.moment if newest is not None and newest.label is not None else None
        _last_backup[settings.BACKUP_DIR] = (time.monotonic(), moment)
    if moment is not None:
        yield _gauge("last_backup_age_seconds", "Age of the last sound backup; absent without one", _age(moment))


def _disk() -> Iterator[Metric]:
    yield _gauge("disk_free_bytes", "Free bytes where the data lie", shutil.disk_usage(settings.HOME).free)


_QUESTIONS: Final[tuple[Callable[[], Iterator[Metric]], ...]] = (_jobs, _outbox, _audit, _alerts, _backups, _disk)
