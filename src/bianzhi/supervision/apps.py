"""What supervision contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "bianzhi.supervision"
    label = "supervision"
    verbose_name = "监督检查"

    def ready(self) -> None:
        from bianzhi.audit import catalogue

        catalogue.declare({})
