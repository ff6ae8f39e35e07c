"""Who calls: a department's system, by the key in its Authorization header and by nothing else (no session)."""

import time
from collections.abc import Collection
from typing import Final

from django.http import HttpRequest
from ninja.security import HttpBearer

from bianzhi.common.db.row_scope import go_beyond_scope
from bianzhi.common.web.access import Policy
from bianzhi.exchange.api.problems import Refusal
from bianzhi.exchange.parameters import CALLS_PER_MINUTE, UPLOAD_MEGABYTES
from bianzhi.exchange.rules.scopes import SCOPES
from bianzhi.exchange.services.tokens import NOTED_AGAIN_AFTER, SystemOf, find_token, note_token_use
from bianzhi.kernel import clock
from bianzhi.office.web.limits import Limit

MINUTE: Final = 60
GUESSES: Final = Limit("exchange.api.wrong", most=30, seconds=600)
"""Wrong keys from one place: nobody guesses 256 bits, and nobody shall try. A right one is let in all the same."""
JSON_BYTES: Final = 1_000_000
MEGABYTE: Final = 1_000_000


class ApiRequest(HttpRequest):
    """A request that passed its key."""

    auth: SystemOf


class Key(HttpBearer):
    """The check of one operation: a key with this scope, not too often, not too much at once.

    `knows` are the words of the query it reads: a misspelt one is refused, as it would change what is meant.
    """

    def __init__(self, scope: str = "", *, takes_files: bool = False, knows: Collection[str] = ()) -> None:
        super().__init__()
        self.scope, self.takes_files, self.knows = scope, takes_files, frozenset(knows)

    def authenticate(self, request: HttpRequest, token: str) -> SystemOf | None:
        """The system that holds the key. Raises Refusal (401, 403, 411, 413, 422, 429)."""
        found = find_token(token.strip(), clock.today())
        if found is None:
            if not GUESSES.note(request.META.get("REMOTE_ADDR", "")):
                raise _too_often("无效密钥", GUESSES.most, GUESSES.seconds)
            return None
        go_beyond_scope("interface")
        system = SystemOf(found)
        most = CALLS_PER_MINUTE.number
        if not Limit("exchange.api", most=most, seconds=MINUTE).note(str(found.pk)):
            raise _too_often("请求", most, MINUTE)
        if self.scope and self.scope not in found.scopes:
            message = f"密钥没有“{SCOPES[self.scope]}”（{self.scope}）的范围"
            raise Refusal(403, "scope_missing", message, "请向编办申请含此范围的密钥")
        if unknown := sorted(set(request.GET) - self.knows):
            known = "、".join(sorted(self.knows)) or "无"
            raise Refusal(422, "unknown_parameter", f"没有查询参数“{unknown[0][:40]}”", f"可用的参数：{known}")
        self._weigh(request)
        now = clock.now()
        if found.last_used_at is None or now - found.last_used_at > NOTED_AGAIN_AFTER:
            note_token_use(actor=system, token_id=found.pk, now=now)
        return system

    def _weigh(self, request: HttpRequest) -> None:
        """Refuse what is too long before a byte of it is read; without a length nothing would be read at all."""
        if request.method != "POST":
            return
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal():
            raise Refusal(411, "length_required", "请求没有写明长度", "请发送 Content-Length，不要分块传输")
        most = UPLOAD_MEGABYTES.number * MEGABYTE if self.takes_files else JSON_BYTES
        if int(length) > most:
            figures = {"length": int(length), "most": most}
            raise Refusal(413, "too_large", f"请求有 {length} 字节，超过 {most} 字节", "请分成几部分", figures=figures)


def _too_often(what: str, most: int, seconds: int) -> Refusal:
    wait = seconds - int(time.time()) % seconds
    words = f"{what}已超过每 {seconds} 秒 {most} 次的限制"
    figures = {"most": most, "seconds": seconds, "retry_after": wait}
    return Refusal(429, "too_often", words, f"请 {wait} 秒后再试", figures=figures, headers={"Retry-After": str(wait)})


def policy_by_keys(keys: list[list[object]]) -> Policy | None:
    """The policy of an address from the checks of its operations; None when one of them lets anybody in."""
    if not keys or any(len(each) != 1 or not isinstance(each[0], Key) for each in keys):
        return None
    scopes = {key.scope for each in keys for key in each if isinstance(key, Key)}
    return Policy("key", "、".join(sorted(filter(None, scopes))))
