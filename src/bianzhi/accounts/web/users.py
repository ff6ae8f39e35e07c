"""User administration: the security administrator's list, and the page of one account."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.account_changes import ChangeKind
from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.accounts.passwords import one_time_password
from bianzhi.accounts.policies import MANAGE
from bianzhi.accounts.roles import choices
from bianzhi.accounts.selectors.users import grants_by_user, grants_with_reach
from bianzhi.accounts.services import changes, second_factors, sign_ins, users
from bianzhi.accounts.services.factor_duty import has_factor
from bianzhi.accounts.services.two_persons import decides, needs_two
from bianzhi.accounts.web.changes import change_url
from bianzhi.accounts.web.own_account import factors_in_words
from bianzhi.audit.selectors import entries_about
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.forms import BaseForm, LookupField
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

HISTORY = 20
STATES = [("active", "启用"), ("closed", "停用")]
WAITS = "已提出，待另一名安全管理员或编办主任、副主任复核后生效。"
ANEW = "该角色管理或审批，账号首次获得时密码重新生成，由复核人当面交付本人，原密码作废。"


def _roles(user: Any) -> str:
    return "、".join(str(grant) for grant in user.listed_grants) or "（未授予角色）"


def _with_role(rows: QuerySet[User], role: str) -> QuerySet[User]:
    held = RoleGrant.objects.filter(role=role, revoked_at__isnull=True)
    return rows.filter(pk__in=held.values("user_id"))


class UserList(ListPage):
    """Every account with its roles."""

    key = "accounts.users"
    title = "用户管理"
    noun = "个账号"
    template = "accounts/users.html"
    columns = (
        Column("username", "账号", order="username", link=lambda user: reverse("accounts:user", args=[user.pk])),
        Column("display_name", "姓名", order="display_name"),
        Column("office", "所在处室", order="office"),
        Column("roles", "角色与范围", _roles),
        Column("state", "状态", lambda user: "启用" if user.is_active else "停用", kind="status"),
        Column("last_login", "最近登录", kind="moment", order="last_login"),
    )
    filters = (
        ChoiceFilter(key="role", label="角色", choices=choices(), narrow=_with_role),
        ChoiceFilter(
            key="state",
            label="状态",
            choices=STATES,
            narrow=lambda rows, state: rows.filter(is_active=state == "active"),
        ),
    )
    search_fields = ("username", "display_name", "office")
    search_hint = "账号、姓名、处室"
    ordering = ("username",)
    export_permission = MANAGE
    empty_title, empty_text = "没有符合条件的账号", "请放宽筛选条件，或新建账号。"

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Attach the roles of one page of accounts."""
        found = grants_by_user(user.pk for user in rows)
        for user in rows:
            user.listed_grants = found.get(user.pk, [])
        return rows


class UserForm(BaseForm):
    """A new account."""

    username = forms.CharField(label="账号", max_length=60, help_text="3 至 60 个字母、数字或 . _ -，建立后不能更改")
    display_name = forms.CharField(label="姓名", max_length=60)
    office = forms.CharField(label="所在处室", max_length=100, required=False)


class PersonForm(BaseForm):
    """What may be corrected of an account."""

    display_name = forms.CharField(label="姓名", max_length=60)
    office = forms.CharField(label="所在处室", max_length=100, required=False)


