"""What the personnel register contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "bianzhi.personnel"
    label = "personnel"
    verbose_name = "人员与编制使用"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.personnel.acts_catalogue import ACTS

        catalogue.declare(ACTS)
