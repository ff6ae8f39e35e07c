"""Passkeys (WebAuthn): a device's own key as second factor, or, unlocked by its owner, as the whole sign-in.

A question (challenge) is asked anew each time, kept in the session and good for one answer. What a device answers is
checked by `fido2`: kind, origin, domain, challenge, presence and unlocking, signature; here the rest: whose key it is,
whether it was ended, whether its count went back (then there is a copy of it).
"""

import re
import secrets
import struct
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bianzhi.accounts.models import Passkey, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.rules.relying_party import RelyingParty
from bianzhi.accounts.services import sign_ins
from bianzhi.accounts.services.factor_duty import has_codes, refuse_last
from bianzhi.accounts.services.users import locked_own
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused

PRODUCT: Final = "编制通"
MOST: Final = 10
"""Keys of one account."""
LONGEST_LABEL: Final = 40
HANDLE_BYTES: Final = 32
TRANSPORTS: Final = frozenset(each.value for each in AuthenticatorTransport)
NAMED: Final = re.compile(r"[A-Za-z0-9_-]{1,1400}")
"""The id of a key, base64url, as long as its column."""
UNREADABLE: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    struct.error,
    UnsupportedAlgorithm,
)
"""What `fido2` raises for an answer that is wrong, or no answer at all, or nested without end."""

Asked = dict[str, Any]
"""What is kept in the session of a question: challenge, and whether the device had to be unlocked."""


def live(user: User) -> list[Passkey]:
    """The keys of an account that may be used, the oldest first."""
    return list(Passkey.objects.filter(user=user, revoked_at__isnull=True))


def ask_to_register(user: User, party: RelyingParty) -> tuple[dict[str, Any], Asked]:
    """What the browser is asked to make a key with, and what to keep until it answers."""
    rows = live(user)
    entity = PublicKeyCredentialUserEntity(id=_handle(rows), name=user.username, display_name=user.display_name)
    options, asked = _server(party).register_begin(
        entity,
        [_descriptor(row) for row in rows],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options)["publicKey"], {**asked, "user_handle": websafe_encode(entity.id)}


def ask_to_sign(party: RelyingParty, *, user: User | None = None) -> tuple[dict[str, Any], Asked]:
    """What the browser is asked to sign: with one of a known account's keys, or, to sign in with it alone, with any.

    Without a password before it, the device must be unlocked by its owner (PIN, finger, face).
    """
    keys = [_descriptor(row) for row in live(user)] if user else None
    unlocking = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options, asked = _server(party).authenticate_begin(keys, user_verification=unlocking)
    return dict(options)["publicKey"], asked


@unit_of_work
def register(
    *, user: User, party: RelyingParty, asked: Asked, answer: Mapping[str, Any], label: str, here: str | None = None
) -> Passkey:
    """Keep the key a device made; logins but that with the session key `here` end, as for `second_factors.confirm`.

    Raises Refused without a name, with too many keys, or for an answer that is wrong.
    """
    label = label.strip()
    locked_own(user)
    _refuse_label(user, label)
    if len(live(user)) >= MOST:
        raise Refused([Objection("S51", f"每个账号最多 {MOST} 个通行密钥。", next_step="请先移除不用的。")])
    made = _made(party, asked, answer)
    credential = made.credential_data
    if credential is None or Passkey.objects.filter(credential_id=websafe_encode(credential.credential_id)).exists():
        raise Refused([Objection("S52", "这个通行密钥已经登记过。", next_step="请换一个设备，或直接使用它登录。")])
    row = Passkey.objects.create(
        user=user,
        label=label,
        credential_id=websafe_encode(credential.credential_id),
        credential=websafe_encode(credential),
        user_handle=asked["user_handle"],
        transports=_transports(answer),
        can_be_synced=made.is_backup_eligible(),
        backed_up=made.is_backed_up(),
        sign_count=made.counter,
    )
    record("accounts.passkey_added", actor=user, subject=user, facts=_facts(row), wrote=[row])
    sign_ins.end_others(actor=user, user=user, reason="登记通行密钥", here=here)
    return row


@unit_of_work
def rename(*, user: User, passkey_id: int, label: str) -> Passkey:
    """Give an own key another name. Raises Refused when it is none of the account's, or without a name."""
    row = _own(user, passkey_id)
    _refuse_label(user, label.strip(), besides=row.pk)
    row.label = label.strip()
    row.save(update_fields=["label"])
    record("accounts.passkey_renamed", actor=user, subject=user, facts=_facts(row), wrote=[row])
    return row


@unit_of_work
def remove(*, user: User, passkey_id: int) -> None:
    """End an own key. Raises Refused for another's, and for the last second factor of who must have one."""
    User.objects.select_for_update().get(pk=user.pk)
    row = _own(user, passkey_id)
    refuse_last(user, another=len(live(user)) > 1 or has_codes(user))
    _end(row, actor=user, reason="本人移除")


@unit_of_work
def end_passkeys(*, actor: Actor, user_id: int, reason: str) -> int:
    """End every key of an account whose owner lost them; returns how many there were. Raises Denied."""
    require(actor, MANAGE)
    rows = live(User.objects.get(pk=user_id))
    for row in rows:
        _end(row, actor=actor, reason=reason)
    return len(rows)


