"""Logging in and out. Whether an account exists is never said, neither in words nor by what is shown after a lock."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.accounts.models import User
from bianzhi.accounts.services import logins
from bianzhi.common.web.access import PageRequest, public_page, signed_in_page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice

WRONG = "账号或密码不正确，或者该账号已停用。忘记密码请联系安全管理员重置。"
LOCKED = "登录失败次数过多，已暂停登录。请 15 分钟后再试；确需立即使用，请联系安全管理员。"
TOO_MANY = 429


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
        return redirect(_next(request))
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _enter(request, form.cleaned_data["username"], form.cleaned_data["password"]):
            return redirect(_next(request))
        form.add_error(None, WRONG)
    return _page(request, form, status=422 if request.method == "POST" else 200)


@sensitive_variables("password")
def _enter(request: HttpRequest, username: str, password: str) -> bool:
    """Try to log in; success and counted failures are recorded."""
    # Attempts during a lock are not recorded: they would let anybody grow the record without end.
    was_locked = not AxesProxyHandler.is_allowed(request, {"username": username})
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        login(request, user)
        logins.note_login(user=user, address=_address(request))
        return True
    if not was_locked:
        locked = bool(getattr(request, "axes_locked_out", False))
        logins.note_failure(username=username, address=_address(request), locked=locked)
    return False


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """What axes shows while an account or an address is locked (AXES_LOCKOUT_CALLABLE)."""
    form = LoginForm({"username": request.POST.get("username", ""), "password": "-"})
    form.add_error(None, LOCKED)
    return _page(request, form, status=TOO_MANY)


@signed_in_page
@require_POST
def logout_page(request: PageRequest) -> HttpResponse:
    """End the session."""
    logins.note_logout(user=request.user, address=_address(request))
    logout(request)
    request.user = AnonymousUser()
    return redirect_with_notice(request, "accounts:login", "您已退出登录。", level="info")


def _page(request: HttpRequest, form: LoginForm, *, status: int) -> HttpResponse:
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/login.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where to go after the login; never an address outside this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url("/")


def _address(request: HttpRequest) -> str:
    return str(getattr(request, "axes_ip_address", None) or request.META.get("REMOTE_ADDR", ""))
