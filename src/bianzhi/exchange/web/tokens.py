"""接口密钥: which department's system may do what by the interface, until when."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm, DayField
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import AccessToken, Source
from bianzhi.exchange.rules.scopes import LONGEST_DAYS, SCOPES
from bianzhi.exchange.services.tokens import CONFIGURE, STOP, issue_token, revoke_token
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused


def state_of(token: AccessToken) -> str:
    """Whether a key may be used, in one word."""
    if token.revoked_at is not None:
        return "已停用"
    return "已过期" if token.expires_on < clock.today() else "可用"


class TokenList(ListPage):
    """Every key, those no longer of use included."""

    key = "exchange.tokens"
    title = "接口密钥"
    noun = "个"
    template = "exchange/tokens.html"
    columns = (
        Column("label", "用途", order="label", width=24),
        Column("source", "数据来源", "source.name", order="source__name", width=24),
        Column("scopes", "范围", lambda token: "、".join(SCOPES.get(scope, scope) for scope in token.scopes), width=30),
        Column("expires_on", "有效期至", kind="date", order="expires_on"),
        Column("state", "状态", state_of, kind="status"),
        Column("created_by", "签发人", "created_by.display_name", shown=False),
        Column("created_at", "签发时间", kind="moment", order="created_at"),
        Column("last_used_at", "最近使用", kind="moment", order="last_used_at"),
    )
    filters = (
        ChoiceFilter(
            key="source",
            label="数据来源",
            choices=lambda _: [(str(pk), name) for pk, name in Source.objects.values_list("pk", "name")],
            narrow="source",
        ),
    )
    search_fields = ("label", "source__name")
    search_hint = "用途、来源"
    ordering = ("-pk",)
    empty_title = "还没有签发接口密钥"
    empty_text = "部门的系统要自动报送或取回数据时，为它签发一个密钥。"


class TokenForm(BaseForm):
    """A key about to be issued."""

    source = forms.ChoiceField(label="数据来源", help_text="密钥只能报送和取回这个来源的数据")
    label = forms.CharField(label="用途", max_length=80, help_text="写明哪个系统使用，如“人社工资系统”")
    scopes = forms.MultipleChoiceField(
        label="范围", choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple, help_text="只选需要的"
    )
    expires_on = DayField(label="有效期至", help_text=f"最长一年（{LONGEST_DAYS} 天）")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((str(source.pk), source.name) for source in Source.objects.filter(is_active=True)),
        ]


@page(CONFIGURE)
@require_safe
def tokens(request: PageRequest) -> HttpResponseBase:
    """The list, each usable key with the button that stops it."""
    usable = AccessToken.objects.filter(revoked_at__isnull=True).select_related("source")
    rows = AccessToken.objects.select_related("source", "created_by")
    return TokenList(request, rows).respond({"usable": usable})


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def token_new(request: PageRequest) -> HttpResponse:
    """Issue a key; the answer shows it, once."""
    initial = {"expires_on": clock.today() + timedelta(days=LONGEST_DAYS - 1)}
    form = TokenForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            token, secret = issue_token(
                actor=request.user,
                today=clock.today(),
                source_id=int(chosen["source"]),
                label=chosen["label"],
                scopes=chosen["scopes"],
                expires_on=chosen["expires_on"],
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return _issued(request, token, secret)
    status = 422 if request.method == "POST" else 200
    return render(request, "exchange/token_form.html", {"form": form}, status=status)


def _issued(request: PageRequest, token: AccessToken, secret: str) -> HttpResponse:
    context = {"token": token, "secret": secret, "scopes": [SCOPES[scope] for scope in token.scopes]}
    response = render(request, "exchange/token_issued.html", context)
    add_never_cache_headers(response)
    return response


@page(CONFIGURE)
@require_POST
def token_revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Stop a key."""
    return _stop(request, pk, reverse("exchange:tokens"))


class KeyList(TokenList):
    """The same keys, for the security administrator: who holds what until when, and when it was used."""

    key = "exchange.keys"
    title = "接口密钥核查"
    template = "exchange/keys.html"
    empty_text = "密钥由系统管理员或编办主任在“数据共享 → 接口密钥”签发。"


@page(STOP)
@require_safe
def keys(request: PageRequest) -> HttpResponseBase:
    """Every key of the interface, to be looked through and stopped."""
    usable = AccessToken.objects.filter(revoked_at__isnull=True).select_related("source")
    rows = AccessToken.objects.select_related("source", "created_by")
    return KeyList(request, rows).respond({"usable": usable})


@page(STOP)
@require_POST
def key_stop(request: PageRequest, pk: int) -> HttpResponse:
    """Stop a key, as the security administrator."""
    return _stop(request, pk, reverse("exchange:keys"))


def _stop(request: PageRequest, pk: int, back: str) -> HttpResponse:
    if not AccessToken.objects.filter(pk=pk).exists():
        raise Http404("没有这个接口密钥。")
    try:
        token = revoke_token(actor=request.user, token_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"密钥“{token.label}”已停用，立即生效。")
