"""推送地址: where departments' systems are told at once, and how the tries went."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.lists import Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import Source, Webhook, WebhookAttempt
from bianzhi.exchange.services.tokens import CONFIGURE
from bianzhi.exchange.services.webhooks import register_webhook, switch_webhook
from bianzhi.kernel.objections import Refused

SHOWN_ATTEMPTS = 50


def webhook_url(webhook: Any) -> str:
    """The page of an address."""
    return reverse("exchange:webhook", args=[webhook.pk])


class WebhookList(ListPage):
    """Every address, those switched off included."""

    key = "exchange.webhooks"
    title = "推送地址"
    noun = "个"
    template = "exchange/webhooks.html"
    columns = (
        Column("url", "地址", link=webhook_url, order="url", width=50),
        Column("source", "数据来源", "source.name", order="source__name", width=24),
        Column("secret_name", "签名密钥的环境变量", width=30),
        Column("state", "状态", lambda row: "启用" if row.is_active else "停用", kind="status", order="is_active"),
    )
    search_fields = ("url", "source__name")
    search_hint = "地址、来源"
    ordering = ("-is_active", "pk")
    empty_title = "没有登记推送地址"
    empty_text = "部门的系统可以自己来取回送；希望随时得到通知的，在此登记地址。"


class WebhookForm(BaseForm):
    """An address about to be registered."""

    wide = ("url",)

    source = forms.ChoiceField(label="数据来源")
    url = forms.CharField(label="地址", max_length=300, help_text="https:// 开头；内网主机须由运维人员列入允许名单")
    secret_name = forms.CharField(
        label="签名密钥的环境变量",
        max_length=80,
        help_text="以 BIANZHI_WEBHOOK_SECRET_ 开头，密钥本身由运维人员设在服务器上",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((str(source.pk), source.name) for source in Source.objects.filter(is_active=True)),
        ]


@page(CONFIGURE)
@require_safe
def webhooks(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return WebhookList(request, Webhook.objects.select_related("source")).respond()


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def webhook_new(request: PageRequest) -> HttpResponse:
    """Register an address."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = register_webhook(
                actor=request.user, source_id=int(told["source"]), url=told["url"], secret_name=told["secret_name"]
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, webhook_url(made), "推送地址已登记，待回送的内容随即推送。")
    status = 422 if request.method == "POST" else 200
    return render(request, "exchange/webhook_form.html", {"form": form}, status=status)


@page(CONFIGURE)
@require_safe
@beyond_scope("pushes")
def webhook(request: PageRequest, pk: int) -> HttpResponse:
    """One address with its newest tries."""
    found = _webhook_or_404(pk)
    attempts = WebhookAttempt.objects.filter(webhook=found).select_related("dispatch").order_by("-pk")
    facts = [
        ("数据来源", found.source.name),
        ("签名密钥的环境变量", found.secret_name),
        ("状态", "启用" if found.is_active else "停用"),
        ("登记人", found.created_by.display_name if found.created_by else "系统"),
    ]
    context = {"webhook": found, "facts": facts, "attempts": attempts[:SHOWN_ATTEMPTS]}
    return render(request, "exchange/webhook.html", context)


@page(CONFIGURE)
@require_POST
def webhook_switch(request: PageRequest, pk: int) -> HttpResponse:
    """Switch an address on or off, as the button said that was pressed: pressed twice, it stays so."""
    found = _webhook_or_404(pk)
    wanted = request.POST.get("active")
    if wanted not in ("0", "1"):
        return redirect_with_notice(
            request, webhook_url(found), "没有说明启用还是停用，请用本页的按钮。", level="error"
        )
    try:
        switched = switch_webhook(actor=request.user, webhook_id=found.pk, active=wanted == "1")
    except Refused as refusal:
        return redirect_with_notice(request, webhook_url(found), str(refusal), level="error")
    words = "已启用" if switched.is_active else "已停用，不再推送"
    return redirect_with_notice(request, webhook_url(found), f"{words}：{found.url}")


def _webhook_or_404(pk: int) -> Webhook:
    found = Webhook.objects.select_related("source", "created_by").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个推送地址。")
    return found
