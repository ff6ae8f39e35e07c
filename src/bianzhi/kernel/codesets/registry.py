"""The code sets there are, and their loading from the data files beside this module."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

from bianzhi.kernel.codesets.codeset import LIST_SEPARATOR, Code, CodeSet

OWN_COLUMNS: Final = frozenset({"code", "name", "valid_from", "valid_to", "parent", "identifier", "synonyms"})


class Source(NamedTuple):
    """What a set is called and where it comes from."""

    title: str
    standard: str


TRADE: Final = "编制通自定"

SETS: Final[Mapping[str, Source]] = MappingProxyType(
    {
        "sex": Source("性别", "GB/T 2261.1-2003"),
        "marital": Source("婚姻状况", "GB/T 2261.2-2003"),
        "health": Source("健康状况", "GB/T 2261.3-2003"),
        "personal_status": Source("个人身份", "GB/T 2261.4-2003"),
        "ethnicity": Source("民族", "GB/T 3304-1991"),
        "politics": Source("政治面貌", "GB/T 4762-1984"),
        "schooling": Source("学历", "GB/T 4658-2006"),
        "degree": Source("学位", "GB/T 6864-2003"),
        "position_rank": Source("职务层次", "GB/T 12407-2008"),
        "grade": Source("公务员职级", "公务员职务与职级并行规定（2019）"),
        "post_grade": Source("事业单位岗位等级", "事业单位岗位设置管理试行办法（2006）"),
        "organization_type": Source("机构类别", "机构编制实名制采集规范"),
        "institution_class": Source("事业单位类别", "中发〔2011〕5号"),
        "organization_nature": Source("机构性质", "机构编制实名制采集规范"),
        "organization_rank": Source("机构规格", "机构编制实名制采集规范，代码对应 GB/T 12407"),
        "funding_form": Source("经费形式", "机构编制实名制采集规范"),
        "person_identity": Source("人员身份", TRADE),
        "post_level": Source("领导职务层级", TRADE),
        "entry_mode": Source("入编方式", TRADE),
        "internal_mode": Source("内部调整方式", TRADE),
        "exit_mode": Source("出编方式", TRADE),
        "secondment_mode": Source("非占编变动方式", TRADE),
        "duty_state": Source("人员状态", TRADE),
        "off_duty_reason": Source("在编不在岗原因", TRADE),
        "non_quota_kind": Source("编外用工类别", TRADE),
        "lineage_kind": Source("机构沿革类别", TRADE),
        "problem_kind": Source("监督检查问题类别", TRADE),
        "retirement_category": Source("退休类别", "国务院关于渐进式延迟法定退休年龄的办法（2025）"),
    }
)


class UnknownCodeSet(KeyError):
    """There is no code set of that name."""


@cache
def codes(name: str) -> CodeSet:
    """The code set of that name, read once per process. Raises UnknownCodeSet."""
    if name not in SETS:
        raise UnknownCodeSet(name)
    text = files("bianzhi.kernel.codesets").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    title, standard = SETS[name]
    return CodeSet(name, title, [_entry(row) for row in csv.DictReader(text.splitlines())], source=standard)


def _entry(row: dict[str, str]) -> Code:
    return Code(
        code=row["code"],
        name=row["name"],
        parent=row["parent"],
        identifier=row.get("identifier", ""),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        synonyms=tuple(part for part in row.get("synonyms", "").split(LIST_SEPARATOR) if part),
        facts=MappingProxyType({column: text for column, text in row.items() if column not in OWN_COLUMNS}),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
