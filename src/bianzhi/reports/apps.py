"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "bianzhi.reports"
    label = "reports"
    verbose_name = "统计与预警"
