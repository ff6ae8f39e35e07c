"""T01 人员花名册: everybody on quota by unit, internal body and post; ID numbers masked."""

from collections.abc import Iterator
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.masking import mask_id_number
from bianzhi.personnel.models import Person
from bianzhi.personnel.rules.units import quota_label
from bianzhi.reports.definitions.base import Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import QUOTA_TYPE, UNIT, narrowed
from bianzhi.reports.selectors.roster import Line, Roster, roster
from bianzhi.reports.selectors.units import Units

COLUMNS: Final = (
    Column("number", "序号", "number", width=6),
    Column("unit", "单位", width=26),
    Column("body", "内设机构", width=16),
    Column("name", "姓名", width=10, heads=True),
    Column("sex", "性别", width=6),
    Column("ethnicity", "民族", width=8),
    Column("birth", "出生年月", "month"),
    Column("id_number", "身份证号", width=20),
    Column("politics", "政治面貌", width=12),
    Column("started_work", "参加工作", "month"),
    Column("full_time", "全日制", group="学历学位", width=18),
    Column("in_service", "在职", group="学历学位", width=18),
    Column("position", "职务", width=16),
    Column("grade", "职级（岗位等级）", width=14),
    Column("post_since", "任现职时间", "month"),
    Column("quota", "编制类型", width=16),
    Column("funding", "经费形式", width=12),
    Column("entered", "入编时间", "day"),
    Column("document", "入编文号", width=20),
    Column("mode", "进入形式", width=14),
    Column("remark", "备注", width=16),
)
REMARKS: Final = (
    "按机构树、内设机构、职务排序。出生年月以档案认定的为准；人员的学历、职级等为现登记内容。身份证号按权限掩码。",
)


def build(query: Query) -> Table:
    """The roster of the query's units, or its window; four queries and two for each 500 people."""
    units = Units.on(query.day)
    wanted = query.chosen(QUOTA_TYPE)
    found = roster(narrowed(query, units), query.day, units, quota_types=(wanted,) if wanted else ())
    total = Row({"unit": "合计", "name": f"{len(found.ids)} 人"}, kind=RowKind.TOTAL)
    return Table(COLUMNS, _rows(query, units, found), len(found.ids), [total], REMARKS, of_persons=True)


def _rows(query: Query, units: Units, found: Roster) -> Iterator[Row]:
    start = query.window[0] if query.window else 0
    for number, line in enumerate(found.lines(query.window), start=start + 1):
        yield _row(query, units, number, line)


def _row(query: Query, units: Units, number: int, line: Line) -> Row:
    occupancy, person, post = line.occupancy, line.occupancy.person, line.appointment
    unit_id = occupancy.organization_id
    values: dict[str, Value] = {
        "number": number,
        "unit": units.name(unit_id),
        "body": line.body,
        "name": person.name,
        "sex": codes("sex").label(person.sex),
        "ethnicity": codes("ethnicity").label(person.ethnicity),
        "birth": person.certified_born_on or person.born_on,
        "id_number": person.id_number if query.revealed else mask_id_number(person.id_number),
        "politics": codes("politics").label(person.politics),
        "started_work": person.started_work_on,
        "full_time": _education(person.schooling_full_time, person.degree_full_time),
        "in_service": _education(person.schooling_in_service, person.degree_in_service),
        "position": post.position if post else "",
        "grade": _grade(person),
        "post_since": post.valid_from if post else None,
        "quota": quota_label(occupancy.quota_type),
        "funding": codes("funding_form").label(units[unit_id].funding_form) if unit_id in units else "",
        "entered": occupancy.valid_from,
        "document": occupancy.entry_document.doc_no,
        "mode": codes("entry_mode").label(occupancy.entry_mode),
        "remark": _remark(line),
    }
    # A sheet of 20 000 people has no links, and resolving that many addresses takes longer than writing them.
    if query.window is None:
        return Row(values)
    return Row(values, {"name": query.links.person(person.pk), "unit": query.links.unit(unit_id)})


def _education(schooling: str, degree: str) -> str:
    return " ".join(filter(None, (codes("schooling").label(schooling), codes("degree").label(degree))))


def _grade(person: Person) -> str:
    for name, code in (("grade", person.grade), ("post_grade", person.post_grade)):
        if code:
            return codes(name).label(code)
    return ""


def _remark(line: Line) -> str:
    parts = [f"兼{position}" for position in line.concurrent]
    if line.appointment is not None and line.appointment.is_high_rank:
        parts.append("高配")
    if line.occupancy.over_quota:
        parts.append("超编在册")
    if line.occupancy.term_until is not None:
        parts.append(f"期限至 {line.occupancy.term_until}")
    if line.occupancy.person.remark:
        parts.append(line.occupancy.person.remark)
    return "；".join(parts)


REPORT = Report(
    code="T01",
    title="人员花名册",
    description="在编人员名册，按单位、内设机构、职务排列，可回看任一日期。",
    build=build,
    choices=[UNIT, QUOTA_TYPE],
    paged=True,
    has_id_numbers=True,
    permission="personnel.view",
)
