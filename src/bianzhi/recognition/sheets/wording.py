"""What offices write: the wording of 批复, 请示, 函, 通知, 纪要, 三定规定, 底册 and 简报 of an invented district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.recognition.sheets.paper import Form, Paper, Table, in_chinese

MEASURES: Final[Mapping[str, str]] = {
    "A1": "行政编制",
    "A2": "政法专项编制",
    "A3": "其他专项编制",
    "B1": "全额拨款事业编制",
    "B2": "差额拨款事业编制",
    "B3": "自收自支事业编制",
    "B4": "参照公务员法管理事业编制",
    "B5": "中小学教职工编制",
    "B6": "医疗卫生编制",
    "C1": "机关工勤编制",
    "C2": "机关其他编制",
    "D1": "周转编制",
    "D2": "人才专项编制",
    "E1": "备案员额",
    "E2": "编外用工控制数",
}
"""Types of quota as papers call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every document bears: who issues it under which number, on which day, about what."""

    issuer: str
    doc_no: str
    title: str
    dated_on: date
    classification: str = ""
    banner: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """So many of one type more (or, negative, fewer) for a unit, and how many it has afterwards."""

    measure: str
    delta: int
    after: int


def reply(header: Header, unit: str, change: Change, *, chief: int = 0, deputy: int = 0) -> Paper:
    """批复 of a change of quota; one that tells the posts too is copied to others and longer, the other fits a page."""
    name, count = MEASURES[change.measure], abs(change.delta)
    verb, kind = ("核增", "increase") if change.delta > 0 else ("核减", "decrease")
    body = [
        "你单位请示收悉。经研究，现批复如下：",
        f"一、同意{verb}{unit}{name}{count}名。调整后，{unit}核定{name}{change.after}名。",
    ]
    figures = {f"{kind}:{change.measure}": count, f"quota:{change.measure}": change.after}
    source = "区级预留编制" if change.delta > 0 else "原核定总量"
    if chief:
        figures |= {"post:org_chief": chief, "post:org_deputy": deputy}
        body += [
            f"二、{unit}领导职数核定为：正职{chief}名，副职{deputy}名。",
            f"三、所需编制在{source}中调剂解决，请及时办理实名制登记手续，严格按照核定的编制配备人员。",
        ]
    else:
        body.append(f"二、所需编制在{source}中调剂解决。")
    copies_to = "区财政局，区人力资源和社会保障局" if chief else ""
    body.append("此复。")
    return _paper(header, "批复", addressee=unit, body=tuple(body), unit=unit, figures=figures, copies_to=copies_to)


def notice_of_total(header: Header, addressee: str, measure: str, amount: int) -> Paper:
    """通知 by which the upper level gives a total."""
    name = MEASURES[measure]
    body = (
        f"根据全市机构编制总量管理有关规定，经市委编委研究，现下达你区{name}总量{amount}名，专项用于保障重点领域用编需求。",
        "请严格执行机构编制管理规定，在总量内统筹使用，不得突破。编制使用情况于每年1月底前报市委编办备案。",
    )
    return _paper(header, "通知", addressee=addressee, body=body, figures={f"quota:{measure}": amount})


def notice(header: Header, addressee: str, paragraphs: Sequence[str], *, attachments: Sequence[str] = ()) -> Paper:
    """通知 of anything else."""
    return _paper(
        header, "通知", addressee=addressee, body=tuple(paragraphs), attachments=tuple(attachments),
        copies_to="区委办公室，区政府办公室",
    )  # fmt: skip


def request(header: Header, addressee: str, unit: str, measure: str, count: int, *, signer: str) -> Paper:
    """请示 of a unit that wants more quota, signed by its head."""
    name = MEASURES[measure]
    body = (
        f"近年来，{unit}承担的工作任务持续增加，现有人员力量与所承担的职责任务不相适应。",
        "一、基本情况",
        f"单位现有内设机构6个，人员平均年龄43岁，三年内将有多人到龄退休，{name}已全部使用。",
        "二、请示事项",
        f"为保障工作正常开展，特申请增加{name}{count}名，专项用于补充业务骨干。",
        "妥否，请批示。",
    )
    return _paper(
        header, "请示", addressee=addressee, body=body, signer=signer, unit=unit,
        attachments=("人员编制使用情况表", "工作任务量测算说明"), note="联系人：综合科，电话：0570-0000000",
    )  # fmt: skip


def decision(header: Header, addressee: str, language: str, points: Sequence[str]) -> Paper:
    """通知 or 批复 of several points, numbered."""
    numbered = [f"{in_chinese(number)}、{point}" for number, point in enumerate(points, 1)]
    body = ("经研究，现将有关机构编制事项明确如下：", *numbered, "请按规定办理机构编制实名制登记和人员划转手续。")
    return _paper(header, language, addressee=addressee, body=body, copies_to="区财政局，区人力资源和社会保障局")


def letter(header: Header, addressee: str, paragraphs: Sequence[str]) -> Paper:
    """函 to a unit, in the form of a letter."""
    return _paper(header, "函", form=Form.LETTER, addressee=addressee, body=tuple(paragraphs), unit=addressee)


def minutes(header: Header, decisions: Sequence[str], present: Sequence[str]) -> Paper:
    """会议纪要: what was decided, and who was there."""
    day = header.dated_on
    body = (
        f"{day.year}年{day.month}月{day.day}日，{header.issuer}召开会议，研究机构编制有关事项。纪要如下：",
        *decisions,
        f"出席：{'、'.join(present)}。",
    )
    return _paper(
        header,
        "纪要",
        form=Form.MINUTES,
        body=body,
        persons=tuple(present),
        has_seal=False,
        copies_to="编委会各成员单位",
    )


def three_fix(header: Header, unit: str, amounts: Mapping[str, int], posts: Mapping[str, int]) -> Paper:
    """三定规定 of one unit: duties, internal bodies, quota and posts."""
    main = unit.split("区", 1)[-1] or unit
    quota = "，".join(f"{MEASURES[measure]}{number}名" for measure, number in amounts.items())
    body = (
        f"第一条　根据区级机构改革方案和有关规定，制定本规定。{unit}是区政府工作部门，贯彻落实党中央关于本领域工作的"
        "方针政策和决策部署，在履行职责过程中坚持和加强党的集中统一领导。",
        "第二条　主要职责是：",
        f"（一）贯彻执行{main}领域的法律法规和方针政策，起草有关规范性文件并组织实施。",
        "（二）负责编制本领域发展规划和年度计划，组织开展统计监测和分析评估。",
        "（三）负责本领域公共服务、行业管理和监督检查工作，指导镇乡街道开展有关工作。",
        "（四）负责本领域安全生产、信访稳定、队伍建设和信息化建设工作。",
        "（五）完成区委、区政府交办的其他任务。",
        "第三条　设下列内设机构：",
        "（一）办公室。负责机关日常运转，承担文电、会务、机要、档案、信访、政务公开等工作。",
        "（二）政策法规科。组织起草有关规范性文件，承担合法性审查、行政复议和行政应诉工作。",
        "（三）综合管理科。承担规划计划、统计分析、项目管理和预算执行工作。",
        "（四）监督检查科。承担行业监督检查、投诉举报受理和执法协调工作。",
        f"第四条　{unit}核定{quota}。",
        f"第五条　领导职数：正职{posts.get('org_chief', 0)}名，副职{posts.get('org_deputy', 0)}名；"
        f"内设机构正职{posts.get('body_chief', 0)}名，内设机构副职{posts.get('body_deputy', 0)}名。",
        "第六条　所属事业单位的设置、职责和编制事项另行规定。",
        "第七条　本规定由区委机构编制委员会办公室负责解释，其调整由区委机构编制委员会办公室按规定程序办理。",
        f"第八条　本规定自{header.dated_on.year}年{header.dated_on.month}月{header.dated_on.day}日起施行。",
    )
    figures = {f"quota:{measure}": number for measure, number in amounts.items()}
    figures |= {f"post:{level}": number for level, number in posts.items() if number}
    return _paper(header, "规定", body=body, unit=unit, figures=figures)


def register(header: Header, rows: Sequence[Sequence[str]]) -> Paper:
    """底册: every unit with what it was found to have, as a table over many pages."""
    table = Table(
        ("序号", "单位", "编制类别", "编制数", "领导职数"), tuple(map(tuple, rows)), (1.1, 6.0, 4.2, 1.6, 3.4)
    )
    body = ("根据机构编制实名制管理要求，经逐一核对批准文件和人员名册，各单位机构编制底数如下：", table)
    return _paper(header, "底册", body=body)


def bulletin(header: Header, paragraphs: Sequence[str]) -> Paper:
    """简报 in two columns; who made it and when stands under its number."""
    return _paper(header, "简报", form=Form.BULLETIN, body=tuple(paragraphs), has_seal=False)


def typed(header: Header, addressee: str, unit: str, measure: str, number: int, keywords: Sequence[str]) -> Paper:
    """A notice of the eighties, from the typewriter, with 主题词 at its foot."""
    body = (
        f"经研究，同意{unit}列为区属单位，核定{MEASURES[measure]}{number}名。",
        "所需人员在现有在册人员中调剂解决，不另增加人员指标。人员调配、经费列支和工资关系转移等事项，请与区财政、劳动人事部门联系办理。",
        "特此通知。",
    )
    return _paper(
        header, "通知", form=Form.TYPED, addressee=addressee, body=body, keywords=tuple(keywords), unit=unit,
        figures={f"quota:{measure}": number},
    )  # fmt: skip


def _paper(header: Header, language: str, **more: object) -> Paper:
    form = more.get("form", Form.DOCUMENT)
    banner = header.banner or {
        Form.DOCUMENT: f"{header.issuer}文件",
        Form.MINUTES: f"{header.issuer}会议纪要",
        Form.BULLETIN: "机构编制工作简报",
    }.get(form, header.issuer)  # type: ignore[call-overload]
    return Paper(
        language=language, banner=banner, doc_no=header.doc_no, title=header.title, issuer=header.issuer,
        dated_on=header.dated_on, classification=header.classification, **more,  # type: ignore[arg-type]
    )  # fmt: skip
