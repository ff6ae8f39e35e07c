"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig

ANCHOR_SECONDS = 60


class AuditConfig(AppConfig):
    name = "bianzhi.audit"
    label = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from bianzhi.audit import anchors, catalogue, chain, exporting
        from bianzhi.common import integrity, jobs
        from bianzhi.common.web import exports, navigation

        integrity.register("audit.chain", "审计链", chain.verify_chain)
        integrity.register("audit.rows", "登记数据与审计封印", chain.verify_rows)
        integrity.register("audit.anchors", "审计锚点", anchors.verify_configured)
        jobs.every("audit.anchors", ANCHOR_SECONDS, anchors.write)
        catalogue.declare({"audit.exported": "导出名册（报表）"})
        exports.register_listener(exporting.hear_of_export)
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "审计记录", "shield-check", "audit:entries", permission="audit.view", order=30)
        )
