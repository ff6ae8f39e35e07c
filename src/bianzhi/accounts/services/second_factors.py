"""The second factor by codes: enrolling a device, checking its codes, taking it away from who lost it.

A code is accepted once: the time step it was of is kept, and none up to it opens again (RFC 6238 §5.2).
"""

import time
from datetime import timedelta
from typing import Final

import pyotp
from django.utils import timezone

from bianzhi.accounts.models import Authenticator, RecoveryCode, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.rules.second_factor import fresh_recovery_codes, is_recovery_code, tidied
from bianzhi.accounts.services import sign_ins
from bianzhi.accounts.services.factor_duty import has_keys, refuse_last
from bianzhi.accounts.services.passkeys import end_passkeys
from bianzhi.accounts.services.two_persons import refuse_alone_about
from bianzhi.accounts.services.users import locked, locked_own
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.field_keys import keyring
from bianzhi.kernel.encryption.keyring import same
from bianzhi.kernel.objections import Objection, Refused

ISSUER: Final = "编制通"
STEP: Final = 30
"""Seconds a code is shown."""
DRIFT: Final = 1
"""Steps a device's clock may be off, either way."""
MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)


@unit_of_work
def begin(*, user: User) -> Authenticator:
    """A device to be enrolled, with a fresh secret; an earlier one that was never confirmed gives way to it.

    Raises Refused when the account has a working device already.
    """
    locked(user.pk)
    if active(user) is not None:
        step = "请先停用原来的设备；设备遗失的，请联系安全管理员重置。"
        raise Refused([Objection("S30", "您的账号已启用动态验证码。", next_step=step)])
    for row in Authenticator.objects.filter(user=user, confirmed_at__isnull=True, revoked_at__isnull=True):
        _revoke(row)
        record("accounts.factor_dropped", actor=user, subject=user, facts={"authenticator": row.pk}, wrote=[row])
    row = Authenticator.objects.create(user=user, secret=pyotp.random_base32())
    record("accounts.factor_begun", actor=user, subject=user, facts={"authenticator": row.pk}, wrote=[row])
    return row


@unit_of_work
def confirm(*, user: User, code: str, here: str | None = None) -> list[str]:
    """Put the begun device to use after it showed a right code; returns the recovery codes, which are kept nowhere.

    Logins but that with the session key `here` end: they were opened by the password alone. Raises Refused for a wrong
    code, and when nothing was begun.
    """
    locked_own(user)
    row = _begun(user)
    step = _step_of(row, tidied(code))
    if step is None:
        hint = "请核对设备时间是否准确，输入设备上当前显示的 6 位数字。"
        raise Refused([Objection("S31", "验证码不正确。", next_step=hint)])
    row.confirmed_at, row.last_step, row.last_used_at = timezone.now(), step, timezone.now()
    row.save()
    codes = fresh_recovery_codes()
    kept = [RecoveryCode(authenticator=row, fingerprint=_fingerprint(code)) for code in codes]
    RecoveryCode.objects.bulk_create(kept)
    record("accounts.factor_enabled", actor=user, subject=user, facts={"authenticator": row.pk}, wrote=[row, *kept])
    sign_ins.end_others(actor=user, user=user, reason="启用动态验证码", here=here)
    return codes


@unit_of_work
def verify(*, user_id: int, code: str) -> bool:
    """Whether a code is right for the account, now and for the first time.

    A failure is counted, and so many in a row lock the device for a quarter of an hour: then a right code is refused
    too. It is an act of its own: within another one that is refused then, the count would be undone with it. Raises
    Refused while it is locked, and without a device.
    """
    row = Authenticator.objects.select_for_update().filter(
        user_id=user_id, confirmed_at__isnull=False, revoked_at__isnull=True
    ).first()  # fmt: skip
    if row is None:
        raise Refused([Objection("S33", "该账号没有启用动态验证码。", next_step="请刷新页面，或重新登录。")])
    if row.locked_until is not None and row.locked_until > timezone.now():
        step = "请 15 分钟后再试；确需立即使用，请联系安全管理员。"
        raise Refused([Objection("S32", "验证码连续输错次数过多，已暂停验证。", next_step=step)])
    typed = tidied(code)
    right = _spend(row, typed) if is_recovery_code(typed) else _advance(row, typed)
    row.failures = 0 if right else row.failures + 1
    row.locked_until = timezone.now() + LOCKED_FOR if row.failures >= MOST_FAILURES else None
    if row.locked_until is not None:
        row.failures = 0
    row.save()
    action = "accounts.factor_passed" if right else "accounts.factor_failed"
    facts = {"recovery": is_recovery_code(typed), "locked": row.locked_until is not None}
    record(action, actor=row.user, subject=row.user, facts=facts, wrote=[row])
    return right


