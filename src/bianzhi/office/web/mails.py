"""Every mail, for whoever looks after the system: what waits, what went, what failed; never what it says."""

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel import clock
from bianzhi.office.models import Mail, MailState, MessageKind
from bianzhi.office.selectors.contacts import mail_is_configured
from bianzhi.office.selectors.mail import counts
from bianzhi.office.services.mail import MANAGE, retry_mail


class MailList(ListPage):
    """Newest first. Subject and address are not shown: they are the business of sender and reader."""

    key = "office.mails"
    title = "邮件发送"
    noun = "封邮件"
    template = "office/mails.html"
    columns = (
        Column("pk", "编号", kind="number", order="pk"),
        Column("recipient", "收件人", "message.recipient.display_name", order="message__recipient__display_name"),
        Column("kind", "消息种类", "message.get_kind_display", order="message__kind"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("attempts", "已尝试", kind="number", order="attempts"),
        Column("created_at", "产生时间", kind="moment", order="created_at"),
        Column("next_at", "下次发送", lambda mail: mail.next_at if mail.state == "waiting" else None, kind="moment"),
        Column("sent_at", "发送时间", kind="moment", order="sent_at"),
        Column("last_error", "最近错误", width=40),
    )
    filters = (
        ChoiceFilter(key="state", label="状态", choices=MailState.choices, narrow="state"),
        ChoiceFilter(key="kind", label="消息种类", choices=MessageKind.choices, narrow="message__kind"),
        DateRangeFilter(key="created", label="产生日期", field="created_at", is_moment=True, more=True),
    )
    search_fields = ("message__recipient__display_name", "last_error")
    search_hint = "收件人、错误"
    ordering = ("-pk",)
    empty_title, empty_text = "没有符合条件的邮件", "用户选择用邮件接收的消息会列在这里。"
    bulk_actions = (BulkAction("重新发送", "office:mails_retry", MANAGE, icon="refresh"),)


@page(MANAGE)
@require_safe
@beyond_scope("mail")
def mail_list(request: PageRequest) -> HttpResponseBase:
    """The list, with the counts of each state above it."""
    rows = Mail.objects.select_related("message__recipient")
    numbers = counts()
    states = [(state.label, numbers[state.value], f"?state={state.value}") for state in MailState]
    return MailList(request, rows).respond({"states": states, "is_configured": mail_is_configured()})


@page(MANAGE)
@require_POST
@beyond_scope("mail")
def mails_retry(request: PageRequest) -> HttpResponse:
    """Put the selected mails back in the queue, those that failed; others are left as they are."""
    keys = [key for value in request.POST.getlist("selected") if (key := key_in(value)) is not None]
    failed = Mail.objects.filter(pk__in=keys, state=MailState.FAILED).values_list("pk", flat=True)
    again = [retry_mail(actor=request.user, mail_id=pk, now=clock.now()) for pk in list(failed)]
    notice = f"{len(again)} 封邮件已重新进入发送队列。" if again else "所选邮件中没有发送失败的，没有重新发送。"
    return redirect_with_notice(request, reverse("office:mails"), notice, level="success" if again else "warning")
