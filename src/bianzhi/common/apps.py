"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "bianzhi.common"
    label = "common"
    verbose_name = "公共组件"

    def ready(self) -> None:
        from bianzhi.common import jobs
        from bianzhi.common.jobs.tidying import tidy
        from bianzhi.common.web import navigation

        jobs.daily("common.tidy", tidy, title="清理过期的会话和消息")
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "后台任务", "hourglass", "common:jobs", permission="jobs.view", order=40)
        )
