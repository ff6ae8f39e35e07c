"""Keys of the departments' systems: issued once, bound to one source, found again by their digest alone."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.timezone import localtime

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import AccessToken, Source
from bianzhi.exchange.rules.scopes import ARCHIVE, DELIVER, MESSAGES, objections_to_token
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, Refused, refuse_if

CONFIGURE: Final = "exchange.configure"
STOP: Final = "accounts.manage"
"""The security administrator stops a key too, as they close an account; they issue none."""
PREFIX: Final = "bzt_"
"""Marks a key as one of this platform, for whoever finds it in a file where it should not be."""
SECRET_BYTES: Final = 32
NOTED_AGAIN_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SystemOf:
    """The department's system that holds a key, as the actor of what it does here."""

    token: AccessToken

    @property
    def pk(self) -> int | None:
        """A system is no user."""
        return None

    @property
    def source_id(self) -> int:
        """The one source it may deliver to."""
        return self.token.source_id

    @property
    def display_name(self) -> str:
        """The name in the record."""
        return f"接口·{self.token.source.name}·{self.token.label}"

    def can(self, permission: str) -> bool:
        """It may give data, or files for the archive, where its key says so; nothing else that people may do."""
        gives = {"exchange.deliver": {DELIVER, MESSAGES}, "archives.manage": {ARCHIVE}}
        return not gives.get(permission, set()).isdisjoint(self.token.scopes)

    def sees_everything(self) -> bool:
        """It sees its own source only."""
        return False


def digest_of(secret: str) -> str:
    """What is kept of a key. It is random and long: a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@unit_of_work
def issue_token(
    *, actor: Actor, today: date, source_id: int, label: str, scopes: Collection[str], expires_on: date
) -> tuple[AccessToken, str]:
    """A new key for one source; returns it with its secret, which is nowhere else and never shown again.

    Raises Refused without a use (K01), with a wrong scope (K02) or for longer than a year (K03), or when the source
    is no longer used (K04).
    """
    require(actor, CONFIGURE)
    source = Source.objects.select_for_update().filter(pk=source_id, is_active=True).first()
    if source is None:
        raise Refused([Objection("K04", "这个数据来源不存在或已停用", next_step="请选择启用中的来源")])
    refuse_if(objections_to_token(label, scopes, expires_on, today))
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = AccessToken.objects.create(
        source=source,
        label=label.strip()[:80],
        digest=digest_of(secret),
        scopes=sorted(scopes),
        expires_on=expires_on,
        created_by_id=actor.pk,
    )
    facts = {"source": source.code, "label": token.label, "scopes": token.scopes, "expires_on": expires_on}
    record("exchange.token_issued", actor=actor, subject=token, facts=facts, wrote=[token])
    return token, secret


@unit_of_work
def revoke_token(*, actor: Actor, token_id: int) -> AccessToken:
    """Stop a key at once. Raises Denied to whoever neither sets up the exchange nor manages accounts.

    Refused (K05) when it was stopped before.
    """
    if not actor.can(STOP):
        require(actor, CONFIGURE)
    token = AccessToken.objects.select_for_update().get(pk=token_id)
    if token.revoked_at is not None:
        raise Refused([Objection("K05", f"这个密钥已于 {localtime(token.revoked_at):%Y-%m-%d} 停用")])
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    facts = {"source": token.source.code, "label": token.label}
    record("exchange.token_revoked", actor=actor, subject=token, facts=facts, wrote=[token])
    return token


@unit_of_work
def note_token_use(*, actor: Actor, token_id: int, now: datetime) -> None:
    """Note that a key was used, so that its owner sees which are still needed."""
    AccessToken.objects.filter(pk=token_id).update(last_used_at=now)


def find_token(secret: str, today: date) -> AccessToken | None:
    """The key with this secret, if it may still be used.

    The search goes by digest and the comparison takes the same time wherever it differs, so that answers tell
    nothing of keys that exist.
    """
    digest = digest_of(secret)
    token = AccessToken.objects.select_related("source").filter(digest=digest).first()
    if not hmac.compare_digest(token.digest if token else "0" * 64, digest) or token is None:
        return None
    is_over = token.revoked_at is not None or token.expires_on < today or not token.source.is_active
    return None if is_over else token
