"""人员信息: everybody on quota on the shown day, or everybody who has left by it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpResponseBase
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.common.field_classes import FieldClass
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.lists.filters import Filter, Rows
from bianzhi.common.web.tones import tone_of
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.people import (
    duties_on,
    former_rows,
    lent_on,
    on_quota_rows,
    positions_on,
    with_duty,
)
from bianzhi.personnel.selectors.retirements import retirement_month
from bianzhi.personnel.web.filters import DayChoiceFilter, RetiringFilter, UnitFilter, by_id_number, named
from bianzhi.personnel.web.links import document_url, person_url
from bianzhi.personnel.web.words import age_on, grade_words, quota_choices, schooling_words, states_of

LEFT = "left"
STATES = [
    (code, codes("duty_state").label(code))
    for code in ("on_quota_on_duty", "on_quota_probation", "on_quota_seconded_out", "on_quota_off_duty", "over_quota")
]
AGES = {
    "25": ("25 岁及以下", 0, 25),
    "30": ("26—30 岁", 26, 30),
    "35": ("31—35 岁", 31, 35),
    "40": ("36—40 岁", 36, 40),
    "45": ("41—45 岁", 41, 45),
    "50": ("46—50 岁", 46, 50),
    "54": ("51—54 岁", 51, 54),
    "59": ("55—59 岁", 55, 59),
    "60": ("60 岁及以上", 60, 150),
}
SCHOOLING = {"1": "研究生", "2": "大学本科", "3": "大学专科", "4": "中专、高中及以下"}


def of_age(rows: Rows, band: str, day: date) -> Rows:
    """Persons whose full years of age on the day lie in the band."""
    _, youngest, oldest = AGES[band]
    return rows.filter(
        person__born_on__lte=_years_before(day, youngest), person__born_on__gt=_years_before(day, oldest + 1)
    )


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def with_schooling(rows: Rows, level: str) -> Rows:
    """Persons whose higher one of full-time and in-service schooling is of the level."""
    digits = {"4": "45678"}.get(level, level)
    higher = "123"[: int(level) - 1]
    held = Q(person__schooling_full_time__regex=f"^[{digits}]") | Q(person__schooling_in_service__regex=f"^[{digits}]")
    rows = rows.filter(held)
    if not higher:
        return rows
    return rows.exclude(person__schooling_full_time__regex=f"^[{higher}]").exclude(
        person__schooling_in_service__regex=f"^[{higher}]"
    )


def _states(row: Any) -> SafeString:
    return format_html_join(
        " ", '<span class="tag tag-{}">{}</span>', ((tone_of(word).value, word) for word in row.states)
    )


def _entry_document(row: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', document_url(row.entry_document), row.entry_document.doc_no)


class PeopleList(ListPage):
    """The roster (T01) as a list: rows are occupancies with their persons."""

    key = "personnel.people"
    title = "人员信息"
    noun = "人"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "姓名", "person.name", order="person__name_initials", link=person_url, width=12),
        Column("sex", "性别", lambda row: codes("sex").label(row.person.sex), order="person__sex", width=6),
        Column("ethnicity", "民族", lambda row: codes("ethnicity").label(row.person.ethnicity), shown=False, width=8),
        Column("born", "出生年月", "person.born_on", kind="month", order="person__born_on", width=10),
        Column("age", "年龄", "age", kind="number", order="-person__born_on", shown=False, width=6),
        Column("id_number", "身份证号", "person.id_number", field_class=FieldClass.IDENTITY, shown=False, width=22),
        Column("unit", "单位", "unit_name", order=("unit_code", "body_sort"), width=30),
        Column("body", "内设机构", "body_name", order="body_sort", width=18),
        Column("position", "职务", "position", width=22),
        Column("grade", "职级（岗位等级）", lambda row: grade_words(row.person), width=16),
        Column("quota_type", "编制类型", lambda row: quota_label(row.quota_type), order="quota_type", width=16),
        Column("identity", "人员身份", lambda row: codes("person_identity").label(row.person.identity), shown=False),
        Column("politics", "政治面貌", lambda row: codes("politics").label(row.person.politics), shown=False),
        Column("started", "参加工作", "person.started_work_on", kind="month", order="person__started_work_on",
               shown=False),
        Column("schooling", "学历", lambda row: schooling_words(row.person), width=14),
        Column("schooling_full_time", "全日制学历",
               lambda row: codes("schooling").label(row.person.schooling_full_time), shown=False),
        Column("degree_full_time", "全日制学位", lambda row: codes("degree").label(row.person.degree_full_time),
               shown=False),
        Column("schooling_in_service", "在职学历",
               lambda row: codes("schooling").label(row.person.schooling_in_service), shown=False),
        Column("degree_in_service", "在职学位", lambda row: codes("degree").label(row.person.degree_in_service),
               shown=False),
        Column("entered", "入编时间", "valid_from", kind="date", order="valid_from", width=12),
        Column("entry_document", "入编文号", "entry_document.doc_no", render=_entry_document, shown=False, width=24),
        Column("entry_mode", "进入形式", lambda row: codes("entry_mode").label(row.entry_mode), shown=False),
        Column("retires", "退休年月", "retires", shown=False, width=10),
        Column("phone", "联系电话", "person.phone", field_class=FieldClass.CONTACT, shown=False, width=14),
        Column("exit", "出编", "exit_words", shown=False, width=24),
        Column("state", "状态", lambda row: "、".join(row.states), render=_states, width=14),
        Column("remark", "备注", "person.remark", shown=False, width=24),
    )  # fmt: skip
    filters: ClassVar[Sequence[Filter]] = (
        UnitFilter(key="unit", label="单位（含下级）"),
        ChoiceFilter(key="quota_type", label="编制类型", choices=quota_choices(), narrow="quota_type"),
        DayChoiceFilter(
            key="state",
            label="状态",
            choices=[*STATES, (LEFT, "已出编人员")],
            by_day=lambda rows, state, day: rows if state == LEFT else with_duty(rows, state, day),
        ),
        ChoiceFilter(key="sex", label="性别", choices=[("1", "男"), ("2", "女")], narrow="person__sex", more=True),
        DayChoiceFilter(
            key="age", label="年龄", choices=[(key, words[0]) for key, words in AGES.items()], by_day=of_age, more=True
        ),
        ChoiceFilter(key="schooling", label="学历", choices=SCHOOLING.items(), narrow=with_schooling, more=True),
        ChoiceFilter(
            key="identity",
            label="人员身份",
            choices=codes("person_identity").choices(),
            narrow="person__identity",
            more=True,
        ),
        DateRangeFilter(key="entered", label="入编时间", field="valid_from", more=True),
        RetiringFilter(key="retiring", label="退休年月", more=True),
        TextFilter(key="id", label="身份证号（完整）", narrow=by_id_number, more=True),
    )
    search_fields = ("person__name",)
    search_hint = "姓名、拼音首字母、身份证号"
    ordering: ClassVar[Sequence[str]] = ("unit_code", "body_sort", "person_id")
    export_permission = "reports.export"
    template = "personnel/people.html"
    empty_title = "还没有人员"
    empty_text = "可以先导入人员花名册，或凭用编核准单办理入编。"

    def search(self, rows: Rows, text: str) -> Rows:
        """By name, initials or the whole ID number."""
        return named(rows, text)

    @property
    def shows_left(self) -> bool:
        """Whether the list shows those who have left."""
        return self.request.GET.get("state") == LEFT

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Position, duty state and retirement month of one page of persons, in four queries."""
        return dressed(rows, self.request.as_of, left=self.shows_left)

    def row_css(self, row: Any) -> str:
        """Those who have left stand pale."""
        return "is-past" if self.shows_left else ""


