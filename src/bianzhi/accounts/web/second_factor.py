"""The second step of the login, and the page where a user enrols the device that shows the codes."""

import time
from typing import Any, Final

import segno
from django import forms
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bianzhi.accounts.models import User
from bianzhi.accounts.services import second_factors, sign_ins
from bianzhi.accounts.services.factor_duty import has_codes, has_factor, has_keys, must_have_factor
from bianzhi.accounts.web.middleware import PASSED
from bianzhi.accounts.web.place import party_of
from bianzhi.accounts.web.proof import PasswordForm, address_of, knows_password
from bianzhi.common.web.access import PageRequest, public_page, signed_in_page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import address_within, redirect_with_notice
from bianzhi.kernel.objections import Refused

AWAITING: Final = "awaiting_second_factor"
BEGUN: Final = "second_factor_begun"
"""In the session: the device whose secret this browser was shown; another browser is shown another."""
WITHIN: Final = 300
"""Seconds between the password and the code."""
WRONG: Final = "验证码不正确，或者已经用过。请等设备显示下一个验证码后再输入。"
ANOTHER: Final = "二维码已更换（页面停留过久，或在别处重新打开过）。请重新扫描下图，再输入新的验证码。"
TOO_LATE: Final = "登录已超时，请重新输入账号和密码。"
LOCKED: Final = "登录失败次数过多，已暂停登录。请 15 分钟后再试；确需立即使用，请联系安全管理员。"


class CodeForm(BaseForm):
    """Six digits, or a recovery code."""

    code = forms.CharField(
        label="验证码", max_length=20, help_text="设备上显示的 6 位数字；设备不在身边时，输入一个备用码"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code", autofocus=True)


class OwnDeviceForm(CodeForm, PasswordForm):
    """A code of the device, and the password: a browser left open is nobody's proof."""

    field_order = ("code", "password")


def ask_for(request: HttpRequest, user: User, *, to: str, provider_session: str = "") -> HttpResponse:
    """Remember whose password was right, and ask for the second factor; nobody is logged in yet."""
    request.session.cycle_key()
    waiting = {"user": user.pk, "since": int(time.time()), "to": to, "provider_session": provider_session}
    request.session[AWAITING] = waiting
    return redirect("accounts:second_factor")


def awaited(request: HttpRequest) -> dict[str, Any] | None:
    """Whose first factor was right a moment ago in this browser, and where they were headed."""
    waiting: dict[str, Any] | None = request.session.get(AWAITING)
    if waiting is None or time.time() - waiting["since"] > WITHIN:
        request.session.pop(AWAITING, None)
        return None
    return waiting


@public_page
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: PageRequest) -> HttpResponse:
    """The code or the key after the password. Without a password that was right a moment ago, back to the login."""
    waiting = awaited(request)
    user = User.objects.filter(pk=waiting["user"]).first() if waiting else None
    if waiting is None or user is None:
        return redirect_with_notice(request, "accounts:login", TOO_LATE, level="info")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _shows_code(form, user):
        return _let_in(request, waiting)
    has_key = has_keys(user) and party_of(request) is not None
    context = {"form": form, "has_codes": has_codes(user), "has_key": has_key}
    return render(request, "accounts/second_factor.html", context, status=422 if form.is_bound else 200)


def _shows_code(form: CodeForm, user: User) -> bool:
    """Whether the form holds a right code; where not, it is counted, and the form says so."""
    try:
        if second_factors.verify(user_id=user.pk, code=form.cleaned_data["code"]):
            return True
        form.add_error("code", WRONG)
    except Refused as refusal:
        form.add_objections(refusal)
    return False


def _let_in(request: PageRequest, waiting: dict[str, Any]) -> HttpResponse:
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user is None:
        del request.session[AWAITING]
        return redirect_with_notice(request, "accounts:login", TOO_LATE, level="info")
    let_in(request, user, passed=True)
    return redirect(waiting["to"])


def let_in(request: HttpRequest, user: User, *, passed: bool = False, provider_session: str = "") -> None:
    """Log a user in whose factors were all right, and note the device; `passed`: a second factor was among them."""
    waiting = request.session.pop(AWAITING, None) or {}
    provider_session = provider_session or waiting.get("provider_session", "")
    request.session.pop(PASSED, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if passed:
        request.session[PASSED] = True
    sign_ins.note_login(
        user=user,
        address=address_of(request),
        session_key=request.session.session_key or "",
        agent=request.META.get("HTTP_USER_AGENT", ""),
        provider_session=provider_session,
    )


def next_of(request: HttpRequest) -> str:
    """Where to go after the login; never an address outside this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return address_within(request, wanted) or "/"


@signed_in_page
@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def enrol(request: PageRequest) -> HttpResponse:
    """Enrol a device: a picture to scan, a code to prove it; the answer shows the recovery codes, once."""
    if second_factors.active(request.user) is not None:
        return redirect("accounts:profile")
    form = OwnDeviceForm(request.POST or None)
    form.fields["code"].help_text = "设备上显示的 6 位数字"
    row = second_factors.begun(request.user)
    if row is None or row.pk != request.session.get(BEGUN):
        row = second_factors.begin(user=request.user)
        request.session[BEGUN] = row.pk
        if form.is_bound:
            form.add_error(None, ANOTHER)
    if request.method == "POST" and form.is_valid() and (codes := _confirmed(request, form)):
        request.session[PASSED] = True
        return render(request, "accounts/recovery_codes.html", {"codes": codes})
    picture = segno.make(second_factors.address_for_device(row)).svg_data_uri(scale=5, border=2)
    secret = " ".join(row.secret[start : start + 4] for start in range(0, len(row.secret), 4))
    needed = must_have_factor(request.user) and not has_factor(request.user)
    context = {"form": form, "picture": picture, "secret": secret, "needed": needed}
    return render(request, "accounts/second_factor_enrol.html", context, status=422 if form.is_bound else 200)


def _confirmed(request: PageRequest, form: OwnDeviceForm) -> list[str]:
    """The recovery codes, if password and code are right; where not, the form says so."""
    if not knows_password(request, form):
        return []
    here = request.session.session_key
    try:
        return second_factors.confirm(user=request.user, code=form.cleaned_data["code"], here=here)
    except Refused as refusal:
        form.add_objections(refusal)
        return []


@signed_in_page
@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def drop(request: PageRequest) -> HttpResponse:
    """Take the own device out of use, for who knows the password and shows a code of it."""
    form = OwnDeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _proves_both(request, form):
        try:
            second_factors.drop_own(user=request.user)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, "accounts:profile", "动态验证码已停用。")
    return render(request, "accounts/second_factor_drop.html", {"form": form}, status=422 if form.is_bound else 200)


def _proves_both(request: PageRequest, form: OwnDeviceForm) -> bool:
    """Each is an act of its own: what was wrong stays counted."""
    return knows_password(request, form) and _shows_code(form, request.user)
