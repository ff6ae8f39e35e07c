"""Forms of deliveries."""

from collections.abc import Sequence
from typing import Any

from django import forms

from bianzhi.common.web.forms import BaseForm, CountField
from bianzhi.exchange.models import Source
from bianzhi.exchange.rules.deliveries import MOST_PARTS
from bianzhi.reconciliation.reading.opening import SUFFIXES

ACCEPT = ",".join(SUFFIXES)


class DeliveryForm(BaseForm):
    """A file for a source and a month."""

    wide = ("file", "signer")

    source = forms.ChoiceField(label="数据来源")
    period = forms.ChoiceField(label="所属月份", help_text="名册反映哪个月末的情况")
    file = forms.FileField(
        label="名册文件",
        help_text="xlsx、xls、csv（UTF-8 或 GB18030）或 parquet，列名按贵单位原有写法",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"empty": "文件是空的，没有任何内容。请确认选对了文件。"},
    )
    signer = forms.CharField(label="报送人", max_length=80, required=False, help_text="不填则为当前用户")
    part = CountField(label="第几部分", minimum=1, initial=1, help_text="整份报送填 1")
    parts = CountField(label="共几部分", minimum=1, initial=1, help_text=f"文件过大时可分成最多 {MOST_PARTS} 部分")

    def __init__(self, *args: Any, sources: Sequence[Source], months: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(source.pk), f"{source.get_department_display()}　{source.name}") for source in sources]
        first = [] if len(named) == 1 else [("", "请选择")]
        self.fields["source"].choices = [*first, *named]  # type: ignore[attr-defined]
        self.fields["period"].choices = [(month, month) for month in months]  # type: ignore[attr-defined]


class DecisionForm(BaseForm):
    """What an official says of a held delivery."""

    wide = ("reason",)

    verdict = forms.ChoiceField(
        label="处理",
        choices=[("accept", "接收，人数减少属实"), ("reject", "退回，请对方重新报送")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="理由", max_length=300, widget=forms.Textarea, help_text="例如：已与财政局电话核实，该校本月整建制划转"
    )


class SampleForm(BaseForm):
    """A file to try a contract on; nothing of it is kept."""

    file = forms.FileField(
        label="样例文件",
        help_text="只试读，不登记、不保存；最大 20 MB",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"empty": "文件是空的，没有任何内容。请确认选对了文件。"},
    )
