"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig

ANCHOR_SECONDS = 60


class AuditConfig(AppConfig):
    name = "bianzhi.audit"
    label = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from bianzhi.audit import anchors, catalogue, chain, jobs_by_hand, key_rotation
        from bianzhi.audit.web.anchors import places_down
        from bianzhi.common import integrity, jobs
        from bianzhi.common.web import navigation, tones

        integrity.register("audit.chain", "审计链", chain.verify_chain)
        integrity.register("audit.rows", "登记数据与审计封印", chain.verify_rows)
        integrity.register("audit.anchors", "审计锚点", anchors.verify_configured)
        jobs.every("audit.anchors", ANCHOR_SECONDS, anchors.write)
        catalogue.declare(key_rotation.ACTS)
        catalogue.declare(jobs_by_hand.ACTS)
        catalogue.declare({"audit.exported": "导出名册（报表）", "audit.gap_accepted": "说明恢复备份造成的缺失"})
        tones.register_tones({"断开": tones.Tone.BAD, "静默": tones.Tone.WARN})
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(
                system, "审计锚点", "shield-lock", "audit:anchors", permission="audit.view", order=31, badge=places_down
            )
        )
        navigation.register(
            navigation.Entry(system, "审计记录", "shield-check", "audit:entries", permission="audit.view", order=30)
        )
