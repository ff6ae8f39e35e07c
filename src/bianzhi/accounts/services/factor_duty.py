"""Which second factors an account has, and whether it may be without: asked at the door, and before the last ends."""

from django.conf import settings

from bianzhi.accounts.models import Authenticator, Passkey, User
from bianzhi.accounts.rules.second_factor import is_required
from bianzhi.common import parameters
from bianzhi.kernel.objections import Objection, Refused


def has_codes(user: User) -> bool:
    """Whether the account has a device that shows codes."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=False, revoked_at__isnull=True).exists()


def has_keys(user: User) -> bool:
    """Whether the account has a passkey."""
    return Passkey.objects.filter(user=user, revoked_at__isnull=True).exists()


def has_factor(user: User) -> bool:
    """Whether the account has a second factor of either kind."""
    return has_codes(user) or has_keys(user)


def must_have_factor(user: User) -> bool:
    """Whether the account is held at the door without one: its roles ask for it, and the installation does.

    Invented data, which anybody may try, need no second factor.
    """
    if settings.SECOND_FACTOR != "required" or not is_required(user.permissions):
        return False
    return not parameters.DATA_IS_SYNTHETIC.number


def refuse_last(user: User, *, another: bool) -> None:
    """Raise Refused when who must have a second factor would be left without `another`."""
    if must_have_factor(user) and not another:
        step = "请先登记另一个通行密钥或启用动态验证码，再停用这一个；设备遗失的，请联系安全管理员重置。"
        raise Refused([Objection("S36", "这是您唯一的第二重验证，您的角色不能没有它。", next_step=step)])
