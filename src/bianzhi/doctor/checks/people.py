"""Three administrators, each another person; second factors."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from django.conf import settings

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.accounts.rules.second_factor import is_required
from bianzhi.accounts.services.factor_duty import has_factor
from bianzhi.doctor.findings import Finding, bad, good, warn

SHOWN: Final = 10


def administrators() -> Iterator[Finding]:
    """Who administers, and who still logs in with a password alone."""
    by_role: dict[str, set[int]] = defaultdict(set)
    grants = RoleGrant.objects.filter(revoked_at__isnull=True, user__is_active=True, role__in=ADMINISTRATORS)
    for role, user_id in grants.values_list("role", "user_id"):
        by_role[role].add(user_id)
    for role in sorted(ADMINISTRATORS):
        label, count = ROLES[role].label, len(by_role[role])
        if not count:
            yield bad("三员", f"没有{label}", "由安全管理员设置；首次部署见 docs/howto/部署.md")
        elif role == "security_admin" and count < 2:
            yield warn("三员", f"{label}只有 1 人：不能复核账号变更，不能为其重置", "设两名安全管理员")
        else:
            yield good("三员", f"{label} {count} 人")
    held = [user_id for users in by_role.values() for user_id in users]
    if len(held) != len(set(held)):
        yield bad("三员", "有账号兼任两员", "收回其中一个角色")
    yield from _factors()


def _factors() -> Iterator[Finding]:
    if settings.SECOND_FACTOR != "required":
        yield bad("第二因素", "没有强制第二因素（BIANZHI_SECOND_FACTOR=optional）", "删除该设置后重新启动")
    users = User.objects.filter(is_active=True).prefetch_related("role_grants")
    asked = [user for user in users if is_required(user.permissions)]
    lacking = [user.username for user in asked if not has_factor(user)]
    if lacking:
        names = "、".join(lacking[:SHOWN]) + ("等" if len(lacking) > SHOWN else "")
        yield warn(
            "第二因素", f"应启用 {len(asked)} 人，尚未启用 {len(lacking)} 人：{names}", "其下次登录时会被要求启用"
        )
    else:
        yield good("第二因素", f"应启用的 {len(asked)} 人都已启用")
