"""Forms of keeping: fonds, volumes, appraisals, loans, inspections, packages."""

from datetime import timedelta
from typing import Any

from django import forms

from bianzhi.archives.models import Batch, Category, Fonds, Item, Retention
from bianzhi.archives.rules.archival_code import DEFAULT_PATTERN
from bianzhi.archives.services.appraisals import DESTROY, EXTEND
from bianzhi.common.web.forms import BaseForm, CountField, DayField, LookupField
from bianzhi.kernel import clock

LATEST_YEAR = 2100


class FondsForm(BaseForm):
    """A fonds; its number is given once."""

    wide = ("name", "pattern")

    number = forms.CharField(label="全宗号", max_length=20, help_text="由同级档案馆给定，建立后不变")
    name = forms.CharField(label="全宗名称", max_length=120)
    organization = LookupField("organization", label="立档单位", required=False)
    pattern = forms.CharField(
        label="档号格式",
        max_length=200,
        initial=DEFAULT_PATTERN,
        help_text="可用 fonds、category、year、retention、unit、item；修改只影响以后编的档号",
    )

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["number"]

    def facts(self) -> dict[str, Any]:
        """What the services take."""
        given = dict(self.cleaned_data)
        unit = given.pop("organization")
        return given | {"organization_id": unit.pk if unit else None}


class CategoryForm(BaseForm):
    """A 门类."""

    code = forms.CharField(label="门类代码", max_length=8, help_text="大写字母，如文书 WS")
    name = forms.CharField(label="门类", max_length=40)
    retention = forms.ChoiceField(label="默认保管期限", choices=Retention.choices)
    is_active = forms.BooleanField(label="启用", required=False, initial=True)


class VolumeForm(BaseForm):
    """A new 案卷."""

    wide = ("title", "remark")

    title = forms.CharField(label="案卷题名", max_length=300, help_text="概括卷内文件的责任者、内容和文种")
    fonds = forms.ModelChoiceField(label="全宗", queryset=Fonds.objects.order_by("number"), empty_label=None)
    category = forms.ModelChoiceField(label="门类", queryset=Category.objects.filter(is_active=True), empty_label=None)
    year = CountField(label="年度", minimum=1900)
    retention = forms.ChoiceField(label="保管期限", choices=Retention.choices)
    organization = LookupField("organization", label="所属单位", required=False)
    remark = forms.CharField(label="备考", required=False, widget=forms.Textarea)

    def clean_year(self) -> int:
        """A year there can be."""
        year: int = self.cleaned_data["year"]
        if year > LATEST_YEAR:
            raise forms.ValidationError(f"年度不能大于 {LATEST_YEAR}，现为 {year}。")
        return year

    def facts(self) -> dict[str, Any]:
        """What `open_volume` takes."""
        given = dict(self.cleaned_data)
        unit, fonds, category = given.pop("organization"), given.pop("fonds"), given.pop("category")
        keys = {"fonds_id": fonds.pk, "category_id": category.pk, "organization_id": unit.pk if unit else None}
        return given | keys


class VolumeTextForm(BaseForm):
    """What of a volume may be put right."""

    wide = ("title", "remark")

    title = forms.CharField(label="案卷题名", max_length=300)
    remark = forms.CharField(label="备考", required=False, widget=forms.Textarea, help_text="印在备考表上")


class AppraisalForm(BaseForm):
    """An appraisal of chosen items: one outcome for all of them."""

    wide = ("title", "reason", "note")

    title = forms.CharField(label="鉴定名称", max_length=120)
    outcome = forms.ChoiceField(label="处置", choices=[(DESTROY, "销毁"), (EXTEND, "续存")], initial=EXTEND)
    new_retention = forms.ChoiceField(
        label="续存为", choices=[("", "不适用"), *Retention.choices], required=False, help_text="选“续存”时填写"
    )
    reason = forms.CharField(label="鉴定意见", widget=forms.Textarea, help_text="有无保存价值及理由")
    note = forms.CharField(label="说明", max_length=200, required=False)


class DecisionForm(BaseForm):
    """What the second person says."""

    wide = ("text",)

    verdict = forms.ChoiceField(label="审批", choices=[("yes", "批准"), ("no", "不批准")], widget=forms.RadioSelect)
    text = forms.CharField(label="审批意见", widget=forms.Textarea)


class LoanForm(BaseForm):
    """A loan given at the desk."""

    wide = ("codes", "purpose")

    codes = forms.CharField(label="档号", widget=forms.Textarea, help_text="每行一个档号")
    reader = LookupField("archives.reader", label="利用人账号", required=False)
    reader_name = forms.CharField(
        label="利用人", max_length=80, required=False, help_text="没有账号的来访者填写姓名；有账号的可不填"
    )
    reader_unit = forms.CharField(label="利用人单位", max_length=120, required=False)
    purpose = forms.CharField(label="利用目的", max_length=300)
    valid_from = DayField(label="起")
    valid_to = DayField(label="止")
    may_download = forms.BooleanField(label="可下载", required=False)
    may_print = forms.BooleanField(label="可打印", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("valid_from", clock.today())
        self.initial.setdefault("valid_to", clock.today() + timedelta(days=6))

    def clean_codes(self) -> list[int]:
        """The items of the codes; unknown ones are named."""
        codes = self.cleaned_data["codes"].split()
        found = dict(Item.objects.visible_to(self.user).filter(code__in=codes).values_list("code", "pk"))
        if missing := [code for code in codes if code not in found]:
            raise forms.ValidationError(f"没有这些档号：{'、'.join(missing[:10])}。")
        return [found[code] for code in dict.fromkeys(codes)]


class InspectionForm(BaseForm):
    """Which scans to look through."""

    wide = ("title",)

    title = forms.CharField(label="检查名称", max_length=120)
    batch = forms.ModelChoiceField(
        label="接收批次", queryset=Batch.objects.order_by("-pk"), required=False, empty_label="不限"
    )
    organization = LookupField("organization", label="所属单位", required=False)
    year = CountField(label="年度", required=False)
    percent = CountField(label="抽样比例（%）", minimum=1, initial=100, help_text="DA/T 31 要求逐页检查的填 100")
    seed = CountField(label="抽样种子", minimum=0, initial=1, help_text="同一种子抽到同样的件，便于复查")


class ExportForm(BaseForm):
    """Which items go into a package."""

    wide = ("title",)

    title = forms.CharField(label="移交包名称", max_length=120)
    fonds = forms.ModelChoiceField(label="全宗", queryset=Fonds.objects.order_by("number"), empty_label=None)
    organization = LookupField("organization", label="所属单位", required=False)
    year = CountField(label="年度", required=False)
    retention = forms.ChoiceField(label="保管期限", choices=[("", "不限"), *Retention.choices], required=False)


class ImportForm(BaseForm):
    """A package that came."""

    wide = ("title", "file")

    title = forms.CharField(label="名称", max_length=120)
    file = forms.FileField(
        label="移交包",
        help_text="本平台导出的 BagIt zip 包；每个文件按 SHA-256 和 SM3 核对后才接收",
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        error_messages={"empty": "文件是空的，没有任何内容。请确认选对了文件。"},
    )
    creates_units = forms.BooleanField(label="按包中记载补录机构树中缺少的单位（需有机构编制登记权限）", required=False)
