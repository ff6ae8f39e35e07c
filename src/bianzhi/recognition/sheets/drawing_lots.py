"""Documents of an invented district drawn by lot, each kind in turn, no two alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from bianzhi.recognition.sheets import wording
from bianzhi.recognition.sheets.making import DPI, Sheet, made
from bianzhi.recognition.sheets.paper import Paper
from bianzhi.recognition.sheets.wear import Wear
from bianzhi.recognition.sheets.wording import Change, Header

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN: Final = ("建华", "文静", "国平", "立新", "晓燕", "志远", "明辉", "海燕", "卫东", "丽萍", "俊杰", "雪梅")
PARAGRAPHS: Final = (
    "今年以来，区委编办坚持把机构编制资源作为重要政治资源和执政资源，严把总量关口，优化结构布局，推动编制资源向重点领域和基层一线倾斜。",
    "围绕教育资源布局调整，会同教育部门对全区中小学在校学生数逐校测算，按照生师比标准动态调整教职工编制，统筹解决城区学校缺编问题。",
    "在卫生健康领域，综合考虑服务人口、床位数量和业务工作量，对基层医疗卫生机构编制实行县域统筹、总量控制、动态调剂。",
    "深化事业单位改革，对职责任务萎缩、规模过小的单位予以整合，收回的空编全部纳入周转池管理，实行有借有还、定期评估。",
    "强化监督检查，对机构设置、编制使用、领导职数配备情况开展专项核查，发现的问题逐条建立清单，明确责任单位和整改时限。",
    "加快推进实名制管理信息化，实现机构编制数据与组织、人社、财政部门按月比对，做到底数清、情况明、变化准、反应快。",
    "各单位要严格执行编制使用核准制度，未经核准不得办理录用、聘用、调任手续，严禁超编进人、超职数配备干部。",
    "要落实档案管理责任，机构编制批准文件、会议纪要、人员增减审批材料应当在办结后三十日内归档，做到一单位一档、账实相符。",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The district the documents are of; all of it invented."""

    district: str = "云江区"
    code: str = "云"
    units: Sequence[tuple[str, str]] = (
        ("财政局", "A1"), ("教育局", "A1"), ("水利局", "A1"), ("审计局", "A1"), ("公安分局", "A2"), ("图书馆", "B1"),
        ("档案馆", "B4"), ("第一高级中学", "B5"), ("人民医院", "B6"), ("公证处", "B2"), ("规划设计院", "B3"),
    )  # fmt: skip
    first: date = date(2016, 1, 4)
    last: date = date(2026, 6, 30)

    @property
    def office(self) -> str:
        """The establishment office."""
        return f"{self.district[:-1]}区委机构编制委员会办公室"

    @property
    def commission(self) -> str:
        """The commission it serves."""
        return f"{self.district[:-1]}区委机构编制委员会"


@dataclass(slots=True)
class _Lot:
    """One draw: the district, the hand that draws, the number of the document."""

    facts: Facts
    draw: Random
    number: int

    def header(self, issuer: str, agency: str, title: str, *, classification: str = "") -> Header:
        span = (self.facts.last - self.facts.first).days
        day = self.facts.first + timedelta(days=self.draw.randrange(span))
        return Header(
            issuer=issuer, doc_no=f"{agency}〔{day.year}〕{self.number}号", title=title, dated_on=day,
            classification=classification,
        )  # fmt: skip

    def unit(self) -> tuple[str, str]:
        name, measure = self.draw.choice(list(self.facts.units))
        return f"{self.facts.district}{name}", measure

    def people(self, count: int) -> list[str]:
        return [f"{one}{self.draw.choice(GIVEN)}" for one in self.draw.sample(SURNAMES, count)]

    def text(self, count: int) -> list[str]:
        return self.draw.sample(PARAGRAPHS, count)


def sheets(
    seed: int, count: int, facts: Facts | None = None, *, wear: Wear | None = None, dpi: int = DPI
) -> Iterator[Sheet]:
    """`count` sheets, every kind in turn; each with the wear given, or with one drawn by lot. Raises NoFont."""
    draw = Random(seed)
    for number, paper in enumerate(papers(seed, count, facts)):
        yield made(paper, seed=seed + number, wear=wear or draw.choice(list(Wear)), dpi=dpi)


def papers(seed: int, count: int, facts: Facts | None = None) -> Iterator[Paper]:
    """The documents of those sheets, not drawn yet."""
    draw = Random(seed)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield kind(_Lot(facts or Facts(), draw, number + 1 + draw.randrange(40) * 20))


