"""`./bianzhi watch`: ask every rule now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bianzhi.intrusion.models import Alert, RuleRun
from bianzhi.intrusion.watching import watch, watch_everything


class Command(BaseCommand):
    help = "立即检查入侵迹象（平时由后台进程每几分钟检查）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="连同逐个文件、逐行封印的全面检查")

    def handle(self, *args: Any, **options: Any) -> None:
        raised = watch_everything() if options["all"] else watch()
        for alert in raised:
            self.stdout.write(f"告警 {alert.pk}（{alert.get_severity_display()}）{alert.sentence}")
        for run in RuleRun.objects.exclude(error=""):
            self.stdout.write(f"规则 {run.rule} 出错：{run.error}")
        standing = Alert.objects.in_progress().count()
        self.stdout.write(f"新告警 {len(raised)} 条，未关闭的共 {standing} 条。")
