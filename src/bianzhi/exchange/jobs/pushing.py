"""Pushing what waits to the addresses departments have given: no transaction is open while a stranger is spoken to."""

import http.client
import logging
from typing import Final

from django.conf import settings

from bianzhi.audit.actors import System
from bianzhi.exchange.models import Webhook, WebhookAttempt
from bianzhi.exchange.outgoing import UnsafeAddress, post
from bianzhi.exchange.services.webhooks import claim_push, letter_of, note_push, secret_in
from bianzhi.kernel import clock

log = logging.getLogger(__name__)

PUSHER: Final = System("推送")
ROUND: Final = 20
"""Most dispatches of one address in one round: the worker has other things to do in between."""


def push_waiting() -> int:
    """Push what is due; returns how many were taken. An address that fails is left alone until the next round."""
    taken = 0
    for webhook_id in list(Webhook.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)):
        for _ in range(ROUND):
            attempt = claim_push(actor=PUSHER, webhook_id=webhook_id, now=clock.now())
            if attempt is None or not _push(attempt):
                break
            taken += 1
    return taken


def _push(attempt: WebhookAttempt) -> bool:
    status, error = _post(attempt)
    if error:
        log.warning("webhook %s, dispatch %s: %s", attempt.webhook_id, attempt.dispatch_id, error)
    return note_push(actor=PUSHER, attempt_id=attempt.pk, status=status, error=error, now=clock.now())


def _post(attempt: WebhookAttempt) -> tuple[int | None, str]:
    """The status of the answer, or what went wrong in words."""
    if not secret_in(attempt.webhook.secret_name):
        return None, f"环境变量 {attempt.webhook.secret_name} 没有设置"
    letter = letter_of(attempt, clock.now())
    try:
        status = post(attempt.webhook.url, letter.body, letter.headers, allowed_hosts=settings.WEBHOOK_HOSTS)
    except UnsafeAddress:
        return None, "地址指向本机或内部网络，没有发送"
    except TimeoutError:
        return None, "对方超时没有应答"
    except OSError as error:
        return None, f"连接失败：{error.strerror or error}"
    except UnicodeError:
        return None, "地址中的主机名写法有误，请登记正确的地址"
    except http.client.HTTPException as error:
        return None, f"对方的应答无法识别：{type(error).__name__}"
    if 300 <= status < 400:
        return status, "对方要求转到其他地址；推送不跟随转向，请登记最终地址"
    return status, "" if 200 <= status < 300 else f"对方应答 {status}"
