"""What the import of tables contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "bianzhi.imports"
    label = "imports"
    verbose_name = "数据导入"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common.web import navigation
        from bianzhi.imports.jobs import handlers  # noqa: F401 - importing it registers the jobs

        catalogue.declare({"imports.committed": "导入表格"})
        navigation.register(
            navigation.Entry(
                navigation.Group.BUSINESS,
                "数据导入",
                "database-import",
                "imports:list",
                permission="imports.view",
                order=60,
            )
        )
