"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bianzhi.accounts"
    label = "accounts"
    verbose_name = "用户与权限"

    def ready(self) -> None:
        from bianzhi.accounts import permissions
        from bianzhi.accounts.jobs import end_expired
        from bianzhi.accounts.services.calendar import keep_seeded
        from bianzhi.accounts.web.changes import waiting_count
        from bianzhi.audit import catalogue
        from bianzhi.common import jobs
        from bianzhi.common.web import navigation
        from bianzhi.common.web.access import PermissionNote, describe_permissions_with

        def describe(code: str) -> PermissionNote | None:
            known = code in permissions.PERMISSIONS
            return PermissionNote(permissions.label(code), granted_by="安全管理员") if known else None

        describe_permissions_with(describe)
        jobs.daily("accounts.calendar", keep_seeded, title="更新工作日历")
        jobs.daily("accounts.changes", end_expired, title="清理过期的账号变更申请")
        system = navigation.Group.SYSTEM
        navigation.register(
            navigation.Entry(system, "用户管理", "users", "accounts:users", permission="accounts.manage", order=10)
        )
        navigation.register(
            navigation.Entry(
                system,
                "账号变更复核",
                "user-check",
                "accounts:changes",
                permission="accounts.confirm",
                order=11,
                badge=waiting_count,
            )
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
                "accounts.factor_begun": "登记动态验证码设备",
                "accounts.factor_dropped": "放弃未启用的验证码设备",
                "accounts.factor_enabled": "启用动态验证码",
                "accounts.factor_passed": "动态验证码通过",
                "accounts.factor_failed": "动态验证码不正确",
                "accounts.factor_revoked": "停用动态验证码",
                "accounts.recovery_used": "使用备用码",
                "accounts.role_granted": "授予角色",
                "accounts.role_revoked": "收回角色",
                "accounts.change_proposed": "提出账号变更",
                "accounts.change_confirmed": "复核同意账号变更",
                "accounts.change_rejected": "复核不同意账号变更",
                "accounts.change_withdrawn": "撤回账号变更",
                "accounts.change_expired": "账号变更过期",
                "accounts.passkey_added": "登记通行密钥",
                "accounts.passkey_renamed": "通行密钥改名",
                "accounts.passkey_removed": "移除通行密钥",
                "accounts.passkey_passed": "通行密钥通过",
                "accounts.passkey_failed": "通行密钥不符",
                "accounts.identity_linked": "关联统一身份",
                "accounts.identity_unlinked": "解除统一身份关联",
                "accounts.identity_passed": "统一身份认证通过",
                "accounts.logged_in": "登录",
                "accounts.logged_out": "退出登录",
                "accounts.session_ended": "结束登录",
                "accounts.login_failed": "登录失败",
                "accounts.login_locked": "登录锁定",
                "system.parameter_changed": "修改运行参数",
                "system.parameter_reset": "恢复参数默认值",
                "system.calendar_changed": "修改工作日历",
                "system.calendar_seeded": "生成工作日历",
            }
        )
