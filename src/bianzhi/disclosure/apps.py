"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "bianzhi.disclosure"
    label = "disclosure"
    verbose_name = "导出与公开"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from bianzhi.audit import catalogue
        from bianzhi.common import jobs, sealed_places
        from bianzhi.common.web import navigation, releasing
        from bianzhi.disclosure import parameters  # noqa: F401 - declared at import
        from bianzhi.disclosure.jobs.making import end_expired
        from bianzhi.disclosure.storage import FILES
        from bianzhi.disclosure.web.gates import EverydayGate
        from bianzhi.disclosure.web.requests import waiting_count

        autodiscover_modules("field_classes")
        sealed_places.register("导出文件", FILES.every)
        releasing.register_gate(EverydayGate())
        jobs.daily("disclosure.expire", end_expired, title="清理过期的导出申请和文件")
        navigation.register(
            navigation.Entry(
                navigation.Group.STATISTICS, "导出申请", "download", "disclosure:requests", order=90,
                badge=waiting_count,
            )
        )  # fmt: skip
        catalogue.declare(
            {
                "disclosure.field_revealed": "查看完整信息",
                "disclosure.asked": "申请导出",
                "disclosure.approved": "批准导出",
                "disclosure.rejected": "不同意导出",
                "disclosure.withdrawn": "撤回导出申请",
                "disclosure.expired": "导出申请过期",
                "disclosure.failed": "导出文件未生成",
                "disclosure.made": "生成导出文件",
                "disclosure.fetched_exported": "下载导出文件",
            }
        )