@unit_of_work
def drop_own(*, user: User) -> None:
    """Take the own device out of use; its owner has shown the password and, to `verify`, a code before.

    Raises Refused without a device, or when it is the last second factor of who must have one.
    """
    locked(user.pk)
    row = active(user)
    if row is None:
        raise Refused([Objection("S33", "您的账号没有启用动态验证码。")])
    refuse_last(user, another=has_keys(user))
    _end(row, actor=user, reason="本人停用")


@unit_of_work
def reset(*, actor: Actor, user_id: int, reason: str) -> None:
    """Take device and keys away from who lost them; they enrol others at the next login.

    Raises Denied without accounts.manage; Refused for the own account, without a reason, or when there is neither.
    """
    require(actor, MANAGE)
    if actor.pk == user_id:
        raise Refused([Objection("S34", "不能重置自己的第二重验证。", next_step="请由另一名安全管理员办理。")])
    if len(reason.strip()) < 4:
        raise Refused([Objection("S35", "没有写明重置原因（至少 4 个字）。", next_step="请写明如何核实了本人身份。")])
    user = User.objects.get(pk=user_id)
    refuse_alone_about(actor, user)
    devices = end_devices(actor=actor, user_id=user_id, reason=reason.strip())
    if not end_passkeys(actor=actor, user_id=user_id, reason=reason.strip()) + devices:
        raise Refused([Objection("S33", "该账号没有启用动态验证码，也没有通行密钥，无需重置。")])


@unit_of_work
def end_devices(*, actor: Actor, user_id: int, reason: str) -> int:
    """End the device of an account, and one its owner began to enrol; returns how many there were. Raises Denied."""
    require(actor, MANAGE)
    locked(user_id)
    rows = Authenticator.objects.select_for_update().filter(user_id=user_id, revoked_at__isnull=True).order_by("pk")
    for row in rows:
        _end(row, actor=actor, reason=reason)
    return len(rows)


def active(user: User) -> Authenticator | None:
    """The device in use for an account."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=False, revoked_at__isnull=True).first()


def begun(user: User) -> Authenticator | None:
    """The device being enrolled."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=True, revoked_at__isnull=True).first()


def address_for_device(row: Authenticator) -> str:
    """What the picture holds that the device scans (otpauth://…)."""
    return pyotp.TOTP(row.secret, interval=STEP).provisioning_uri(name=row.user.username, issuer_name=ISSUER)


def _begun(user: User) -> Authenticator:
    row = begun(user)
    if row is None:
        raise Refused([Objection("S36", "没有待启用的设备。", next_step="请重新打开“启用动态验证码”页面。")])
    return row


def _advance(row: Authenticator, code: str) -> bool:
    step = _step_of(row, code)
    if step is None:
        return False
    row.last_step, row.last_used_at = step, timezone.now()
    return True


def _step_of(row: Authenticator, code: str) -> int | None:
    """The time step a code is of, if it is right and later than any that was used."""
    totp, now = pyotp.TOTP(row.secret, interval=STEP), int(time.time()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if same(totp.generate_otp(step), code) and step > row.last_step:
            return step
    return None


def _spend(row: Authenticator, code: str) -> bool:
    kept = RecoveryCode.objects.filter(authenticator=row, fingerprint=_fingerprint(code), used_at__isnull=True).first()
    if kept is None:
        return False
    kept.used_at = row.last_used_at = timezone.now()
    kept.save()
    record("accounts.recovery_used", actor=row.user, subject=row.user, facts={"code": kept.pk}, wrote=[kept])
    return True


def _end(row: Authenticator, *, actor: Actor, reason: str) -> None:
    _revoke(row)
    record("accounts.factor_revoked", actor=actor, subject=row.user, facts={"reason": reason}, wrote=[row])


def _revoke(row: Authenticator) -> None:
    row.revoked_at = timezone.now()
    row.save()


def _fingerprint(code: str) -> str:
    return keyring().fingerprint("accounts_recoverycode", code)
