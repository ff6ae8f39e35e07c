"""Units: their names, what each department calls them, and the renamings and mergers between the months."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from random import Random

import pyarrow as pa

from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.reconciliation.generate.options import GenerateOptions

REGION = "330699"
UNITS_OF_A_DISTRICT = 400
FULL, DIFFERENCE, OWN = "财政全额拨款", "财政差额补助", "经费自理"
PLACE_FIRST = "云曹东道梁小松长上汤章下丰永驿盖谢岭陈丁百金龙鹤崇明秀春凤文滨城安平太新河石白青"
PLACE_LAST = "江安渡源溪港厦青泽泉桥湾和宁前山塘下城坪川华门亭德义水晖鸣澜海阳兴乐仓川浦堰马田"
PARTY = (
    "组织部", "宣传部", "统战部", "政法委", "编办", "巡察办", "机关工委", "信访局", "社会工作部", "党校", "办公室",
    "老干部局",
)  # fmt: skip
BUREAUS = {
    "发展和改革局": "发改局", "经济和信息化局": "经信局", "教育局": "教育局", "科学技术局": "科技局",
    "民政局": "民政局", "财政局": "财政局", "人力资源和社会保障局": "人社局", "自然资源和规划局": "资规局",
    "住房和城乡建设局": "住建局", "交通运输局": "交通局", "水利局": "水利局", "农业农村局": "农业局",
    "商务局": "商务局", "文化广电旅游局": "文旅局", "卫生健康局": "卫健局", "退役军人事务局": "退役局",
    "应急管理局": "应急局", "审计局": "审计局", "市场监督管理局": "市监局", "统计局": "统计局",
    "医疗保障局": "医保局", "综合行政执法局": "执法局", "数据局": "数据局", "司法局": "司法局", "公安局": "公安局",
    "生态环境局": "环保局",
}  # fmt: skip
BODIES = ["总工会", "团委", "妇女联合会", "科学技术协会", "残疾人联合会", "红十字会", "供销合作社联合社", "档案馆"]
INSTITUTIONS = {
    "人民医院": "人民医院", "中医医院": "中医院", "妇幼保健院": "妇保院", "疾病预防控制中心": "疾控中心",
    "图书馆": "图书馆", "博物馆": "博物馆", "融媒体中心": "融媒体", "社会保险事业管理中心": "社保中心",
    "公共就业服务中心": "就业中心", "不动产登记服务中心": "不动产中心", "农业技术推广中心": "农技中心",
    "机关事务服务中心": "机关事务中心", "殡仪馆": "殡仪馆", "公园管理处": "公园处", "粮食收储公司": "粮收公司",
}  # fmt: skip
PLACE_INSTITUTIONS = {
    "便民服务中心": "便民中心", "综合信息指挥室": "指挥室", "农业综合服务中心": "农综中心", "卫生院": "卫生院",
    "中心小学": "中心小学", "第一小学": "一小", "第二小学": "二小", "初级中学": "初中", "中学": "中学",
    "中心幼儿园": "中心幼儿园", "第二幼儿园": "二幼", "文化站": "文化站", "水利站": "水利站",
}  # fmt: skip
SHORT_SHARE = {"organization": 0.25, "hr": 0.3, "finance": 0.5}


@dataclass(slots=True)
class UnitRow:
    """A unit as the 编办 names it in either month, and how three departments write it."""

    idx: int
    name: str
    short: str
    name2: str
    short2: str
    code: str
    code2: str
    own_code: str
    nature: str
    funding: str
    merged_into: int | None = None
    has_short_organization: bool = False
    has_short_hr: bool = False
    has_short_finance: bool = False
    slow_organization: bool = False
    slow_hr: bool = False
    slow_finance: bool = False
    is_rounded: bool = False
    is_ambiguous: bool = False


def invented_units(options: GenerateOptions) -> list[UnitRow]:
    """So many units of invented districts."""
    draw = Random(f"{options.seed}/units")
    rows: list[UnitRow] = []
    for district, names in enumerate(_districts(draw)):
        for number, (name, short, nature) in enumerate(names, 1):
            if len(rows) == options.unit_count:
                return dressed(rows, options)
            index = len(rows)
            funding = FULL if nature == "organ" else draw.choices([FULL, DIFFERENCE, OWN], weights=[70, 20, 10])[0]
            code = credit_code(nature, index)
            own = f"A{district:03d}.{number:03d}"
            rows.append(UnitRow(index, name, short, name, short, code, code, own, nature, funding))
    return dressed(rows, options)


def credit_code(nature: str, number: int) -> str:
    """A sound unified social credit code of the region that was never issued."""
    return make_credit_code("2" if nature == "institution" else "1", REGION, number + 1).value


def dressed(rows: list[UnitRow], options: GenerateOptions) -> list[UnitRow]:
    """Decide who writes which unit short, which are renamed or merged, and whose file of numbers was rounded."""
    draw = Random(f"{options.seed}/writings")
    rates = options.events
    for row in rows:
        for source, share in SHORT_SHARE.items():
            setattr(row, f"has_short_{source}", draw.random() < share)
            setattr(row, f"slow_{source}", draw.random() < 0.6)
        row.is_rounded = draw.random() < 0.0002 * options.noise
        row.is_ambiguous = draw.random() < 0.005
        lot = draw.random()
        if lot < rates.units_renamed:
            _rename(row)
        elif lot < rates.units_renamed + rates.units_merged:
            row.merged_into = draw.choice(_neighbours(row, rows)).idx
    for row in rows:
        _merge(row, rows)
    return rows


def _neighbours(row: UnitRow, rows: list[UnitRow]) -> list[UnitRow]:
    first = row.idx - row.idx % UNITS_OF_A_DISTRICT
    return rows[first : first + UNITS_OF_A_DISTRICT]


def _rename(row: UnitRow) -> None:
    if row.nature == "organ":
        row.name2 = row.name.replace("局", "和改革局") if "局" in row.name else f"{row.name}（新设）"
    else:
        row.name2 = row.name.replace("中心", "事务中心") if "中心" in row.name else f"{row.name}（总部）"
    row.short2 = row.name2


def _merge(row: UnitRow, rows: list[UnitRow]) -> None:
    if row.merged_into is None:
        return
    target = rows[row.merged_into]
    if target.idx == row.idx or target.merged_into is not None or target.name2 != target.name:
        row.merged_into = None
        return
    row.name2, row.short2, row.code2 = target.name, target.short, target.code


def _districts(draw: Random) -> Iterator[list[tuple[str, str, str]]]:
    """District after district without end, each a list of (name, short form, nature)."""
    stems = [first + last for first in PLACE_FIRST for last in dict.fromkeys(PLACE_LAST)]
    draw.shuffle(stems)
    used: set[str] = set()
    for round_, stem in ((round_, stem) for round_ in range(100) for stem in stems):
        name = f"{stem}{'区县市'[round_ % 3]}"
        if name in used:
            name = f"新{name}"
        used.add(name)
        yield _units_of(draw, name, name[:-1], draw.sample(stems, 30))


def _units_of(draw: Random, district: str, stem: str, places: list[str]) -> list[tuple[str, str, str]]:
    units = [(f"中共{district}委{part}", f"{stem}{part}", "organ") for part in PARTY]
    units += [(f"{district}{full}", f"{stem}{short}", "organ") for full, short in BUREAUS.items()]
    units += [(f"{district}{body}", f"{stem}{body}", "like") for body in BODIES]
    units += [(f"{district}{full}", f"{stem}{short}", "institution") for full, short in INSTITUTIONS.items()]
    for number, place in enumerate(dict.fromkeys(places)):
        kind = "街道" if number < 7 else "镇"
        seat = f"{place}街道办事处" if number < 7 else f"{place}镇人民政府"
        units.append((f"{district}{seat}", f"{stem}{place}{kind}", "organ"))
        units += [
            (f"{district}{place}{kind}{full}", f"{stem}{place}{short}", "institution")
            for full, short in PLACE_INSTITUTIONS.items()
        ]
    draw.shuffle(units)
    return units[:UNITS_OF_A_DISTRICT]


def unit_table(rows: list[UnitRow]) -> pa.Table:
    """The rows as a table."""
    return pa.table({column.name: [getattr(row, column.name) for row in rows] for column in fields(UnitRow)})
