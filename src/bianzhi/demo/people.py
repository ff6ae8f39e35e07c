"""Drawing people by lot: names, birth days, ID numbers, schooling, posts. None of them exists."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bianzhi.demo.blocks import REGION
from bianzhi.kernel.identifiers.id_number import make_id_number
from bianzhi.kernel.retirement import RetirementCategory, YearMonth, default_category, statutory_retirement

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND = ["欧阳", "上官", "司马", "诸葛", "夏侯", "令狐"]
GIVEN_MALE = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭晨龙博文轩泽海林峰建国志远思源家栋立新"
GIVEN_FEMALE = "芳娜秀英敏静丽艳娟霞燕玲婷慧莹雪琳梅倩颖洁云珊瑶怡佳欣悦萍蓉薇晓雅梦诗涵子萱若曦"
RARE_NAMES = ["王𬭎", "李㛃", "𠮷明远", "陈𫖯", "张𪻐然", "赵䶮"]
SCHOOLS = [
    "云江师范大学",
    "江南大学院",
    "东海医科大学",
    "浙东理工大学",
    "滨海学院",
    "华东政经大学",
    "江城农业大学",
    "明州大学院",
]
MAJORS = [
    "汉语言文学",
    "法学",
    "会计学",
    "行政管理",
    "临床医学",
    "护理学",
    "数学与应用数学",
    "计算机科学与技术",
    "土木工程",
    "农学",
    "英语",
    "学前教育",
]
TOWNS_OF_ORIGIN = ["浙江绍兴", "浙江宁波", "浙江杭州", "浙江嘉兴", "江苏苏州", "安徽黄山", "江西上饶", "浙江台州"]
ETHNICITIES = ["01"] * 97 + ["22", "15", "03"]


@dataclass(slots=True)
class PersonDraft:
    """One invented person with everything the register asks for."""

    name: str
    sex: str
    born_on: date
    id_number: str
    identity: str
    category: RetirementCategory
    started_work_on: date
    ethnicity: str
    native_place: str
    politics: str
    joined_party_on: date | None
    schooling: str
    degree: str
    school: str
    schooling_in_service: str
    grade: str
    post_category: str
    post_grade: str
    title: str
    rank: str = ""

    @property
    def retires(self) -> YearMonth:
        """The statutory month."""
        return statutory_retirement(YearMonth.of(self.born_on), self.category).month


IDENTITY_BY_QUOTA = {
    "A1": "civil_servant",
    "A2": "civil_servant",
    "A3": "civil_servant",
    "B4": "civil_service_like",
    "C1": "worker",
    "C2": "worker",
}


class Population:
    """Draws people; no two share an ID number."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._serials: Counter[tuple[date, str]] = Counter()
        self._births_by_retirement = _births_by_retirement()
        self._rare = list(RARE_NAMES)

    def on_quota(self, quota_type: str, entered: date, female_share: float, *, retires_after: YearMonth) -> PersonDraft:
        """Somebody who entered on that day, old enough then and not due to retire by `retires_after`."""
        identity = self._identity(quota_type)
        while True:
            sex = "2" if self._draw.random() < female_share else "1"
            born_on = self._birth_for_entry(entered)
            category = default_category(sex, identity)
            if statutory_retirement(YearMonth.of(born_on), category).month.ordinal > retires_after.ordinal:
                return self._complete(sex, born_on, identity, category, entered)

    def already_there(
        self, quota_type: str, start: date, female_share: float, *, retires_after: YearMonth
    ) -> PersonDraft:
        """Somebody who was on quota before the register began and is not due to retire by `retires_after`."""
        identity = self._identity(quota_type)
        while True:
            sex = "2" if self._draw.random() < female_share else "1"
            born_on = self._birth_of_serving(start)
            category = default_category(sex, identity)
            if statutory_retirement(YearMonth.of(born_on), category).month.ordinal > retires_after.ordinal:
                began = born_on + timedelta(days=int(365.25 * self._draw.uniform(19, 26)))
                return self._complete(sex, born_on, identity, category, min(began, start - timedelta(days=30)))

    def retiring_in(self, quota_type: str, month: YearMonth, female_share: float) -> PersonDraft:
        """Somebody whose statutory retirement falls exactly in that month."""
        identity = self._identity(quota_type)
        for _ in range(50):
            sex = "2" if self._draw.random() < female_share else "1"
            category = default_category(sex, identity)
            births = self._births_by_retirement[category, month.ordinal]
            if births:
                birth = self._draw.choice(births)
                born_on = date(birth.year, birth.month, self._draw.randint(1, 28))
                began = born_on + timedelta(days=int(365.25 * self._draw.uniform(18, 25)))
                return self._complete(sex, born_on, identity, category, began)
        raise LookupError(f"nobody can retire in {month}")

    def retired_by(self, quota_type: str, month: YearMonth, female_share: float) -> PersonDraft:
        """Somebody who retires in that month or the nearest earlier one in which anybody does.

        Ages rise in steps, so in some months nobody of either sex reaches the age.
        """
        for back in range(6):
            try:
                return self.retiring_in(quota_type, month.plus(-back), female_share)
            except LookupError:
                continue
        raise LookupError(f"nobody retires in the half-year up to {month}")

    def outside_quota(self, today: date) -> PersonDraft:
        """Somebody hired outside the quota within the last years."""
        born_on = date(
            self._draw.randint(today.year - 50, today.year - 23), self._draw.randint(1, 12), self._draw.randint(1, 28)
        )
        sex = "2" if self._draw.random() < 0.5 else "1"
        began = born_on + timedelta(days=int(365.25 * self._draw.uniform(18.5, 22.5)))
        return self._complete(sex, born_on, "other", default_category(sex, "other"), began)

    def _identity(self, quota_type: str) -> str:
        if quota_type in IDENTITY_BY_QUOTA:
            return IDENTITY_BY_QUOTA[quota_type]
        return self._draw.choices(
            ["institution_professional", "institution_management", "worker"], weights=[78, 16, 6]
        )[0]

    def _birth_for_entry(self, entered: date) -> date:
        age = self._draw.triangular(22, 40, 25)
        return _clean(entered - timedelta(days=int(age * 365.25)))

    def _birth_of_serving(self, start: date) -> date:
        if self._draw.random() < 0.3:
            year = int(self._draw.gauss(1969, 2.6))
        else:
            year = int(self._draw.triangular(start.year - 45, start.year - 23, start.year - 29))
        return date(min(year, start.year - 22), self._draw.randint(1, 12), self._draw.randint(1, 28))

    def _complete(
        self, sex: str, born_on: date, identity: str, category: RetirementCategory, began: date
    ) -> PersonDraft:
        draw = self._draw
        schooling, degree = draw.choices(
            [("21", "403"), ("14", "303"), ("31", ""), ("41", ""), ("11", "203")], weights=[62, 12, 20, 5, 1]
        )[0]
        is_member = draw.random() < (0.75 if identity.startswith("civil") else 0.35)
        adult = born_on + timedelta(days=int(365.25 * 20))
        post_category, post_grade = self._post(identity)
        return PersonDraft(
            name=self._name(sex),
            sex=sex,
            born_on=born_on,
            id_number=self._id_number(born_on, sex),
            identity=identity,
            category=category,
            started_work_on=max(began, born_on + timedelta(days=int(365.25 * 18))),
            ethnicity=draw.choice(ETHNICITIES),
            native_place=draw.choice(TOWNS_OF_ORIGIN),
            politics="01" if is_member else draw.choices(["13", "05", "07", "09"], weights=[92, 4, 2, 2])[0],
            joined_party_on=adult + timedelta(days=draw.randint(0, 2500)) if is_member else None,
            schooling=schooling,
            degree=degree,
            school=f"{draw.choice(SCHOOLS)}{draw.choice(MAJORS)}专业",
            schooling_in_service="21" if schooling in ("31", "41") and draw.random() < 0.6 else "",
            grade=self._grade(identity, born_on),
            post_category=post_category,
            post_grade=post_grade,
            title=draw.choice(["", "助理级", "中级", "副高级"]) if post_category == "P" else "",
        )

    def _name(self, sex: str) -> str:
        draw = self._draw
        if self._rare and draw.random() < 0.001:
            return self._rare.pop()
        surname = (
            draw.choice(COMPOUND)
            if draw.random() < 0.01
            else SURNAMES[min(int(draw.expovariate(0.045)), len(SURNAMES) - 1)]
        )
        pool = GIVEN_FEMALE if sex == "2" else GIVEN_MALE
        return surname + "".join(draw.choice(pool) for _ in range(1 if draw.random() < 0.22 else 2))

    def _id_number(self, born_on: date, sex: str) -> str:
        self._serials[born_on, sex] += 1
        serial = self._serials[born_on, sex] * 2 - (1 if sex == "1" else 0)
        if serial > 999:
            raise OverflowError(f"more than 499 people of one sex were born on {born_on}")
        return make_id_number(REGION, born_on, serial).value

    def _grade(self, identity: str, born_on: date) -> str:
        if not identity.startswith("civil"):
            return ""
        seniority = (date(2026, 1, 1) - born_on).days / 365.25
        if seniority > 50:
            return self._draw.choice(["researcher_4", "principal_clerk_1", "principal_clerk_2"])
        if seniority > 35:
            return self._draw.choice(["principal_clerk_1", "principal_clerk_2", "principal_clerk_3"])
        return self._draw.choice(["principal_clerk_4", "clerk_1", "principal_clerk_3"])

    def _post(self, identity: str) -> tuple[str, str]:
        if identity == "institution_professional":
            return "P", self._draw.choice(["P07", "P08", "P09", "P10", "P11", "P12"])
        if identity == "institution_management":
            return "G", self._draw.choice(["G07", "G08", "G09"])
        if identity == "worker":
            return "W", self._draw.choice(["W02", "W03", "W04"])
        return "", ""


def _births_by_retirement() -> dict[tuple[RetirementCategory, int], list[YearMonth]]:
    births: dict[tuple[RetirementCategory, int], list[YearMonth]] = defaultdict(list)
    for category in (RetirementCategory.M60, RetirementCategory.F55, RetirementCategory.F50):
        for month in _months(1950, 1985):
            births[category, statutory_retirement(month, category).month.ordinal].append(month)
    return births


def _months(first: int, last: int) -> Iterable[YearMonth]:
    return (YearMonth(year, month) for year in range(first, last + 1) for month in range(1, 13))


def _clean(day: date) -> date:
    return day.replace(day=min(day.day, 28))
