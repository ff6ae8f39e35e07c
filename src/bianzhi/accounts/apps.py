"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bianzhi.accounts"
    label = "accounts"
    verbose_name = "用户与权限"

    def ready(self) -> None:
        from bianzhi.accounts import permissions
        from bianzhi.accounts.services.calendar import keep_seeded
        from bianzhi.audit import catalogue
        from bianzhi.common import jobs
        from bianzhi.common.web import navigation
        from bianzhi.common.web.access import PermissionNote, describe_permissions_with

        def describe(code: str) -> PermissionNote | None:
            known = code in permissions.PERMISSIONS
            return PermissionNote(permissions.label(code), granted_by="安全管理员") if known else None

        describe_permissions_with(describe)
        jobs.daily("accounts.calendar", keep_seeded, title="更新工作日历")
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "用户管理", "users", "accounts:users", permission="accounts.manage", order=10)
        )
        manage = "system.manage"
        navigation.register(
            navigation.Entry(
                system, "运行参数", "adjustments-horizontal", "accounts:parameters", permission=manage, order=20
            )
        )
        navigation.register(
            navigation.Entry(system, "工作日历", "calendar", "accounts:calendar", permission=manage, order=21)
        )
        catalogue.declare(
            {
                "accounts.user_created": "新建账号",
                "accounts.user_changed": "修改账号信息",
                "accounts.user_deactivated": "停用账号",
                "accounts.user_reactivated": "启用账号",
                "accounts.password_reset": "重置密码",
                "accounts.password_changed": "修改本人密码",
                "accounts.role_granted": "授予角色",
                "accounts.role_revoked": "收回角色",
                "accounts.logged_in": "登录",
                "accounts.logged_out": "退出登录",
                "accounts.login_failed": "登录失败",
                "accounts.login_locked": "登录锁定",
                "system.parameter_changed": "修改运行参数",
                "system.parameter_reset": "恢复参数默认值",
                "system.calendar_changed": "修改工作日历",
                "system.calendar_seeded": "生成工作日历",
            }
        )
