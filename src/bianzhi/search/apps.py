"""What the full-text search contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "bianzhi.search"
    label = "search"
    verbose_name = "全文检索"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.search import handlers
        from bianzhi.search.acts_catalogue import ACTS

        catalogue.declare(ACTS)
        handlers.register()
