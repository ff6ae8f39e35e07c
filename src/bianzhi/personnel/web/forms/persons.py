"""Fields of a person (domain dossier §2.8), for entry, for change of locked fields, and for the unit's own fields."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from bianzhi.common.web.forms import DayField, IdNumberField
from bianzhi.disclosure.web.forms import PurposeForm
from bianzhi.personnel.models import Person
from bianzhi.personnel.rules.persons import LOCKED_FIELDS, SOFT_FIELDS
from bianzhi.personnel.services.persons import ChangeBasis, PersonFacts
from bianzhi.personnel.web.acting import ActForm, DirectActForm
from bianzhi.personnel.web.forms.choices import CodeField

TRACKS: Final = ("M60", "F55", "F50")
POST_CATEGORIES: Final = [("", "请选择"), ("G", "管理岗位"), ("P", "专业技术岗位"), ("W", "工勤技能岗位")]
WANTED_OF_NEW: Final = ("ethnicity", "politics", "started_work_on", "identity")

IDENTITY: Final = ("name", "id_number", "sex", "born_on", "ethnicity", "native_place", "politics", "joined_party_on")
WORK: Final = ("started_work_on", "identity", "civil_service_registered_on")
POST: Final = ("grade", "grade_since", "post_category", "post_grade", "professional_title")
SCHOOL: Final = (
    "schooling_full_time",
    "degree_full_time",
    "school_full_time",
    "schooling_in_service",
    "degree_in_service",
    "school_in_service",
)
RETIREMENT: Final = ("retirement_category", "f60_track", "certified_born_on", "identity_certified")
CONTACT: Final = ("phone", "remark")


class LockedFields(forms.Form):
    """The fields only the establishment office changes (R14)."""

    name = forms.CharField(label="姓名", max_length=60)
    id_number = IdNumberField()
    sex = CodeField("sex", only=("1", "2"), required=False, empty="按身份证号")
    born_on = DayField(label="出生日期", required=False, help_text="不填则按身份证号；可写 1987-06-05、19870605")
    certified_born_on = DayField(label="档案认定出生日期", required=False, help_text="与身份证不一致且经组织认定的")
    identity_certified = forms.BooleanField(label="已作档案认定（三龄两历一身份）", required=False)
    started_work_on = DayField(label="参加工作时间", required=False, month_is_enough=True)
    identity = CodeField("person_identity", required=False)
    civil_service_registered_on = DayField(label="公务员登记时间", required=False, month_is_enough=True)
    retirement_category = CodeField(
        "retirement_category", only=TRACKS, required=False, empty="按性别和身份", label="退休类别"
    )
    f60_track = forms.BooleanField(label="按 60 岁退休（女县处级、高级职称等）", required=False)


class SoftFields(forms.Form):
    """The fields that need no document (R15)."""

    ethnicity = CodeField("ethnicity", required=False)
    native_place = forms.CharField(label="籍贯", max_length=60, required=False)
    politics = CodeField("politics", required=False)
    joined_party_on = DayField(label="加入时间", required=False, month_is_enough=True)
    grade = CodeField("grade", required=False, label="职级")
    grade_since = DayField(label="任现职级时间", required=False, month_is_enough=True)
    post_category = forms.ChoiceField(label="岗位类别", choices=POST_CATEGORIES, required=False)
    post_grade = CodeField("post_grade", required=False, label="岗位等级")
    professional_title = forms.CharField(label="专业技术资格", max_length=60, required=False)
    schooling_full_time = CodeField("schooling", required=False, label="全日制学历")
    degree_full_time = CodeField("degree", required=False, label="全日制学位")
    school_full_time = forms.CharField(label="全日制院校及专业", max_length=120, required=False)
    schooling_in_service = CodeField("schooling", required=False, label="在职学历")
    degree_in_service = CodeField("degree", required=False, label="在职学位")
    school_in_service = forms.CharField(label="在职院校及专业", max_length=120, required=False)
    phone = forms.CharField(label="联系电话", max_length=30, required=False)
    remark = forms.CharField(label="备注", max_length=300, required=False)


class NewPersonFields(LockedFields, SoftFields):
    """Everything a person is registered with; for somebody the register knows, name and number are enough."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        number = cleaned.get("id_number")
        if number and not Person.objects.with_id_number(number).exists():
            for name in WANTED_OF_NEW:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "新登记的人员必须填写。")
        return cleaned

    def person_facts(self) -> PersonFacts:
        """What is registered of somebody new."""
        cleaned = self.cleaned_data
        plain = {"name", "id_number", "sex", "born_on"}
        names: list[str] = [*LOCKED_FIELDS, *SOFT_FIELDS]
        other = {name: cleaned[name] for name in names if name in cleaned and name not in plain}
        return PersonFacts(cleaned["name"], cleaned["id_number"], cleaned["sex"], cleaned["born_on"], other)


class LockedChangeForm(DirectActForm, LockedFields):
    """信息变更: locked fields as they shall be, the day and the reason (R14)."""

    document_label = "变更依据"
    sections = (
        ("锁定信息（修改需要变更的项目，其余保持不变）", (*IDENTITY[:4], *WORK, *RETIREMENT, "retirement_override_on")),
        ("变更", ("effective_on", "reason")),
    )

    retirement_override_on = DayField(label="核定退休日期", required=False, help_text="病退、延迟等经批准的日期")
    effective_on = DayField(label="生效日期")
    reason = forms.CharField(label="变更事由", max_length=300)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        kwargs["initial"] = {name: getattr(person, name) for name in LOCKED_FIELDS} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = self.fields["sex"].choices[1:]  # type: ignore[attr-defined]
        self.fields["born_on"].required = True

    def changes(self) -> Mapping[str, Any]:
        """The fields that differ from what is registered."""
        return _differences(self.person, self.cleaned_data, LOCKED_FIELDS)

    def basis(self, document: Any) -> ChangeBasis:
        """Document, day and reason."""
        return ChangeBasis(document, self.cleaned_data["effective_on"], self.cleaned_data["reason"])


class SoftChangeForm(ActForm, SoftFields):
    """The unit's own fields of a person."""

    sections = (("基本信息", (*IDENTITY[4:], *CONTACT)), ("岗位", POST), ("学历学位", SCHOOL))

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        kwargs["initial"] = {name: getattr(person, name) for name in SOFT_FIELDS} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def changes(self) -> Mapping[str, Any]:
        """The fields that differ from what is registered."""
        return _differences(self.person, self.cleaned_data, SOFT_FIELDS)


def _differences(person: Person, cleaned: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: cleaned[name] for name in names if name in cleaned and cleaned[name] != getattr(person, name)}


class RevealForm(PurposeForm):
    """Why whole ID numbers are looked at."""
