"""One's own messages: the list, opening one, taking them as read."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.web.tones import Tone
from bianzhi.office.models import Message, MessageKind
from bianzhi.office.services.messages import read_all_messages, read_messages

VIEW = "workbench.view"
STATES = [("unread", "未读"), ("read", "已读")]
TONES = {
    MessageKind.OVERDUE: Tone.BAD,
    MessageKind.ALERT: Tone.BAD,
    MessageKind.RETURNED: Tone.WARN,
    MessageKind.URGED: Tone.WARN,
    MessageKind.REMINDER: Tone.WARN,
    MessageKind.ORDER: Tone.WARN,
    MessageKind.TASK: Tone.INFO,
    MessageKind.DELEGATED: Tone.INFO,
    MessageKind.NOTICE: Tone.INFO,
    MessageKind.ENDED: Tone.GOOD,
}


def _kind(message: Message) -> SafeString:
    tone = TONES.get(MessageKind(message.kind), Tone.NEUTRAL)
    return format_html('<span class="tag tag-{}">{}</span>', tone.value, message.get_kind_display())


def _line(message: Message) -> SafeString:
    words = format_html('<span class="muted message-text">{}</span>', message.text) if message.text else ""
    url = reverse("office:message", args=[message.pk])
    return format_html('<a href="{}">{}</a>{}', url, message.title, words)


class MessageList(ListPage):
    """The newest first; unread ones stand out."""

    key = "office.messages"
    title = "消息"
    noun = "条消息"
    template = "office/messages.html"
    columns = (
        Column("kind", "种类", "get_kind_display", order="kind", render=_kind),
        Column("title", "内容", order="title", render=_line, width=70),
        Column("created_at", "时间", kind="moment", order="created_at"),
        Column("state", "状态", lambda row: "已读" if row.read_at else "未读", kind="status", order="read_at"),
    )
    filters = (
        ChoiceFilter(
            key="state",
            label="状态",
            choices=STATES,
            narrow=lambda rows, state: rows.filter(read_at__isnull=state == "unread"),
        ),
        ChoiceFilter(key="kind", label="种类", choices=MessageKind.choices, narrow="kind"),
        DateRangeFilter(key="created", label="日期", field="created_at", is_moment=True, more=True),
    )
    search_fields = ("title", "text")
    search_hint = "标题、内容"
    ordering = ("-pk",)
    bulk_actions = (BulkAction("标为已读", "office:messages_read", VIEW),)
    empty_title, empty_text = "还没有消息", "新的任务、催办、退回、办理结果和通知会列在这里。"

    def row_css(self, row: Any) -> str:
        """Unread ones are in bold."""
        return "" if row.read_at else "is-unread"


@page(VIEW)
@require_safe
def message_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return MessageList(request, Message.objects.visible_to(request.user)).respond()


@page(VIEW)
@require_safe
def open_message(request: PageRequest, pk: int) -> HttpResponse:
    """Go to what a message is about; from then on it is read."""
    message = get_visible_or_404(Message, request.user, pk)
    read_messages(actor=request.user, message_ids=[message.pk])
    return HttpResponseRedirect(message.link or reverse("office:messages"))


@page(VIEW)
@require_POST
def read_selected(request: PageRequest) -> HttpResponse:
    """Take the selected messages as read."""
    keys = [key for value in request.POST.getlist("selected") if (key := key_in(value)) is not None]
    count = read_messages(actor=request.user, message_ids=keys)
    return redirect_with_notice(request, reverse("office:messages"), f"已将 {count} 条消息标为已读。")


@page(VIEW)
@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    """Take every message as read."""
    count = read_all_messages(actor=request.user)
    return redirect_with_notice(request, reverse("office:messages"), f"已将 {count} 条消息标为已读。")
