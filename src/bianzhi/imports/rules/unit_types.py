"""What sort of organisation a name speaks of: a table of endings and words, and 其他 where it is unclear.

Used for units that a file names without saying what they are. A wrong guess is worse than none: only names whose
ending is a matter of law or settled usage are decided.
"""

import re
from dataclasses import dataclass
from typing import Final

OTHER: Final = "90"
INSTITUTION: Final = "80"
CIVIL_SERVICE_LIKE: Final = "81"

_ANNOTATION: Final = re.compile(r"[（(]\s*(?:参公|参照公务员法管理(?:单位|事业单位)?|参照管理|参公单位)\s*[）)]")


@dataclass(frozen=True, slots=True)
class GuessedType:
    """Type and institution class; `reason` is the wording that decided, "" when nothing did."""

    org_type: str
    institution_class: str = ""
    reason: str = ""


RULES: Final[tuple[tuple[str, str, str], ...]] = (
    (r"人民法院|中级法院|高级法院", "50", ""),
    (r"人民检察院", "51", ""),
    (r"街道办事处|街道工作委员会|街道$", "71", ""),
    (r"(?:镇|乡|民族乡)(?:人民政府|党委|党政机关|机关)?$", "70", ""),
    (r"政法委员会|纪律检查委员会|监察委员会|纪委|监委|纪检监察组", "10", ""),
    (r"人民代表大会|人大常委会", "20", ""),
    (r"政治协商会议|政协", "40", ""),
    (r"总工会|共产主义青年团|共青团|妇女联合会|科学技术协会|残疾人联合会|归国华侨联合会|文学艺术(?:界)?联合会"
     r"|社会科学(?:界)?联合会|红十字会|法学会|计划生育协会|贸易促进", "65", ""),
    (r"工商业联合会|工商联|民主同盟|民主建国会|民主促进会|农工民主党|致公党|九三学社|国民党革命委员会", "60", ""),
    (r"(?:开发区|高新区|示范区|园区|新区|实验区|试验区|功能区|集聚区)(?:党工委)?(?:管理委员会|管委会)(?:机关)?$",
     "75", ""),
    (r"监狱|戒毒所|戒毒康复所|看守所|拘留所", "31", ""),
    (r"公安(?:厅|局|分局)|司法(?:厅|局|所)|市场监督管理所", "31", ""),
    (r"^中共.*(?:部|委员会|办公室|工作委员会|党校|局)(?:机关)?$", "10", ""),
    (r"党委(?:组织部|宣传部|统战部|办公室|社会工作部)", "10", ""),
    (r"委(?:组织部|宣传部|统战部|办公室|老干部局|社会工作部|巡察工作领导小组办公室)$", "10", ""),
    (r"(?:学校|小学|中学|幼儿园|大学|学院|医院|卫生院|卫生服务中心|图书馆|文化馆|博物馆|研究院|研究所|福利院)$",
     "80", ""),
    (r"(?:省|市|县|区|州|旗).{0,18}(?:厅|局|委员会|人民政府办公室|人民政府|政府办公室)(?:机关)?$", "31", ""),
)  # fmt: skip
"""Pattern → organisation type, institution class; the first that fits decides."""

_COMPILED: Final = tuple((re.compile(pattern), org_type, institution) for pattern, org_type, institution in RULES)


def guessed_type(name: str) -> GuessedType:
    """What a name alone says of a unit; 其他 (90) without a reason when it says nothing certain."""
    if _ANNOTATION.search(name):
        return GuessedType(INSTITUTION, CIVIL_SERVICE_LIKE, "参公")
    plain = plain_name(name)
    for pattern, org_type, institution in _COMPILED:
        if found := pattern.search(plain):
            return GuessedType(org_type, institution, found[0])
    return GuessedType(OTHER)


def plain_name(name: str) -> str:
    """The name without a remark on how its staff is managed: 「某县普查中心（参公）」 is 某县普查中心."""
    return _ANNOTATION.sub("", name).strip()


_AREA: Final = re.compile(r"^(?:中共|中国共产党)?(?P<area>[^省市县区]{1,7}?(?:省|县市|市|县(?!市)|区|旗(?!县)))(?=.)")


def area_of(name: str) -> str:
    """The administrative area a unit's name begins with, "" when it begins with none."""
    found = _AREA.match(name)
    return found["area"] if found else ""


def without_area(name: str) -> str:
    """What a district's own tables call its units: 云江区财政局 is 区财政局; "" for a name without an area."""
    area = area_of(name)
    return name[name.index(area) + len(area) - 1 :] if area else ""
