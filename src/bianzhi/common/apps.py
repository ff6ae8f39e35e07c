"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "bianzhi.common"
    label = "common"
    verbose_name = "公共组件"

    def ready(self) -> None:
        from bianzhi.common.web import navigation

        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "后台任务", "hourglass", "common:jobs", permission="jobs.view", order=40)
        )
