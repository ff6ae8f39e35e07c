"""What the watch contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class IntrusionConfig(AppConfig):
    name = "bianzhi.intrusion"
    label = "intrusion"
    verbose_name = "入侵迹象"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import jobs
        from bianzhi.common.web import navigation, tones
        from bianzhi.intrusion.acts_catalogue import ACTS
        from bianzhi.intrusion.jobs import nightly_watch, watch_now
        from bianzhi.intrusion.watching import WATCH_SECONDS
        from bianzhi.intrusion.web.alerts import unanswered

        catalogue.declare(ACTS)
        tone = tones.Tone
        tones.register_tones(
            {
                "低": tone.NEUTRAL,
                "中": tone.INFO,
                "高": tone.WARN,
                "严重": tone.BAD,
                "待确认": tone.WARN,
                "处置中": tone.INFO,
                "待复核": tone.WARN,
                "已关闭": tone.NEUTRAL,
                "没有运行": tone.BAD,
                "运行正常": tone.GOOD,
                "已停用": tone.NEUTRAL,
                "出错": tone.BAD,
            }
        )
        jobs.every("intrusion.watch", WATCH_SECONDS, watch_now)
        jobs.daily("intrusion.nightly", nightly_watch, title="入侵迹象全面检查")
        navigation.register(
            navigation.Entry(
                navigation.Group.SYSTEM,
                "入侵迹象",
                "shield-off",
                "intrusion:alerts",
                permission="intrusion.view",
                order=12,
                badge=unanswered,
            )
        )
