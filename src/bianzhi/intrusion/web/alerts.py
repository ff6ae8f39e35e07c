"""Alerts as the security administrator works through them, and as the audit administrator looks at them."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.selectors import entries_about
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.intrusion.models import Alert, AlertState
from bianzhi.intrusion.rules.catalogue import RULES, SEVERITIES
from bianzhi.intrusion.services import handling, setting
from bianzhi.kernel.objections import Refused

VIEW: Final = "intrusion.view"
HISTORY: Final = 30
SHOWN_EVIDENCE: Final = 50
_FACTS: Final = {
    "addresses": "网络地址",
    "accounts": "涉及账号",
    "acts": "事项",
    "findings": "发现",
    "reset_by": "重置人",
}


def unanswered(user: Any) -> int:
    """How many alerts wait for this person: to be acknowledged, or closed after somebody else has handled them."""
    return Alert.objects.waiting_for(user).count()


class AlertList(ListPage):
    """Every alert, newest first."""

    key = "intrusion.alerts"
    title = "入侵迹象告警"
    noun = "条告警"
    template = "intrusion/alerts.html"
    columns = (
        Column("pk", "编号", kind="number", order="pk", link=lambda a: reverse("intrusion:alert", args=[a.pk])),
        Column("raised_at", "告警时间", kind="moment", order="raised_at"),
        Column("severity", "级别", lambda alert: alert.get_severity_display(), kind="status"),
        Column("rule", "迹象", lambda alert: alert.get_rule_display(), order="rule"),
        Column("subject_label", "对象", order="subject_label"),
        Column("count", "数量", kind="number", order="count"),
        Column("last_at", "最近", kind="moment", order="last_at"),
        Column("state", "状态", lambda alert: alert.get_state_display(), kind="status", order="state"),
        Column("rung", "催办", lambda alert: alert.rung_label, shown=False),
        Column("result", "处置结果", shown=False),
    )
    filters = (
        ChoiceFilter(key="state", label="状态", choices=AlertState.choices, narrow="state"),
        ChoiceFilter(
            key="severity", label="级别", choices=[(each.value, each.label) for each in SEVERITIES], narrow="severity"
        ),
        ChoiceFilter(
            key="rule", label="迹象", choices=[(rule.code, rule.label) for rule in RULES.values()], narrow="rule"
        ),
        DateRangeFilter(key="day", label="日期", field="raised_at", is_moment=True),
        TextFilter(key="subject", label="对象代码", narrow="subject_key", more=True),
    )
    search_fields = ("subject_label",)
    search_hint = "对象名称"
    ordering = ("-pk",)
    export_permission = VIEW
    empty_title, empty_text = "没有告警", "各规则每几分钟检查一次，运行情况见“检查情况”。"


class ResultForm(BaseForm):
    """What was found and done."""

    wide = ("result",)
    result = forms.CharField(
        label="处置结果", max_length=2_000, widget=forms.Textarea, help_text="核实了什么、做了什么；会记入审计"
    )
    is_false_alarm = forms.BooleanField(label="是误报", required=False)


class NoteForm(BaseForm):
    """What the second person says."""

    wide = ("note",)
    note = forms.CharField(label="复核意见", max_length=500, required=False, widget=forms.Textarea)


class SuppressForm(BaseForm):
    """For how long, and why."""

    wide = ("reason",)
    days = forms.IntegerField(label="有效期（天）", initial=7, min_value=1, max_value=setting.MOST_DAYS)
    reason = forms.CharField(label="原因", max_length=200, help_text="会记入审计")


@page(VIEW)
@require_safe
def alert_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return AlertList(request, Alert.objects.visible_to(request.user)).respond()


@page(VIEW)
@require_safe
def alert_page(request: PageRequest, pk: int) -> HttpResponse:
    """One alert: the fact, what it rests on, what to do, who has done what."""
    return _shown(request, get_visible_or_404(Alert, request.user, pk))


@page(handling.HANDLE)
@require_POST
def acknowledge_alert(request: PageRequest, pk: int) -> HttpResponse:
    """Take an alert up."""
    alert = get_visible_or_404(Alert, request.user, pk)

    def act() -> str:
        handling.acknowledge(actor=request.user, alert_id=pk)
        return "已确认，告警不再催办。处置完请填写结果。"

    return _done(request, alert, ResultForm(), act, "result")


@page(handling.HANDLE)
@require_POST
def handle_alert(request: PageRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    alert, form = get_visible_or_404(Alert, request.user, pk), ResultForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        handled = handling.handle(
            actor=request.user, alert_id=pk, result=said["result"], is_false_alarm=said["is_false_alarm"]
        )
        return "已关闭。" if handled.state == AlertState.CLOSED else "已处置，等待另一名管理员复核关闭。"

    return _done(request, alert, form, act, "result")


@page(handling.CLOSE)
@require_POST
def close_alert(request: PageRequest, pk: int) -> HttpResponse:
    """Close a grave alert another person has handled, or send it back."""
    alert, form = get_visible_or_404(Alert, request.user, pk), NoteForm(request.POST)

    def act() -> str:
        note = form.cleaned_data["note"]
        if "back" in request.POST:
            handling.send_back(actor=request.user, alert_id=pk, note=note)
            return "已退回，由处置人重新核实。"
        handling.close(actor=request.user, alert_id=pk, note=note)
        return "已复核关闭。"

    return _done(request, alert, form, act, "note")


@page(setting.CONFIGURE)
@require_POST
def suppress_alert(request: PageRequest, pk: int) -> HttpResponse:
    """Raise no more alerts like this one for a while."""
    alert, form = get_visible_or_404(Alert, request.user, pk), SuppressForm(request.POST)

    def act() -> str:
        row = setting.suppress(
            actor=request.user,
            rule=alert.rule,
            subject_key=alert.subject_key,
            subject_label=alert.subject_label,
            days=form.cleaned_data["days"],
            reason=form.cleaned_data["reason"],
        )
        return f"到 {timezone.localtime(row.until):%Y-%m-%d %H:%M} 前，同一对象的这种迹象不再告警。"

    return _done(request, alert, form, act, "suppress")


def _done(request: PageRequest, alert: Alert, form: BaseForm, act: Callable[[], str], name: str) -> HttpResponse:
    if not form.is_bound or form.is_valid():
        try:
            notice = act()
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, reverse("intrusion:alert", args=[alert.pk]), notice)
    return _shown(request, alert, **{name: form})


def _shown(request: PageRequest, alert: Alert, **forms_sent: BaseForm) -> HttpResponse:
    user = request.user
    state = alert.state
    about_self = alert.subject.user_id == user.pk
    may_handle = user.can(handling.HANDLE) and not about_self and state in (AlertState.OPEN, AlertState.ACKNOWLEDGED)
    may_close = user.can(handling.CLOSE) and not about_self and state == AlertState.HANDLED
    context = {
        "alert": alert,
        "rule": RULES[alert.rule],
        "pairs": _pairs(alert),
        "lines": [(_FACTS[key], _words(value)) for key, value in alert.facts.items() if key in _FACTS and value],
        "routes": alert.facts.get("routes", []),
        "evidence": _evidence(alert),
        "sees_record": user.can("audit.view"),
        "manages_users": user.can("accounts.manage"),
        "may_acknowledge": may_handle and state == AlertState.OPEN,
        "may_handle": may_handle,
        "may_close": may_close and alert.handled_by_id != user.pk,
        "waits_for_other": may_close and alert.handled_by_id == user.pk,
        "may_suppress": user.can(setting.CONFIGURE) and not about_self,
        "about_self": about_self,
        "entries": entries_about(alert)[:HISTORY],
        "result": forms_sent.get("result") or ResultForm(),
        "note": forms_sent.get("note") or NoteForm(),
        "suppress": forms_sent.get("suppress") or SuppressForm(),
    }
    return render(request, "intrusion/alert.html", context, status=422 if forms_sent else 200)


def _pairs(alert: Alert) -> list[tuple[str, object]]:
    rule = RULES[alert.rule]
    return [
        ("级别", alert.get_severity_display()),
        ("状态", f"{alert.get_state_display()}（{alert.rung_label}）"),
        ("对象", alert.subject_label),
        ("数量", f"{alert.count} {rule.counts}"),
        ("看什么", rule.looks_for),
        ("最早", _moment(alert.first_at)),
        ("最近", _moment(alert.last_at)),
        ("告警时间", _moment(alert.raised_at)),
        ("确认", _who(alert.acknowledged_by, alert.acknowledged_at)),
        ("处置", _who(alert.handled_by, alert.handled_at)),
        ("处置结果", f"{'（误报）' if alert.is_false_alarm else ''}{alert.result}"),
        ("关闭", _who(alert.closed_by, alert.closed_at)),
        ("复核意见", alert.closing_note),
    ]


def _words(value: Any) -> str:
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _who(user: Any, moment: Any) -> str:
    return f"{user.display_name if user else '系统'}　{_moment(moment)}" if moment else ""


def _evidence(alert: Alert) -> list[tuple[AuditEntry, str]]:
    entries = AuditEntry.objects.filter(seq__in=alert.evidence).order_by("-seq")[:SHOWN_EVIDENCE]
    return [(entry, catalogue.label(entry.action)) for entry in entries]
