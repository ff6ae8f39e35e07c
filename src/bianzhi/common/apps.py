"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommonConfig(AppConfig):
    name = "bianzhi.common"
    label = "common"
    verbose_name = "公共组件"

    def ready(self) -> None:
        from bianzhi.common import integrity, jobs, sealed_places
        from bianzhi.common.db.sealed_columns import everything_opens, keys_after_migration
        from bianzhi.common.db.structure import structure_after_migration
        from bianzhi.common.db.walls import walls_after_migration
        from bianzhi.common.jobs.tidying import tidy
        from bianzhi.common.web import navigation

        post_migrate.connect(structure_after_migration, dispatch_uid="common.structure")
        post_migrate.connect(keys_after_migration, dispatch_uid="common.keys")
        post_migrate.connect(walls_after_migration, dispatch_uid="common.walls")
        integrity.register("common.encrypted", "加密内容都能解密", everything_opens)
        integrity.register("common.sealed_files", "加密文件都能打开", sealed_places.every_file_opens)
        jobs.daily("common.tidy", tidy, title="清理过期的会话和消息")
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "后台任务", "hourglass", "common:jobs", permission="jobs.view", order=40)
        )
