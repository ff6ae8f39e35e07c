"""What the case engine contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "bianzhi.workflow"
    label = "workflow"
    verbose_name = "流程"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity, jobs, sealed_places
        from bianzhi.workflow import parameters  # noqa: F401 - importing it declares the parameters
        from bianzhi.workflow.acts_catalogue import ACTS
        from bianzhi.workflow.files import OPINION_PAPERS
        from bianzhi.workflow.jobs.clocks import run_clocks
        from bianzhi.workflow.selectors import integrity as proofs
        from bianzhi.workflow.web import menu

        catalogue.declare(ACTS)
        sealed_places.register("手写签批件", OPINION_PAPERS.every)
        jobs.every("workflow.clocks", 60, run_clocks)
        integrity.register("workflow.opinions", "流转意见首尾相链，内容未改", proofs.opinions_chained)
        integrity.register("workflow.cases", "在办事项有人办，办结事项无遗留", proofs.cases_alive)
        integrity.register("workflow.steps", "环节与任务一致", proofs.steps_manned)
        integrity.register("workflow.papers", "手写签批件与意见所记的摘要一致", proofs.papers_as_kept)
        menu.register()
