"""What the doctor contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "bianzhi.doctor"
    label = "doctor"
    verbose_name = "体检"

    def ready(self) -> None:
        from bianzhi.common.web import navigation, tones

        tones.register_tones({"需注意": tones.Tone.WARN, "不合格": tones.Tone.BAD, "说明": tones.Tone.INFO})
        navigation.register(
            navigation.Entry(
                navigation.Group.SYSTEM,
                "体检",
                "clipboard-check",
                "doctor:report",
                permission="system.manage",
                order=24,
            )
        )
