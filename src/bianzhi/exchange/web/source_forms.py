"""The form of a source: what it is, how it delivers, when the breaker trips."""

from collections.abc import Mapping
from typing import Any

from django import forms

from bianzhi.common.web.forms import BaseForm, CountField
from bianzhi.exchange.models import Source, Transport
from bianzhi.reconciliation.sources import DEPARTMENTS

SCHEDULES = [("", "不自动抽取"), ("monthly", "每月一次"), ("daily", "每天一次")]
SETTINGS = ("url", "password_env", "query", "schedule")


class SourceForm(BaseForm):
    """A source to register or to change; code and department are asked once."""

    wide = ("url", "query")

    department = forms.ChoiceField(label="部门", choices=[("", "请选择"), *DEPARTMENTS])
    code = forms.CharField(
        label="来源代码", max_length=40, help_text="小写字母、数字、短横线，如 hr-payroll；登记后不能改"
    )
    name = forms.CharField(label="来源名称", max_length=80, help_text="如 人社局工资系统")
    transport = forms.ChoiceField(label="报送方式", choices=Transport.choices)
    due_day = CountField(label="报送日（次月几日前）", minimum=1, help_text="1 至 28")
    breaker_percent = CountField(
        label="熔断比例（%）", minimum=1, help_text="一个单位减少超过此比例、且不少于 5 人时暂缓，由编办确认"
    )
    schedule = forms.ChoiceField(
        label="自动抽取", choices=SCHEDULES, required=False, help_text="用于数据库抽取和本系统登记"
    )
    is_active = forms.BooleanField(label="启用", required=False)
    url = forms.CharField(
        label="数据库地址",
        max_length=300,
        required=False,
        help_text="如 postgresql://readonly@10.1.2.3:5432/payroll 或 mysql://…；不要写口令",
    )
    password_env = forms.CharField(
        label="口令所在的环境变量",
        max_length=60,
        required=False,
        help_text="以 BIANZHI_SOURCE_ 开头，由运维在服务器上设置；口令不在本系统保存",
    )
    query = forms.CharField(
        label="查询语句",
        max_length=4000,
        required=False,
        widget=forms.Textarea,
        help_text="一条 SELECT，列名用该部门的叫法；:period 代表月份（如 2026-10）",
    )

    def __init__(self, *args: Any, source: Source | None = None, **kwargs: Any) -> None:
        initial = {**_values_of(source), **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        if source is not None:
            del self.fields["code"], self.fields["department"], self.fields["due_day"]
        else:
            del self.fields["is_active"]

    def changes(self) -> dict[str, Any]:
        """What was written, as the services take it; settings that do not fit the transport are left out."""
        told = dict(self.cleaned_data)
        settings = {key: told.pop(key) for key in SETTINGS}
        wanted = SETTINGS if told["transport"] == Transport.DATABASE else ("schedule",)
        told["settings"] = {key: settings[key] for key in wanted if settings[key]}
        return told


def _values_of(source: Source | None) -> Mapping[str, Any]:
    if source is None:
        return {"breaker_percent": 20, "due_day": 5, "transport": Transport.UPLOAD}
    return {
        "name": source.name,
        "transport": source.transport,
        "breaker_percent": source.breaker_percent,
        "is_active": source.is_active,
        **{key: source.settings.get(key, "") for key in SETTINGS},
    }
