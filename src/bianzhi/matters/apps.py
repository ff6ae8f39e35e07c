"""What matters contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "bianzhi.matters"
    label = "matters"
    verbose_name = "业务办理"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import sealed_places
        from bianzhi.matters import files, handlers
        from bianzhi.matters.acts_catalogue import ACTS
        from bianzhi.matters.web import registration

        catalogue.declare(ACTS)
        sealed_places.register("办件附件", files.every)
        handlers.register()
        registration.register()
