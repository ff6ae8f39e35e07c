"""`./bianzhi worker`: runs jobs, daily work and the delivery of messages."""

import argparse
import os
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.common import in_use, metrics
from bianzhi.common.jobs import running
from bianzhi.common.jobs.worker import Worker


class Command(BaseCommand):
    help = "运行后台任务：导入、每日预警与到期处理、消息投递（start 会自动启动它）"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="办完现有任务即退出 run what is waiting, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)
        # The launcher names its children; one whose launcher was killed must not linger beside the next one.
        worker = Worker(leave_with_parent=os.environ.get("BIANZHI_PROCESS") == "worker")
        with in_use.running():
            metrics.forget_dead_processes()
            if not options["once"]:
                worker.run()
                return
            while worker.step() and not running.stopping.is_set():
                continue


def _stop(number: int, frame: FrameType | None) -> None:
    """The first time the job gives way at its next step of progress; the second time where it stands."""
    asked_before = running.stopping.is_set()
    running.stopping.set()
    if asked_before:
        running.interrupt()