@unit_of_work
def accept(*, party: RelyingParty, asked: Asked, answer: Mapping[str, Any], user_id: int | None = None) -> User | None:
    """The account whose key signed, None for an answer that is wrong in any way; `user_id` narrows to one account.

    An answer with a known key that is wrong is on record; one with a key nobody has is not: it names nobody.
    """
    row = _key_of(answer, user_id)
    if row is None:
        return None
    try:
        shown = _shown(party, asked, answer, row)
    except UNREADABLE:
        shown = None
    if shown is None or not _is_newer(row, shown) or shown.is_backup_eligible() != row.can_be_synced:
        why = "签名不符" if shown is None else "设备计数或属性不符"
        facts = {**_facts(row), "why": why}
        record("accounts.passkey_failed", actor=row.user, subject=row.user, facts=facts)
        return None
    row.sign_count, row.backed_up, row.last_used_at = shown.counter, shown.is_backed_up(), timezone.now()
    row.save(update_fields=["sign_count", "backed_up", "last_used_at"])
    facts = {**_facts(row), "unlocked": shown.is_user_verified()}
    record("accounts.passkey_passed", actor=row.user, subject=row.user, facts=facts, wrote=[row])
    return row.user


def credential_of(answer: Mapping[str, Any]) -> str:
    """The id of the key an answer says it is of; "" where it says none, or what can be none."""
    found = answer.get("rawId")
    return found if isinstance(found, str) and NAMED.fullmatch(found) else ""


def _server(party: RelyingParty) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=party.host, name=PRODUCT)
    return Fido2Server(entity, verify_origin=lambda origin: origin == party.origin)


def _made(party: RelyingParty, asked: Asked, answer: Mapping[str, Any]) -> AuthenticatorData:
    try:
        registration = RegistrationResponse.from_dict(answer)
        if registration.response.client_data.cross_origin:
            raise ValueError("answer from within another site")
        made = _server(party).register_complete(asked, registration)
        if made.credential_data is None or not NAMED.fullmatch(websafe_encode(made.credential_data.credential_id)):
            raise ValueError("key without an id, or with one that is too long")
        return made
    except UNREADABLE as error:
        step = "请重新点“登记”；多次不成功的，请换一个浏览器或设备。"
        raise Refused([Objection("S53", "设备返回的内容无法核实，没有登记。", next_step=step)]) from error


def _shown(party: RelyingParty, asked: Asked, answer: Mapping[str, Any], row: Passkey) -> AuthenticatorData | None:
    """What the device said of itself, if the signature and all it covers are right."""
    shown = AuthenticationResponse.from_dict(answer)
    handle = shown.response.user_handle
    if shown.response.client_data.cross_origin or (handle and websafe_encode(handle) != row.user_handle):
        return None
    _server(party).authenticate_complete(asked, [AttestedCredentialData(websafe_decode(row.credential))], shown)
    return shown.response.authenticator_data


def _is_newer(row: Passkey, shown: AuthenticatorData) -> bool:
    """Whether the device's count went on; devices that never count always say nought."""
    return shown.counter > row.sign_count or (shown.counter == 0 and row.sign_count == 0)


def _key_of(answer: Mapping[str, Any], user_id: int | None) -> Passkey | None:
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    rows = rows.filter(credential_id=credential_of(answer), revoked_at__isnull=True)
    return (rows if user_id is None else rows.filter(user_id=user_id)).first()


def _own(user: User, passkey_id: int) -> Passkey:
    rows = Passkey.objects.select_for_update().filter(user=user, pk=passkey_id, revoked_at__isnull=True)
    row = rows.first()
    if row is None:
        raise Refused([Objection("S54", "没有这个通行密钥，或者它已被移除。", next_step="请刷新页面查看。")])
    return row


def _refuse_label(user: User, label: str, *, besides: int = 0) -> None:
    if not label or len(label) > LONGEST_LABEL:
        message = f"名称应为 1 至 {LONGEST_LABEL} 个字。"
        raise Refused([Objection("S50", message, next_step="请写明是哪个设备，例如“办公室电脑”。")])
    if any(row.label == label and row.pk != besides for row in live(user)):
        raise Refused([Objection("S55", f"您已有一个名为“{label}”的通行密钥。", next_step="请换一个名称。")])


def _end(row: Passkey, *, actor: Actor, reason: str) -> None:
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    facts = {**_facts(row), "reason": reason}
    record("accounts.passkey_removed", actor=actor, subject=row.user, facts=facts, wrote=[row])


def _handle(rows: list[Passkey]) -> bytes:
    """One random code for all keys of an account, so that a device keeps one entry for it."""
    return websafe_decode(rows[0].user_handle) if rows else secrets.token_bytes(HANDLE_BYTES)


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        type=PublicKeyCredentialType.PUBLIC_KEY,
        id=websafe_decode(row.credential_id),
        transports=[AuthenticatorTransport(each) for each in row.transports.split(",") if each] or None,
    )


def _transports(answer: Mapping[str, Any]) -> str:
    response = answer.get("response")
    told = response.get("transports") if isinstance(response, Mapping) else None
    named = told if isinstance(told, list) else []
    return ",".join(sorted(TRANSPORTS.intersection(each for each in named if isinstance(each, str))))


def _facts(row: Passkey) -> dict[str, Any]:
    return {"passkey": row.pk, "label": row.label}