class GrantForm(BaseForm):
    """A role and what it reaches."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *choices()])
    organization = LookupField(
        "organization", label="机构范围", required=False, help_text="单位、主管部门角色必填；全区性角色不填"
    )
    includes_subtree = forms.BooleanField(label="包括下级机构", required=False)
    reason = forms.CharField(label="理由", max_length=200, help_text="任职文件、分工调整等，供复核人核对")


class RescopeForm(BaseForm):
    """What a role is to reach instead."""

    organization = LookupField("organization", label="新的机构范围")
    includes_subtree = forms.BooleanField(label="包括下级机构", required=False)
    reason = forms.CharField(label="理由", max_length=200, help_text="供复核人核对")


class NewAccountForm(UserForm, GrantForm):
    """A new account, and the role it is to have."""

    role = forms.ChoiceField(label="角色", choices=[("", "以后再定"), *choices()], required=False)
    reason = forms.CharField(label="授予角色的理由", max_length=200, required=False, help_text="供复核人核对")


@page(MANAGE)
@require_safe
def user_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return UserList(request, User.objects.all()).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def user_create(request: PageRequest) -> HttpResponse:
    """Open an account, and propose its role; the answer shows its one-time password, once."""
    form = NewAccountForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        password, organization = one_time_password(), form.cleaned_data["organization"]
        said = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "organization"}
        try:
            opened = changes.open_account(
                actor=request.user,
                password=password,
                organization_id=organization.pk if organization is not None else None,
                **said,
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return _one_time(request, opened.user, password, opened.change)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/user_form.html", {"form": form, "title": "新建账号"}, status=status)


@page(MANAGE)
@require_safe
def user_page(request: PageRequest, pk: int) -> HttpResponse:
    """One account: roles, state, what was done about it."""
    return _user_page(request, _user_or_404(pk), GrantForm(user=request.user))


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def user_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Correct the name or the office."""
    user = _user_or_404(pk)
    form = PersonForm(request.POST or {"display_name": user.display_name, "office": user.office})
    if request.method == "POST" and form.is_valid():
        try:
            users.change_user(actor=request.user, user_id=pk, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, reverse("accounts:user", args=[pk]), "已保存。")
    context = {"form": form, "title": f"修改账号 {user.username}"}
    return render(request, "accounts/user_form.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
@require_POST
def grant(request: PageRequest, pk: int) -> HttpResponse:
    """Propose a role."""
    user, form = _user_or_404(pk), GrantForm(request.POST, user=request.user)
    if form.is_valid():
        organization = form.cleaned_data.pop("organization")
        reach = organization.pk if organization is not None else None
        try:
            change = changes.propose_grant(actor=request.user, user_id=pk, organization_id=reach, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, reverse("accounts:user", args=[pk]), f"{change.summary()}：{WAITS}")
    return _user_page(request, user, form, status=422)


@page(MANAGE)
@require_POST
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Propose to take a role back, or take it back at once."""
    grant_row = _grant_or_404(pk)
    at_once = request.POST.get("at_once") == "1"
    back = reverse("accounts:user", args=[grant_row.user_id])
    try:
        changes.propose_revocation(actor=request.user, grant_id=pk, reason=typed(request, "reason"), at_once=at_once)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    label = grant_row.get_role_display()
    said = f"已收回“{label}”，立即生效，待另一人事后复核。" if at_once else f"收回“{label}”{WAITS}"
    return redirect_with_notice(request, back, said)


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def rescope(request: PageRequest, pk: int) -> HttpResponse:
    """Propose that a role reaches another organisation."""
    grant_row = _grant_or_404(pk)
    form = RescopeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        organization = form.cleaned_data.pop("organization")
        try:
            changes.propose_rescope(
                actor=request.user, grant_id=pk, organization_id=organization.pk, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, reverse("accounts:user", args=[grant_row.user_id]), f"变更范围{WAITS}")
    title = f"变更“{grant_row.get_role_display()}”的范围"
    context = {"form": form, "title": title, "account": grant_row.user, "submit": "提出"}
    return render(request, "accounts/user_form.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
@require_POST
def reset_password(request: PageRequest, pk: int) -> HttpResponse:
    """Give a one-time password and lift a lock, shown once; who administers or approves gets it by two persons."""
    user, back = _user_or_404(pk), reverse("accounts:user", args=[pk])
    try:
        reason = typed(request, "reason")
        if needs_two(user) and pk != request.user.pk:
            changes.propose_reset(actor=request.user, user_id=pk, what=ChangeKind.PASSWORD, reason=reason)
            return redirect_with_notice(request, back, f"重置密码{WAITS}一次性密码由复核人当面交付本人。")
        password = one_time_password()
        users.reset_password(actor=request.user, user_id=pk, password=password)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return _one_time(request, user, password)


@page(MANAGE)
@require_POST
def reset_second_factor(request: PageRequest, pk: int) -> HttpResponse:
    """Take the device of the second factor away from who lost it; two persons do it for who administers or approves."""
    user, back = _user_or_404(pk), reverse("accounts:user", args=[pk])
    try:
        reason = typed(request, "reason")
        if needs_two(user) and pk != request.user.pk:
            changes.propose_reset(actor=request.user, user_id=pk, what=ChangeKind.FACTOR, reason=reason)
            return redirect_with_notice(request, back, f"重置动态验证码{WAITS}")
        second_factors.reset(actor=request.user, user_id=pk, reason=reason)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"已重置账号 {user.username} 的动态验证码，本人下次登录时重新启用。")


@page(MANAGE)
@require_POST
def end_sessions(request: PageRequest, pk: int) -> HttpResponse:
    """End every login of an account."""
    user, back = _user_or_404(pk), reverse("accounts:user", args=[pk])
    try:
        ended = sign_ins.end_all(actor=request.user, user_id=pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"已结束账号 {user.username} 的 {ended} 处登录。")


@page(MANAGE)
@require_POST
def switch(request: PageRequest, pk: int) -> HttpResponse:
    """Close an account at once, to be confirmed afterwards; or propose that a closed one opens again."""
    user, back = _user_or_404(pk), reverse("accounts:user", args=[pk])
    try:
        reason = typed(request, "reason")
        if user.is_active:
            changes.close(actor=request.user, user_id=pk, reason=reason)
            return redirect_with_notice(request, back, f"已停用账号 {user.username}，待另一人事后复核。")
        changes.propose_reopening(actor=request.user, user_id=pk, reason=reason)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"启用账号 {user.username}{WAITS}")


def _grant_or_404(pk: int) -> RoleGrant:
    grant_row = RoleGrant.objects.select_related("user").filter(pk=pk).first()
    if grant_row is None:
        raise Http404("没有这项角色授予。")
    return grant_row


def _user_or_404(pk: int) -> User:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise Http404("没有这个账号。")
    return user


def _user_page(request: PageRequest, user: User, form: GrantForm, *, status: int = 200) -> HttpResponse:
    factor = has_factor(user)
    pairs = [
        ("账号", user.username),
        ("姓名", user.display_name),
        ("所在处室", user.office),
        ("第二重验证", factors_in_words(user)),
        ("状态", "启用" if user.is_active else "停用"),
        ("密码", "一次性密码，下次登录须修改" if user.must_change_password else "已由本人设置"),
    ]
    context = {
        "account": user,
        "pairs": pairs,
        "grants": grants_with_reach(user),
        "form": form,
        "entries": entries_about(user)[:HISTORY],
        "is_self": user.pk == request.user.pk,
        "pending": [(row, change_url(row)) for row in AccountChange.objects.pending().filter(account=user)],
        "two": needs_two(user),
        "factor": factor,
        "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
    }
    return render(request, "accounts/user.html", context, status=status)


def _one_time(request: PageRequest, user: User, password: str, change: AccountChange | None = None) -> HttpResponse:
    proposed = f"{change.summary()}：{WAITS}{ANEW if decides(change.role) else ''}" if change else ""
    context = {"account": user, "password": password, "proposed": proposed}
    return render(request, "accounts/one_time_password.html", context)
