"""What the import of tables contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "bianzhi.imports"
    label = "imports"
    verbose_name = "数据导入"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import sealed_places
        from bianzhi.common.web import navigation, tones
        from bianzhi.imports import files
        from bianzhi.imports.jobs import handlers  # noqa: F401 - importing it registers the jobs

        sealed_places.register("导入表格", files.every)
        catalogue.declare({"imports.committed": "导入表格"})
        tones.register_tones(
            {
                "已导入": tones.Tone.GOOD,
                "待确认导入": tones.Tone.INFO,
                "更新": tones.Tone.INFO,
                "数据表": tones.Tone.INFO,
                "不一致（保留原登记）": tones.Tone.WARN,
                "未能识别": tones.Tone.WARN,
            }
        )
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
