"""Invented persons for measuring: the demo district's own draws, as rows of a roster."""

from datetime import date
from random import Random

from bianzhi.demo.people import Population
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.retirement import YearMonth
from bianzhi.ledger.rules.quota_types import quota_type

HEADINGS = [
    "单位名称",
    "姓名",
    "性别",
    "身份证号",
    "出生日期",
    "民族",
    "政治面貌",
    "参加工作时间",
    "学历",
    "编制类型",
    "入编时间",
    "人员身份",
    "备注",
]
ENTERED = date(2015, 7, 1)


def unit_name(index: int) -> str:
    """The unit of the index-th person: 50 units for any number of people."""
    return f"云江区基准第{index % 50 + 1}小学"


def rows_of_people(count: int) -> list[list[str]]:
    """That many rows, all different people, deterministic."""
    people = Population(Random(7))
    rows = []
    for index in range(count):
        person = people.already_there("B5", ENTERED, 0.6, retires_after=YearMonth(2026, 12))
        rows.append(
            [
                unit_name(index),
                person.name,
                codes("sex").label(person.sex),
                person.id_number,
                f"{person.born_on:%Y-%m-%d}",
                codes("ethnicity").label(person.ethnicity),
                codes("politics").label(person.politics),
                f"{person.started_work_on:%Y.%m}",
                codes("schooling").label(person.schooling),
                quota_type("B5").label,
                f"{person.started_work_on:%Y.%m}",
                codes("person_identity").label(person.identity),
                "",
            ]
        )
    return rows
