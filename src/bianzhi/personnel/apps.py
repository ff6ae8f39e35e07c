"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "bianzhi.personnel"
    label = "personnel"
    verbose_name = "人员与编制使用"
