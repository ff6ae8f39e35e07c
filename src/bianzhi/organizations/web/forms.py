"""Forms by which the structure changes. Each names its fields as the service does that it feeds."""

from typing import Any

from django import forms
from django.db.models import Model

from bianzhi.common.web.forms import BaseForm, CountField, DayField, LookupField, PinyinSelect
from bianzhi.documents.web.direct import DirectEntryForm
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import OrganizationVersion, Tier
from bianzhi.organizations.models.bodies import BodyKind

BLANK = [("", "—")]


def _coded(table: str, label: str, *, required: bool = False, help_text: str = "") -> forms.ChoiceField:
    choices = BLANK + codes(table).choices()
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=help_text)


def _name(label: str = "全称") -> forms.CharField:
    return forms.CharField(label=label, max_length=200)


class StructureForm(DirectEntryForm):
    """A change from a day on, by a document."""

    effective_on = DayField(label="生效日期")

    def values(self) -> dict[str, Any]:
        """What the service gets: own fields by name, chosen objects as ids under NAME_id."""
        values: dict[str, Any] = {}
        for bound in self.own_fields:
            value = self.cleaned_data[bound.name]
            is_reference = isinstance(self.fields[bound.name], LookupField)
            values[f"{bound.name}_id" if is_reference else bound.name] = value.pk if isinstance(value, Model) else value
        return values

    def start_from(self, version: OrganizationVersion) -> None:
        """Show what holds now in the fields of the same name."""
        for name in self.fields:
            if hasattr(version, f"{name}_id") and name != "document":
                self.initial.setdefault(name, getattr(version, f"{name}_id"))
            elif hasattr(version, name) and name not in ("document", "valid_from"):
                self.initial.setdefault(name, getattr(version, name))


class RenameForm(StructureForm):
    """更名."""

    name = _name("新名称（全称）")
    short_name = forms.CharField(label="新规范简称", max_length=100, required=False)


class RankForm(StructureForm):
    """规格调整."""

    rank = _coded("organization_rank", "机构规格", required=True)


class NatureForm(StructureForm):
    """性质（类别）调整."""

    org_type = _coded("organization_type", "机构类别", required=True)
    institution_class = _coded("institution_class", "事业单位类别", help_text="仅事业单位填写")
    nature = _coded("organization_nature", "机构性质")


class FundingForm(StructureForm):
    """经费形式调整."""

    funding_form = _coded("funding_form", "经费形式", required=True)


class AffiliationForm(StructureForm):
    """隶属调整."""

    parent = LookupField(
        "organization-node", label="隶属单位", required=False, help_text="机构树上的上一级，可以是分组"
    )
    supervising_department = LookupField("organization", label="主管部门", required=False)
    tier = forms.ChoiceField(label="层级", choices=Tier.choices, help_text="乡镇街道与区本级的编制总量分开管理")


class DutiesForm(StructureForm):
    """职责调整."""

    wide = ("duties",)

    duties = forms.CharField(label="主要职责", max_length=20000, widget=forms.Textarea(attrs={"rows": "12"}))


class NameplateForm(StructureForm):
    """加挂牌子."""

    name = _name("牌子名称")


class JointOfficeForm(StructureForm):
    """合署办公."""

    quota_holder = LookupField(
        "organization", label="合署主体", required=False, help_text="由其持有编制的单位；结束合署请留空"
    )


class AbolishForm(StructureForm):
    """撤销."""

    wide = ("summary",)

    summary = forms.CharField(label="变动摘要", max_length=400, required=False, help_text="如 职责划入区教育局")


class BodyForm(StructureForm):
    """An internal body."""

    wide = ("duties",)

    name = forms.CharField(label="名称", max_length=120)
    kind = forms.ChoiceField(label="种类", choices=BodyKind.choices, initial=BodyKind.INTERNAL)
    rank = _coded("organization_rank", "规格")
    sort_order = CountField(label="排序", initial=0, help_text="数字小的在前")
    duties = forms.CharField(label="职责", max_length=5000, required=False, widget=forms.Textarea)


