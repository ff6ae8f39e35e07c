"""Logging in and out. Whether an account exists is never said, neither in words nor by what is shown after a lock."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.accounts.models import User
from bianzhi.accounts.services.factor_duty import has_factor
from bianzhi.accounts.web import second_factor, sso
from bianzhi.accounts.web.leaving import sign_out
from bianzhi.accounts.web.place import party_of
from bianzhi.accounts.web.proof import TooBusy, whose
from bianzhi.common.web.access import PageRequest, public_page, signed_in_page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice

WRONG = "账号或密码不正确，或者该账号已停用。忘记密码请联系安全管理员重置。"
TOO_MANY = 429
BUSY = 503


class LoginForm(BaseForm):
    """Account and password."""

    username = forms.CharField(label="账号", max_length=60)
    password = forms.CharField(label="密码", max_length=200, strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="username", autocapitalize="none", autofocus=True)
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"


@public_page
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """The form; a user who is logged in already goes on to where they were headed."""
    if request.user.is_authenticated:
        return redirect(second_factor.next_of(request))
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = whose(request, form.cleaned_data["username"], form.cleaned_data["password"])
        except TooBusy as busy:
            return _busy(request, form, busy)
        if user is not None:
            return _enter(request, user)
        form.add_error(None, WRONG)
    return _page(request, form, status=422 if request.method == "POST" else 200)


def _busy(request: HttpRequest, form: LoginForm, busy: TooBusy) -> HttpResponse:
    form.add_error(None, str(busy))
    answer = _page(request, form, status=BUSY)
    answer["Retry-After"] = "3"
    return answer


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Let in who has no second factor; ask the others for it."""
    if has_factor(user):
        return second_factor.ask_for(request, user, to=second_factor.next_of(request))
    second_factor.let_in(request, user)
    return redirect(second_factor.next_of(request))


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """What axes shows while an account or an address is locked (AXES_LOCKOUT_CALLABLE)."""
    form = LoginForm({"username": request.POST.get("username", ""), "password": "-"})
    form.add_error(None, second_factor.LOCKED)
    return _page(request, form, status=TOO_MANY)


@signed_in_page
@require_POST
def logout_page(request: PageRequest) -> HttpResponse:
    """End the session."""
    elsewhere = sso.address_of_leaving(request)
    sign_out(request, request.user)
    if elsewhere:
        return sso.leave(request, elsewhere)
    return redirect_with_notice(request, "accounts:login", "您已退出登录。", level="info")


def _page(request: HttpRequest, form: LoginForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "next": second_factor.next_of(request),
        "offers_keys": party_of(request) is not None,
        "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
    }
    return render(request, "accounts/login.html", context, status=status)
