"""User administration: the security administrator's list, and the page of one account."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.passwords import one_time_password
from bianzhi.accounts.roles import choices
from bianzhi.accounts.selectors.users import grants_by_user, grants_with_reach
from bianzhi.accounts.services import grants, users
from bianzhi.audit.selectors import entries_about
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm, LookupField
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

MANAGE = users.MANAGE
HISTORY = 20
STATES = [("active", "启用"), ("closed", "停用")]


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


@page(MANAGE)
@require_safe
def user_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return UserList(request, User.objects.all()).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def user_create(request: PageRequest) -> HttpResponse:
    """Open an account; the answer shows its one-time password, once."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = one_time_password()
        try:
            user = users.create_user(actor=request.user, password=password, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return _one_time(request, user, password)
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
    """Give a role."""
    user, form = _user_or_404(pk), GrantForm(request.POST, user=request.user)
    if form.is_valid():
        organization = form.cleaned_data["organization"]
        try:
            given = grants.grant_role(
                actor=request.user,
                user_id=pk,
                role=form.cleaned_data["role"],
                organization_id=organization.pk if organization is not None else None,
                includes_subtree=form.cleaned_data["includes_subtree"],
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            notice = f"已授予“{given.get_role_display()}”，立即生效。"
            return redirect_with_notice(request, reverse("accounts:user", args=[pk]), notice)
    return _user_page(request, user, form, status=422)


@page(MANAGE)
@require_POST
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Take a role back."""
    grant_row = RoleGrant.objects.filter(pk=pk).first()
    if grant_row is None:
        raise Http404("没有这项角色授予。")
    back = reverse("accounts:user", args=[grant_row.user_id])
    try:
        grants.revoke_role(actor=request.user, grant_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"已收回“{grant_row.get_role_display()}”。")


@page(MANAGE)
@require_POST
def reset_password(request: PageRequest, pk: int) -> HttpResponse:
    """Give a one-time password and lift a lock; the answer shows the password, once."""
    user, password = _user_or_404(pk), one_time_password()
    try:
        users.reset_password(actor=request.user, user_id=pk, password=password)
    except Refused as refusal:
        return redirect_with_notice(request, reverse("accounts:user", args=[pk]), str(refusal), level="error")
    return _one_time(request, user, password)


@page(MANAGE)
@require_POST
def switch(request: PageRequest, pk: int) -> HttpResponse:
    """Close an account, or open a closed one again."""
    user, back = _user_or_404(pk), reverse("accounts:user", args=[pk])
    act, done = (users.deactivate, "已停用") if user.is_active else (users.reactivate, "已启用")
    try:
        act(actor=request.user, user_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"{done}账号 {user.username}。")


def _user_or_404(pk: int) -> User:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise Http404("没有这个账号。")
    return user


def _user_page(request: PageRequest, user: User, form: GrantForm, *, status: int = 200) -> HttpResponse:
    pairs = [
        ("账号", user.username),
        ("姓名", user.display_name),
        ("所在处室", user.office),
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
    }
    return render(request, "accounts/user.html", context, status=status)


def _one_time(request: PageRequest, user: User, password: str) -> HttpResponse:
    return render(request, "accounts/one_time_password.html", {"account": user, "password": password})