def _reply(lot: _Lot) -> Paper:
    unit, measure = lot.unit()
    delta = lot.draw.choice((1, 2, 3, 5, 8, -1, -2, -4))
    verb = "增加" if delta > 0 else "核减"
    header = lot.header(
        lot.facts.commission, f"{lot.facts.code}编", f"关于{verb}{unit}{wording.MEASURES[measure]}的批复"
    )
    posts = (1, lot.draw.randint(2, 4)) if lot.draw.random() < 0.5 else (0, 0)
    change = Change(measure, delta, lot.draw.randint(12, 90))
    return wording.reply(header, unit, change, chief=posts[0], deputy=posts[1])


def _request(lot: _Lot) -> Paper:
    unit, measure = lot.unit()
    agency = f"{lot.facts.code}{unit[len(lot.facts.district)]}"
    header = lot.header(unit, agency, f"关于要求增加{wording.MEASURES[measure]}的请示")
    return wording.request(header, lot.facts.office, unit, measure, lot.draw.randint(1, 6), signer=lot.people(1)[0])


def _notice(lot: _Lot) -> Paper:
    header = lot.header(lot.facts.office, f"{lot.facts.code}编办", "关于开展机构编制和实名制管理自查工作的通知")
    attachments = ("自查情况表", "问题清单")[: lot.draw.randint(0, 2)]
    return wording.notice(header, "区级机关各部门，各镇乡人民政府、街道办事处", lot.text(4), attachments=attachments)


def _letter(lot: _Lot) -> Paper:
    unit, _ = lot.unit()
    header = lot.header(lot.facts.office, f"{lot.facts.code}编办函", f"关于同意{unit}借调工作人员的函")
    months = lot.draw.choice((6, 12))
    text = (
        f"你单位来函收悉。经研究，同意借调工作人员{lot.draw.randint(1, 3)}名，借调期限{months}个月，期满后返回原单位。"
    )
    return wording.letter(header, unit, [text, *lot.text(1), "特此函复。"])


def _minutes(lot: _Lot) -> Paper:
    header = lot.header(lot.facts.commission, f"{lot.facts.code}编纪", "机构编制委员会会议纪要")
    decisions = [f"{figure}、{text}" for figure, text in zip("一二三", lot.text(3), strict=True)]
    return wording.minutes(header, [f"会议议定：{decisions[0]}", *decisions[1:]], lot.people(5))


def _three_fix(lot: _Lot) -> Paper:
    name = lot.draw.choice([name for name, measure in lot.facts.units if measure == "A1"])
    unit = f"{lot.facts.district}{name}"
    header = lot.header(lot.facts.office, f"{lot.facts.code}委办", f"{unit}职能配置、内设机构和人员编制规定")
    posts = {
        "org_chief": 1,
        "org_deputy": lot.draw.randint(2, 4),
        "body_chief": 4,
        "body_deputy": lot.draw.randint(1, 3),
    }
    amounts = {"A1": lot.draw.randint(14, 60), "C1": lot.draw.randint(1, 4)}
    return wording.three_fix(header, unit, amounts, posts)


def _register(lot: _Lot) -> Paper:
    header = lot.header(lot.facts.office, f"{lot.facts.code}编办登", "机构编制实名制建账底册")
    rows = [
        (str(number), f"{lot.facts.district}{name}", wording.MEASURES[measure], str(lot.draw.randint(5, 120)), "正1副2")
        for number, (name, measure) in enumerate([*lot.facts.units] * 4, 1)
    ]
    return wording.register(header, rows)


def _bulletin(lot: _Lot) -> Paper:
    header = lot.header(lot.facts.office, f"{lot.facts.code}编简", "优化编制资源配置　服务基层一线")
    return wording.bulletin(header, lot.text(7))


def _typed(lot: _Lot) -> Paper:
    unit, measure = lot.unit()
    day = date(1982 + lot.draw.randrange(12), lot.draw.randint(1, 12), lot.draw.randint(1, 28))
    header = Header(
        issuer=lot.facts.commission, doc_no=f"{lot.facts.code}编字〔{day.year}〕{lot.number}号",
        title=f"关于建立{unit}的通知", dated_on=day,
    )  # fmt: skip
    return wording.typed(header, unit, unit, measure, lot.draw.randint(5, 30), ("机构", "编制", "通知"))


def _marked(lot: _Lot) -> Paper:
    """A paper that must not come in (R27): kept as an entry of the catalogue only."""
    mark = lot.draw.choice(("秘密★10年", "机密★20年", "秘密"))
    header = lot.header(
        lot.facts.office, f"{lot.facts.code}编办", "关于报送专项编制有关情况的通知", classification=mark
    )
    return wording.notice(header, lot.facts.commission, lot.text(2))


KINDS: Final[tuple[Callable[[_Lot], Paper], ...]] = (
    _reply, _three_fix, _notice, _request, _letter, _minutes, _register, _bulletin, _typed, _marked,
)  # fmt: skip
