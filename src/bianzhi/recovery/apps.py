"""What backup and recovery contribute to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "bianzhi.recovery"
    label = "recovery"
    verbose_name = "备份与恢复"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity, jobs
        from bianzhi.common.web import navigation, tones
        from bianzhi.recovery.acts_catalogue import ACTS
        from bianzhi.recovery.jobs import daily_backup, daily_drill
        from bianzhi.recovery.proving import labels_fit_the_chain
        from bianzhi.recovery.web.overview import warnings_now

        catalogue.declare(ACTS)
        tones.register_tones(
            {
                "完好": tones.Tone.GOOD,
                "未核验": tones.Tone.INFO,
                "不可用": tones.Tone.BAD,
                "已通过": tones.Tone.GOOD,
                "未通过": tones.Tone.BAD,
            }
        )
        integrity.register("recovery.backups", "审计链与各备份的链头", labels_fit_the_chain)
        jobs.daily("recovery.backup", daily_backup, title="每日备份")
        jobs.daily("recovery.drill", daily_drill, title="定期恢复演练")
        navigation.register(
            navigation.Entry(
                navigation.Group.SYSTEM,
                "备份与恢复",
                "device-floppy",
                "recovery:overview",
                permission="recovery.manage",
                order=25,
                badge=warnings_now,
            )
        )
