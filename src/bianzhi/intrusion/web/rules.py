"""The rules with their parameters by version, what is suppressed, and whether each rule runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.intrusion.models import RuleRun, RuleSetting, Suppression
from bianzhi.intrusion.rules.catalogue import SEVERITIES
from bianzhi.intrusion.selectors.in_force import InForce, rules_in_force
from bianzhi.intrusion.services import setting
from bianzhi.intrusion.watching import WATCHED
from bianzhi.kernel.objections import Refused

VIEW: Final = "intrusion.view"
LATE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Line:
    """A rule on the page of coverage."""

    rule: InForce
    every: str
    run: RuleRun | None
    state: str


class RuleForm(BaseForm):
    """The parameters of a rule."""

    wide = ("reason",)
    is_enabled = forms.BooleanField(label="启用", required=False)
    window_minutes = forms.IntegerField(label="时段（分钟）", min_value=1, max_value=setting.LONGEST_WINDOW)
    threshold = forms.IntegerField(label="达到多少告警", min_value=1)
    factor = forms.IntegerField(label="平日水平的倍数", min_value=0, max_value=100, help_text="0 为不与平日比较")
    severity = forms.ChoiceField(label="级别", choices=[(each.value, each.label) for each in SEVERITIES])
    reason = forms.CharField(label="调整原因", max_length=200, help_text="会记入审计")


@page(VIEW)
@require_safe
def rule_list(request: PageRequest) -> HttpResponse:
    """Every rule as it holds now, and what is suppressed."""
    context = {
        "rules": list(rules_in_force().values()),
        "suppressions": Suppression.objects.in_force(timezone.now()).select_related("made_by"),
        "may_set": request.user.can(setting.CONFIGURE),
    }
    return render(request, "intrusion/rules.html", context)


@page(setting.CONFIGURE)
@require_http_methods(["GET", "POST"])
def rule_page(request: PageRequest, code: str) -> HttpResponse:
    """Set the next version of a rule's parameters; the versions before stay to be seen."""
    rule = rules_in_force().get(code)
    if rule is None:
        raise Http404("没有这条规则。")
    initial = {name: getattr(rule, name) for name in ("is_enabled", "window_minutes", "threshold", "factor")}
    form = RuleForm(request.POST or None, initial={**initial, "severity": rule.severity.value})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        reason = said.pop("reason")
        try:
            row = setting.set_rule(actor=request.user, rule=code, values=setting.Values(**said), reason=reason)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, "intrusion:rules", f"“{rule.rule.label}”已设为第 {row.version} 版。")
    versions = RuleSetting.objects.filter(rule=code).select_related("set_by")
    context = {"rule": rule, "form": form, "versions": versions}
    return render(request, "intrusion/rule.html", context, status=422 if request.method == "POST" else 200)


@page(VIEW)
@require_safe
def coverage(request: PageRequest) -> HttpResponse:
    """When each rule ran last and what came of it: a watch that sleeps must be seen to sleep."""
    runs = {run.rule: run for run in RuleRun.objects.all()}
    now = timezone.now()
    lines = [_line(rule, runs.get(code), now) for code, rule in rules_in_force().items()]
    asleep = [line for line in lines if line.state in ("没有运行", "出错")]
    return render(request, "intrusion/coverage.html", {"lines": lines, "asleep": asleep})


@page(setting.CONFIGURE)
@require_POST
def suppression_end(request: PageRequest, pk: int) -> HttpResponse:
    """Let signs raise alerts again."""
    if pk >= 2**63 or not Suppression.objects.filter(pk=pk).exists():
        raise Http404("没有这项误报抑制。")
    back = reverse("intrusion:rules")
    try:
        setting.end_suppression(actor=request.user, suppression_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="warning")
    return redirect_with_notice(request, back, "已结束，迹象出现时照常告警。")


def _line(rule: InForce, run: RuleRun | None, now: datetime) -> Line:
    minutes = WATCHED[rule.code].every_minutes
    every = f"{minutes // 60} 小时" if minutes >= 60 else f"{minutes} 分钟"
    return Line(rule, every, run, _state(rule, run, now, timedelta(minutes=minutes)))


def _state(rule: InForce, run: RuleRun | None, now: datetime, every: timedelta) -> str:
    if not rule.is_enabled:
        return "已停用"
    if run is None or run.ran_at is None or now - run.ran_at > every + max(LATE, every / 4):
        return "没有运行"
    return "出错" if run.error else "运行正常"
