"""What is told of requests for exports: subscribers of the outbox (see `config.subscriptions`)."""

from typing import Final

from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.disclosure.models import ExportRequest, RequestState
from bianzhi.office.account_news import holders_of_permission
from bianzhi.office.models import MessageKind
from bianzhi.office.rules import wording
from bianzhi.office.services.messages import News, tell

POST: Final = System("消息")
TOLD: Final = {
    RequestState.READY: "请在有效期内下载。",
    RequestState.REJECTED: "审批意见：{note}",
    RequestState.EXPIRED: "仍需导出的，请重新申请。",
    RequestState.FAILED: "{problem}",
}
"""States the asker hears of, and what is said."""


def request_moved(message: OutboxMessage) -> None:
    """disclosure.moved: a new request to who approves; its end to who asked."""
    request = ExportRequest.objects.select_related("requested_by").filter(pk=message.payload["request"]).first()
    if request is None:
        return
    state = RequestState(message.payload["state"])
    if state is RequestState.PENDING:
        by = request.requested_by.display_name
        words = wording.export_asked(request.title, request.rows, by, request.purpose)
        people = holders_of_permission("exports.approve") - {request.requested_by_id}
    elif state in TOLD and request.fetched == 0:
        said = TOLD[state].format(note=request.note, problem=request.problem)
        words, people = wording.export_moved(request.title, state.label, said), {request.requested_by_id}
    else:
        return
    link = reverse("disclosure:request", args=[request.pk])
    news = [News(person, MessageKind.NOTICE, words, link) for person in sorted(people)]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)
