"""Users, their roles, and the part of the district each role reaches."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from bianzhi.accounts.roles import ROLES, choices
from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedField, FingerprintField


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

    unsealed_fields = ("last_login", "password", "password_set_at")

    username = models.CharField("账号", max_length=60, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    office = models.CharField("所在处室", max_length=100, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    password_set_at = models.DateTimeField("密码设置时间", default=timezone.now, editable=False)
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


class Authenticator(SealedModel):
    """A device that shows one-time codes (RFC 6238), as the second factor of one account."""

    unsealed_fields = ("last_step", "last_used_at", "failures", "locked_until")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authenticators", verbose_name="用户")
    secret = EncryptedField("密钥", max_length=64)
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField("启用时间", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    last_step = models.BigIntegerField("最近使用的时间步", default=0, help_text="同一验证码不能再用")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("连续失败次数", default=0)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)

    class Meta:
        verbose_name = "动态验证码"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed_at__isnull=False, revoked_at__isnull=True),
                name="accounts_one_authenticator",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} 的动态验证码"


class RecoveryCode(SealedModel):
    """A code that stands in once for a lost device; only its fingerprint is kept."""

    authenticator = models.ForeignKey(Authenticator, on_delete=models.PROTECT, related_name="recovery_codes")
    fingerprint = models.CharField("指纹", max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "备用码"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.authenticator} 的备用码"


class Passkey(SealedModel):
    """A key on a device or stick that signs what the platform asks of it (WebAuthn); it never leaves the device."""

    unsealed_fields = ("sign_count", "backed_up", "last_used_at")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys", verbose_name="用户")
    label = models.CharField("名称", max_length=40)
    credential_id = models.CharField("凭据编号", max_length=1400, unique=True, help_text="base64url")
    credential = models.TextField("公钥", help_text="编号与公钥（attested credential data），base64url")
    user_handle = models.CharField("用户代号", max_length=86, help_text="随机，不含姓名和账号")
    transports = models.CharField("连接方式", max_length=80, blank=True)
    can_be_synced = models.BooleanField("可同步", default=False)
    backed_up = models.BooleanField("已同步", default=False)
    sign_count = models.BigIntegerField("使用次数", default=0, help_text="设备自己的计数；倒退的是复制品")
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "通行密钥"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.user} 的通行密钥“{self.label}”"


class LinkedIdentity(SealedModel):
    """Whom the office's identity provider means by a subject: one account here, told by people, never by e-mail."""

    unsealed_fields = ("last_used_at",)

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="linked_identities", verbose_name="用户")
    issuer = models.CharField("认证服务", max_length=300)
    subject = EncryptedField("统一身份编号", max_length=255)
    subject_key = FingerprintField(of="subject", verbose_name="统一身份编号指纹")
    linked_at = models.DateTimeField("关联时间", default=timezone.now, editable=False)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("解除时间", null=True, blank=True)

    class Meta:
        verbose_name = "统一身份"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject_key"],
                condition=models.Q(revoked_at__isnull=True),
                name="accounts_one_account_per_subject",
            ),
            models.UniqueConstraint(
                fields=["user", "issuer"],
                condition=models.Q(revoked_at__isnull=True),
                name="accounts_one_subject_per_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} 的统一身份"


class FormerPassword(models.Model):
    """The hash of a password somebody has had: it is not taken again for a while."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="former_passwords")
    encoded = models.CharField("密码摘要", max_length=128)
    kept_at = models.DateTimeField("保存时间", default=timezone.now)

    class Meta:
        verbose_name = "用过的密码"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user} 用过的密码"


class SignIn(models.Model):
    """One login on one device, from its start to its end, so that its owner can see and end it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_ins", verbose_name="用户")
    session_key = models.CharField(max_length=40, db_index=True)
    address = models.CharField("网络地址", max_length=64, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)
    provider_session = models.CharField("统一身份认证会话", max_length=255, blank=True)
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "登录"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"


from bianzhi.accounts.account_changes import AccountChange  # noqa: E402 - it names the models above

__all__ = [
    "AccountChange",
    "Authenticator",
    "FormerPassword",
    "LinkedIdentity",
    "Passkey",
    "RecoveryCode",
    "RoleGrant",
    "SignIn",
    "User",
    "UserManager",
]