def dressed(rows: list[Any], day: date, *, left: bool = False) -> list[Any]:
    """Occupancies with what the roster shows beside them: position, states, age, month of retirement."""
    persons = [row.person_id for row in rows]
    duties, lent = duties_on(persons, day), lent_on(persons, day)
    positions = positions_on(persons, day)
    nameless = [row.organization_id for row in rows if row.unit_name is None]
    names = names_on(nameless, day) if nameless else {}
    for row in rows:
        row.position = "、".join(each.position for each in positions.get(row.person_id, []))
        row.states = states_of(row, duties.get(row.person_id), lent.get(row.person_id), day, left=left)
        row.age = age_on(row.person.born_on, day)
        month = retirement_month(row.person)
        row.retires = f"{month.year}.{month.month:02d}" if month else ""
        row.exit_words = _exit_words(row) if left else ""
        if row.unit_name is None and row.organization_id in names:
            row.unit_name = names[row.organization_id]
    return rows


def _exit_words(row: Occupancy) -> str:
    last_day = row.valid_to - timedelta(days=1) if row.valid_to else ""
    return f"{codes('exit_mode').label(row.exit_mode)} {last_day}"


def roster_rows(request: PageRequest) -> Rows:
    """The rows within the user's scope: on quota on the shown day, or those who left if they are asked for."""
    source = former_rows if request.GET.get("state") == LEFT else on_quota_rows
    return restrict(source(request.as_of), request.user, day=request.as_of)


@page("personnel.view")
@require_safe
def people(request: PageRequest) -> HttpResponseBase:
    """人员信息."""
    return PeopleList(request, roster_rows(request)).respond()
