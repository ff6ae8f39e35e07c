"""What office contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "bianzhi.office"
    label = "office"
    verbose_name = "办公"

    def ready(self) -> None:
        from bianzhi.audit import catalogue

        catalogue.declare({})
