"""How the fields of findings are called in Chinese."""

from typing import Final

FIELDS: Final = {
    "doc_no": "文件编号",
    "title": "题名",
    "responsible": "责任者",
    "addressee": "主送",
    "dated_on": "成文日期",
    "classification": "密级",
    "signer": "签发人",
    "attachments": "附件",
    "keywords": "主题词",
    "persons": "人名",
    "language": "文种",
    "unit": "所属单位",
}
KINDS: Final = {"quota": "核定", "increase": "核增", "decrease": "核减", "post": "职数"}
MEASURES: Final = {
    "A1": "行政编制",
    "A2": "政法专项编制",
    "A3": "其他专项编制",
    "B1": "事业编制（全额）",
    "B2": "事业编制（差额）",
    "B3": "事业编制（自理）",
    "B4": "参公事业编制",
    "B5": "中小学教职工编制",
    "B6": "医疗卫生编制",
    "B": "事业编制（经费形式未写明）",
    "C1": "机关工勤编制",
    "C2": "机关其他编制",
    "D1": "周转编制",
    "D2": "人才专项编制",
    "E1": "备案员额",
    "E2": "编外用工控制数",
    "any": "编制（类别未写明）",
    "org_chief": "正职",
    "org_deputy": "副职",
    "body_chief": "内设机构正职",
    "body_deputy": "内设机构副职",
    "other_leader": "其他领导职务",
}


def label(field: str) -> str:
    """The name of a field: 「文件编号」, 「核增行政编制」; the field itself for one nobody knows."""
    kind, _, measure = field.partition(":")
    if measure:
        return f"{KINDS.get(kind, kind)}{MEASURES.get(measure, measure)}"
    return FIELDS.get(field, field)


def is_figure(field: str) -> bool:
    """Whether a field is a number of quota or posts."""
    return field.partition(":")[0] in KINDS and ":" in field
