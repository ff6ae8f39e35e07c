"""What supervision contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "bianzhi.supervision"
    label = "supervision"
    verbose_name = "监督检查"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity
        from bianzhi.supervision import (
            handlers,
            parameters,  # noqa: F401 - importing it declares the parameters
        )
        from bianzhi.supervision.acts_catalogue import ACTS
        from bianzhi.supervision.selectors import integrity as proofs

        catalogue.declare(ACTS)
        handlers.register()
        integrity.register("supervision.draws", "抽查结果可按种子重现", proofs.draws_repeat)
        integrity.register("supervision.orders", "整改状态与整改经过一致", proofs.states_follow)
        integrity.register("supervision.problems", "问题状态与整改一致", proofs.problems_follow)
