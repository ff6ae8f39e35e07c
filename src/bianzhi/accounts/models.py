"""Users, their roles, and the part of the district each role reaches."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from bianzhi.accounts.roles import ROLES, choices
from bianzhi.audit.models import SealedModel


class UserManager(BaseUserManager["User"]):
    """Finds users by their account name."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A new account with a hashed password; roles are granted by `accounts.services`."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, SealedModel):
    """An account of one person; there is no all-powerful account at run time."""

    unsealed_fields = ("last_login", "password")

    username = models.CharField("账号", max_length=60, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    office = models.CharField("所在处室", max_length=100, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.username}）"

    @cached_property
    def grants(self) -> list["RoleGrant"]:
        """Role grants in force; read once a request."""
        return list(self.role_grants.filter(revoked_at__isnull=True)) if self.is_active else []

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Every permission of every role in force."""
        return frozenset().union(*(ROLES[grant.role].permissions for grant in self.grants if grant.role in ROLES))

    def can(self, permission: str) -> bool:
        """Whether any role in force holds the permission."""
        return permission in self.permissions

    def sees_everything(self) -> bool:
        """Whether a role in force reaches the whole district."""
        return any(grant.role in ROLES and ROLES[grant.role].whole_district for grant in self.grants)

    def scope_roots(self) -> list[tuple[int, bool]]:
        """(organisation id, whether its subtree is included) for each grant with a data scope."""
        return [(g.organization_id, g.includes_subtree) for g in self.grants if g.organization_id is not None]

    def role_labels(self) -> str:
        """Roles in force in words."""
        return "、".join(dict.fromkeys(ROLES[grant.role].label for grant in self.grants if grant.role in ROLES))


class RoleGrant(SealedModel):
    """A role given to a user, with the organisation (and its subtree) it reaches; revoked, never deleted.

    `organization_id` is a plain number: organisations live in an app above this one.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants", verbose_name="用户")
    role = models.CharField("角色", max_length=40, choices=choices())
    organization_id = models.BigIntegerField("机构范围", null=True, blank=True)
    includes_subtree = models.BooleanField("含下级机构", default=False)
    granted_at = models.DateTimeField("授予时间", default=timezone.now, editable=False)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    class Meta:
        verbose_name = "角色授予"
        indexes = [models.Index(fields=["user", "revoked_at"], name="grant_by_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
