"""What the case engine contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "bianzhi.workflow"
    label = "workflow"
    verbose_name = "流程"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.workflow.acts_catalogue import ACTS

        catalogue.declare(ACTS)
