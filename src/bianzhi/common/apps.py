"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "bianzhi.common"
    label = "common"
    verbose_name = "公共组件"
