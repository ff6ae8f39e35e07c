"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bianzhi.accounts"
    label = "accounts"
    verbose_name = "用户与权限"

    def ready(self) -> None:
        from bianzhi.accounts import permissions
        from bianzhi.common.web.access import PermissionNote, describe_permissions_with

        def describe(code: str) -> PermissionNote | None:
            known = code in permissions.PERMISSIONS
            return PermissionNote(permissions.label(code), granted_by="安全管理员") if known else None

        describe_permissions_with(describe)
