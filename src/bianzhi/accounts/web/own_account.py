"""A user's own account: what it may do, where it was used, its password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import SignIn, User
from bianzhi.accounts.permissions import label
from bianzhi.accounts.selectors.sign_ins import devices
from bianzhi.accounts.selectors.users import grants_with_reach
from bianzhi.accounts.services import sign_ins, users
from bianzhi.accounts.services.factor_duty import has_codes
from bianzhi.accounts.services.passkeys import live
from bianzhi.accounts.services.password_memory import is_expired
from bianzhi.accounts.services.second_factors import active
from bianzhi.accounts.web.proof import proved
from bianzhi.audit.selectors import entries_about
from bianzhi.common.web.access import PageRequest, signed_in_page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

SHOWN = 10


class PasswordForm(BaseForm):
    """The old password, and the new one twice."""

    wide = ("old", "new", "repeated")
    old = forms.CharField(label="原密码", max_length=200, strip=False, widget=forms.PasswordInput)
    new = forms.CharField(label="新密码", max_length=200, strip=False, widget=forms.PasswordInput)
    repeated = forms.CharField(label="再次输入新密码", max_length=200, strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].help_text = "".join(password_validators_help_texts())
        self.fields["old"].widget.attrs["autocomplete"] = "current-password"
        for name in ("new", "repeated"):
            self.fields[name].widget.attrs["autocomplete"] = "new-password"

    def clean_repeated(self) -> str:
        repeated: str = self.cleaned_data["repeated"]
        if repeated != self.cleaned_data.get("new", repeated):
            raise forms.ValidationError("两次输入的新密码不一致，请重新输入。")
        return repeated


@signed_in_page
@sensitive_post_parameters("old", "new", "repeated")
@require_http_methods(["GET", "POST"])
def password_change(request: PageRequest) -> HttpResponse:
    """Change the own password; sessions elsewhere end."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (owner := proved(request, form, "old")):
        data = form.cleaned_data
        try:
            hashed = users.hashed_password(owner, old=data["old"], new=data["new"])
            user = users.change_own_password(user=owner, hashed=hashed)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            old = request.session.session_key or ""
            update_session_auth_hash(request, user)
            sign_ins.keep_this_one(user=user, old_key=old, new_key=request.session.session_key or "")
            return redirect_with_notice(request, "/", "密码已修改。您在其他设备上的登录已失效。")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "expired": is_expired(request.user)}
    return render(request, "accounts/password_change.html", context, status=status)


@signed_in_page
@require_safe
def profile(request: PageRequest) -> HttpResponse:
    """Roles, reach and permissions of the own account, and its latest logins."""
    user = request.user
    pairs = [
        ("账号", user.username),
        ("姓名", user.display_name),
        ("所在处室", user.office),
        ("角色", user.role_labels()),
        ("第二重验证", factors_in_words(user)),
        ("权限", "、".join(label(permission) for permission in sorted(user.permissions))),
    ]
    logins = entries_about(user).filter(action__in=["accounts.logged_in", "accounts.login_failed"])[:SHOWN]
    context = {
        "pairs": pairs,
        "grants": grants_with_reach(user),
        "logins": logins,
        "factor": active(user),
        "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
        "devices": devices(user, session_key=request.session.session_key),
    }
    return render(request, "accounts/profile.html", context)


def factors_in_words(user: User) -> str:
    """The second factors of an account, for people to read."""
    codes = ["动态验证码"] if has_codes(user) else []
    return "、".join([*codes, *(f"通行密钥“{row.label}”" for row in live(user))]) or "未启用"


@signed_in_page
@require_POST
def end_session(request: PageRequest, pk: int) -> HttpResponse:
    """End one of the own logins elsewhere; those of others are not there."""
    if not SignIn.objects.filter(user=request.user, pk=pk).exists():
        raise Http404("没有这次登录。")
    try:
        sign_ins.end(user=request.user, sign_in_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, "accounts:profile", str(refusal), level="error")
    return redirect_with_notice(request, "accounts:profile", "该设备上的登录已结束。")
