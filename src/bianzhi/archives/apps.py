"""What the archive contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "bianzhi.archives"
    label = "archives"
    verbose_name = "档案"

    def ready(self) -> None:
        from bianzhi.archives import (
            derivatives,
            handlers,
            parameters,  # noqa: F401 - importing it declares the parameters
            quarantine,
        )
        from bianzhi.archives.acts_catalogue import ACTS
        from bianzhi.archives.jobs import (  # noqa: F401 - importing them registers the jobs
            dropbox,
            fixity,
            ingesting,
            packaging,
            sweeping,
        )
        from bianzhi.archives.selectors.keeping_proofs import PACKAGES
        from bianzhi.archives.storage import originals
        from bianzhi.audit import catalogue
        from bianzhi.common import sealed_places

        catalogue.declare(ACTS)
        sealed_places.register("档案原件", lambda: originals().every())
        sealed_places.register("接收中的档案", quarantine.every)
        sealed_places.register("档案图像和文字", derivatives.every)
        sealed_places.register("移交包", PACKAGES.every)
        handlers.register()