class MoveBodyForm(StructureForm):
    """划转 an internal body."""

    organization = LookupField("organization", label="划入单位")


class EndForm(StructureForm):
    """Something ends on a day: an internal body, a nameplate."""


class EstablishForm(StructureForm):
    """设立."""

    wide: tuple[str, ...] = ("name", "duties")

    name = _name("机构全称")
    short_name = forms.CharField(label="规范简称", max_length=100, required=False)
    parent = LookupField(
        "organization-node", label="隶属单位", required=False, help_text="机构树上的上一级，可以是分组"
    )
    supervising_department = LookupField("organization", label="主管部门", required=False)
    is_grouping = forms.BooleanField(
        label="仅作分组", required=False, help_text="树上的分类节点（如“区政府部门”），不是单位，不持有编制"
    )
    org_type = forms.ChoiceField(
        label="机构类别",
        choices=BLANK + codes("organization_type").choices(),
        required=False,
        widget=PinyinSelect,
        help_text="分组可不填",
    )
    institution_class = _coded("institution_class", "事业单位类别", help_text="仅事业单位填写")
    nature = _coded("organization_nature", "机构性质")
    rank = _coded("organization_rank", "机构规格", help_text="副科级以上须填上级文件")
    funding_form = _coded("funding_form", "经费形式")
    uscc = forms.CharField(label="统一社会信用代码", max_length=30, required=False)
    uscc_confirmed = forms.BooleanField(
        label="按证书登记", required=False, help_text="早年赋码校验不符、但与证书一致时勾选"
    )
    sort_order = CountField(label="排序", initial=0, required=False, help_text="数字小的在前")
    duties = forms.CharField(label="主要职责", max_length=20000, required=False, widget=forms.Textarea)

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values | {"sort_order": values["sort_order"] or 0}


class CorrectForm(StructureForm):
    """更正: the facts of the version in force on the day shown, as they should have been."""

    wide = ("name", "reason", "duties")

    effective_on = DayField(label="自何日起")
    name = _name()
    short_name = forms.CharField(label="规范简称", max_length=100, required=False)
    parent = LookupField("organization-node", label="隶属单位", required=False)
    supervising_department = LookupField("organization", label="主管部门", required=False)
    org_type = _coded("organization_type", "机构类别")
    institution_class = _coded("institution_class", "事业单位类别")
    nature = _coded("organization_nature", "机构性质")
    rank = _coded("organization_rank", "机构规格")
    funding_form = _coded("funding_form", "经费形式")
    tier = forms.ChoiceField(label="层级", choices=Tier.choices)
    sort_order = CountField(label="排序", required=False)
    duties = forms.CharField(label="主要职责", max_length=20000, required=False, widget=forms.Textarea)
    reason = forms.CharField(label="更正理由", max_length=200, min_length=4)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def start_from(self, version: OrganizationVersion) -> None:
        super().start_from(version)
        self.initial.update(version=version.pk, effective_on=version.valid_from)

    def changes(self, version: OrganizationVersion) -> dict[str, Any]:
        """The facts that differ from those registered."""
        values = self.values()
        values["sort_order"] = values["sort_order"] or 0
        return {
            name: value
            for name, value in values.items()
            if name not in ("effective_on", "reason") and getattr(version, name) != value
        }


class AliasForm(BaseForm):
    """A name others use; no document is needed, it proves nothing."""

    name = _name("别名")
    source = forms.CharField(label="来源", max_length=100, help_text="在哪份文件或哪个系统中这样称呼")


class CreditCodeForm(BaseForm):
    """统一社会信用代码."""

    uscc = forms.CharField(label="统一社会信用代码", max_length=30, required=False, help_text="18 位；留空则清除")
    confirmed = forms.BooleanField(label="按证书登记", required=False, help_text="早年赋码校验不符、但与证书一致时勾选")
