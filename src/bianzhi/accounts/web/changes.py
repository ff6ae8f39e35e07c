"""账号变更复核: what one person proposed of roles and accounts, for a second one to confirm or refuse."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from bianzhi.accounts import organization_names
from bianzhi.accounts.account_changes import ChangeKind, ChangeState
from bianzhi.accounts.models import AccountChange, User
from bianzhi.accounts.policies import MANAGE
from bianzhi.accounts.services import changes
from bianzhi.accounts.services.linked_identities import linked
from bianzhi.accounts.web.own_account import factors_in_words
from bianzhi.audit.selectors import entries_about
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

CONFIRM = changes.CONFIRM
HISTORY = 10


def change_url(change: AccountChange) -> str:
    """The page of a change."""
    return reverse("accounts:change", args=[change.pk])


def waiting_count(user: Any) -> int:
    """The badge of the menu: changes that wait for this user."""
    return AccountChange.objects.waiting_for(user).count()


class ChangeList(ListPage):
    """Changes, the latest first."""

    key = "accounts.changes"
    title = "账号变更复核"
    noun = "项"
    columns = (
        Column("account", "账号", link=change_url),
        Column("summary", "变更", "listed_summary"),
        Column("urgent", "生效", lambda row: "已生效，事后复核" if row.is_urgent else "复核后生效"),
        Column("reason", "理由"),
        Column("proposer_name", "提出人", order="proposer_name"),
        Column("proposed_at", "提出时间", kind="moment", order="proposed_at"),
        Column("expires_at", "有效期至", kind="moment", order="expires_at"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("decided_by", "复核人", "decided_by.display_name"),
        Column("decided_at", "办结时间", kind="moment", order="decided_at", shown=False),
    )
    filters = (
        ChoiceFilter(key="state", label="状态", choices=ChangeState.choices, narrow="state"),
        ChoiceFilter(key="kind", label="事项", choices=ChangeKind.choices, narrow="kind"),
    )
    search_fields: ClassVar = ("account__username", "account__display_name", "proposer_name")
    search_hint = "账号、姓名、提出人"
    ordering = ("-pk",)
    export_permission = CONFIRM
    empty_title, empty_text = "没有账号变更", "角色、范围和重要账号的变更由一人提出、另一人在此复核。"

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Name the organisations of one page of changes at once."""
        names = organization_names.names({row.organization_id for row in rows if row.organization_id is not None})
        for row in rows:
            row.listed_summary = row.summary(names)
        return rows


@page(CONFIRM)
@require_safe
def change_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = AccountChange.objects.select_related("account", "decided_by")
    return ChangeList(request, rows).respond()


@page(CONFIRM)
@require_safe
def change_page(request: PageRequest, pk: int) -> HttpResponse:
    """One change, with what the reader may do about it."""
    return _change_page(request, _change_or_404(pk))


@page(CONFIRM)
@require_POST
def confirm(request: PageRequest, pk: int) -> HttpResponse:
    """Confirm; a fresh password is shown once, to who confirmed, who hands it over in person."""
    change = _change_or_404(pk)
    try:
        effect = changes.confirm(actor=request.user, change_id=pk, note=typed(request, "note"))
    except Refused as refusal:
        return redirect_with_notice(request, change_url(change), str(refusal), level="error")
    if effect.password:
        context = {
            "account": change.account,
            "password": effect.password,
            "back": change_url(change),
            "begins_anew": change.kind == ChangeKind.GRANT,
        }
        return render(request, "accounts/one_time_password.html", context)
    said = "已复核。" if change.is_urgent else "已复核，变更立即生效。"
    return redirect_with_notice(request, change_url(change), said)


@page(CONFIRM)
@require_POST
def reject(request: PageRequest, pk: int) -> HttpResponse:
    """Refuse, with the reason."""
    change = _change_or_404(pk)
    return _ended(
        request,
        change,
        lambda: changes.reject(actor=request.user, change_id=pk, reason=typed(request, "reason")),
        "已恢复原状。" if change.is_urgent else "已退回，变更不生效。",
    )


@page(MANAGE)
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take the own proposal back."""
    return _ended(request, _change_or_404(pk), lambda: changes.withdraw(actor=request.user, change_id=pk), "已撤回。")


def _ended(request: PageRequest, change: AccountChange, act: Callable[[], object], done: str) -> HttpResponse:
    back = change_url(change)
    try:
        act()
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, done)


def _change_or_404(pk: int) -> AccountChange:
    found: AccountChange | None = AccountChange.objects.select_related("account", "decided_by").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这项账号变更。")
    return found


def _change_page(request: PageRequest, change: AccountChange) -> HttpResponse:
    pairs = [
        ("账号", str(change.account)),
        ("变更", change.summary()),
        ("登录方式", _ways_in(change.account)),
        ("生效", "已即时生效，待事后复核" if change.is_urgent else "复核后生效"),
        ("理由", change.reason),
        ("提出人", change.proposer_name),
        ("提出时间", change.proposed_at),
        ("有效期至", change.expires_at),
        ("状态", change.get_state_display()),
        ("复核人", change.decided_by.display_name if change.decided_by else ""),
        ("复核意见", change.note),
    ]
    context = {
        "change": change,
        "pairs": [(label, _moment(value)) for label, value in pairs],
        "may_decide": AccountChange.objects.waiting_for(request.user).filter(pk=change.pk).exists(),
        "is_own": change.is_pending and change.proposed_by_id == request.user.pk,
        "entries": entries_about(change.account)[:HISTORY],
    }
    return render(request, "accounts/change.html", context)


def _ways_in(user: User) -> str:
    """What an account is entered with: who confirms sees what the proposer may have put there."""
    link = linked(user)
    identity = f"，统一身份认证（{_moment(link.linked_at)} 关联）" if link else ""
    return f"密码，第二重验证：{factors_in_words(user)}{identity}"


def _moment(value: Any) -> Any:
    return localtime(value).strftime("%Y-%m-%d %H:%M") if hasattr(value, "tzinfo") else value
