"""What the gate contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "bianzhi.intake"
    label = "intake"
    verbose_name = "上传检查"

    def ready(self) -> None:
        from bianzhi.audit import catalogue

        catalogue.declare({"intake.file_refused": "上传的有害文件被拒收"})
