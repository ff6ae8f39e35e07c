"""What the departments head their columns with: any of the usual words, drawn by the seed."""

from random import Random

from bianzhi.reconciliation.sources import DEPARTMENTS, ESTABLISHMENT, FINANCE, HR, ORGANIZATION

FILE_NAMES = dict(DEPARTMENTS)

USUAL: dict[str, dict[str, list[str]]] = {
    ESTABLISHMENT: {
        "unit": ["所在单位", "单位名称", "编制所在单位"],
        "unit_code": ["统一社会信用代码", "单位代码"],
        "name": ["姓名", "人员姓名"],
        "sex": ["性别"],
        "id_number": ["身份证号", "公民身份号码", "身份证号码"],
        "birth": ["出生日期", "出生年月日"],
        "quota_type": ["编制类别", "编制类型", "占编类型"],
        "funding": ["经费形式", "经费来源"],
        "post": ["职务", "现任职务"],
        "since": ["入编时间", "列编时间"],
        "status": ["人员状态", "状态"],
    },
    ORGANIZATION: {
        "name": ["姓名", "干部姓名"],
        "sex": ["性别"],
        "birth": ["出生年月"],
        "id_number": ["公民身份号码", "身份证号", "身份证号码"],
        "unit": ["工作单位", "单位名称"],
        "unit_code": ["单位编码", "机构编码"],
        "post": ["现任职务", "职务"],
        "status": ["人员状态", "人员类别"],
    },
    HR: {
        "id_number": ["证件号码", "身份证件号码", "社会保障号码"],
        "name": ["姓名", "人员姓名"],
        "sex": ["性别"],
        "birth": ["出生日期"],
        "unit": ["单位名称", "用人单位"],
        "unit_code": ["统一社会信用代码", "单位代码"],
        "quota_type": ["编制类型", "编制性质", "编制类别"],
        "status": ["人员状态", "在职状态"],
        "since": ["参保时间", "参保日期"],
    },
    FINANCE: {
        "unit": ["单位名称", "预算单位"],
        "name": ["姓名", "人员姓名"],
        "id_number": ["身份证号码", "证件号码", "身份证号"],
        "funding": ["经费来源", "供给方式", "经费形式"],
        "pay": ["应发合计", "应发工资"],
    },
}


def headings(source: str, seed: int) -> dict[str, str]:
    """Heading of each roster column a department delivers, in the order of its own columns."""
    draw = Random(f"{seed}/headings/{source}")
    chosen: dict[str, str] = {}
    for column, words in USUAL[source].items():
        chosen[column] = draw.choice([word for word in words if word not in chosen.values()])
    return chosen
