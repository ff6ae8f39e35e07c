"""Forms of the archive: taking in a batch, describing an item, correcting a filed one."""

from typing import Any

from django import forms

from bianzhi.archives.models import Category, Fonds, Item, Retention, Volume
from bianzhi.archives.rules.splitting import SPLITTINGS
from bianzhi.common.web.forms import BaseForm, CountField, DayField, DocNoField, LookupField
from bianzhi.kernel.dates import LATEST_YEAR


class BatchForm(BaseForm):
    """A batch before its files come."""

    title = forms.CharField(label="批次名称", max_length=120)
    fonds = forms.ModelChoiceField(label="全宗", queryset=Fonds.objects.order_by("number"), empty_label=None)
    organization = LookupField("organization", label="所属单位", required=False)
    splitting = forms.ChoiceField(label="分件方式", choices=list(SPLITTINGS.items()), initial="file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].help_text = "整批属于同一单位时填写；不填则由识别结果逐件建议"


class DescriptionForm(BaseForm):
    """What DA/T 46 asks of an item."""

    wide: tuple[str, ...] = ("title", "responsible", "addressee", "attachments", "summary", "note")

    title = forms.CharField(label="题名", max_length=300)
    doc_no = DocNoField(label="文件编号", required=False)
    dated_on = DayField(label="成文日期", required=False)
    responsible = forms.CharField(
        label="责任者", max_length=200, required=False, help_text="发文机关；几个机关以、分开"
    )
    addressee = forms.CharField(label="主送", max_length=300, required=False)
    organization = LookupField("organization", label="所属单位", required=False)
    category = forms.ModelChoiceField(
        label="门类", queryset=Category.objects.filter(is_active=True), required=False, empty_label="请选择"
    )
    year = CountField(label="年度", required=False, maximum=LATEST_YEAR, help_text="不填取成文日期的年份")
    retention = forms.ChoiceField(label="保管期限", choices=[("", "按门类默认"), *Retention.choices], required=False)
    language = forms.CharField(label="文种", max_length=20, required=False)
    signer = forms.CharField(label="签发人", max_length=80, required=False)
    classification = forms.CharField(label="密级", max_length=10, required=False, help_text="秘密以上不得入库（R27）")
    volume = forms.ModelChoiceField(
        label="案卷", queryset=Volume.objects.order_by("-pk"), required=False, empty_label="不组卷（按件）"
    )
    keywords = forms.CharField(label="主题词", max_length=300, required=False)
    persons = forms.CharField(label="人名", max_length=500, required=False)
    storage_place = forms.CharField(label="存放位置", max_length=200, required=False, help_text="库房、柜、层、盒")
    attachments = forms.CharField(label="附件", max_length=500, required=False)
    summary = forms.CharField(label="摘要", required=False, widget=forms.Textarea)
    note = forms.CharField(label="附注", max_length=500, required=False)
    is_restricted = forms.BooleanField(label="控制利用（只有档案员和编办能看）", required=False)
    is_exhibited = forms.BooleanField(label="可对外展示", required=False)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        volumes = Volume.objects.filter(fonds=item.fonds).order_by("-year", "code")
        self.fields["volume"].queryset = volumes  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What the form states, as `services.filing.confirm` takes it."""
        stated = dict(self.cleaned_data)
        for name in ("organization", "category", "volume"):
            if name in stated:
                chosen = stated.pop(name)
                stated[f"{name}_id"] = chosen.pk if chosen else None
        return stated


PLACING = ("category", "year", "retention", "volume")
"""What the 档号 is made of: fixed once an item is filed."""


class CorrectionForm(DescriptionForm):
    """The description of a filed item, with the reason of the change."""

    wide = (*DescriptionForm.wide, "reason")
    reason = forms.CharField(label="更正理由", min_length=4, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PLACING:
            del self.fields[name]


def initial_of(item: Item) -> dict[str, Any]:
    """The description as the form shows it."""
    names = [name for name in DescriptionForm.base_fields if hasattr(item, name)]
    return {name: getattr(item, name) for name in names}
