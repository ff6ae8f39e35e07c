"""What the cases of the demonstration are about: who asked for what, how long ago, and how far it has come."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, Final

from django.db.models import Exists, OuterRef

from bianzhi.demo.blocks import DISTRICT
from bianzhi.demo.people import PersonDraft, Population
from bianzhi.demo.structure import Structure
from bianzhi.kernel.retirement import YearMonth
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import Appointment, ApprovalSlot, DutyPeriod, Occupancy, SlotState
from bianzhi.supervision.selectors.locks import locks_on

MAIN_QUOTA: Final = {"财政局": "A1", "教育局": "A1", "第一高级中学": "B5", "第二高级中学": "B5", "人民医院": "B6"}
CLERKS: Final = {
    "财政局": "caizheng",
    "第一高级中学": "yizhong",
    "第二高级中学": "erzhong",
    "人民医院": "yiyuan",
}
OPEN_TO_ALL: Final = ("第二高级中学", "人民医院", "第一高级中学")
MOVABLE: Final = ("P01", "P02")
SETTLED_DAYS: Final = 365
"""Whoever came later does not leave again so soon."""
ENTERS: Final = {"B5": "I03", "B6": "I03", "A1": "I01"}
Form = Mapping[str, Any]


@dataclass(slots=True)
class Setting:
    """The district the stories happen in: its units by short name, who leaves it, which slots are used."""

    structure: Structure
    codes: Mapping[str, str]
    people: Population
    leaving: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def unit(self, short_name: str) -> Organization:
        """The unit of that name."""
        return self.structure.organizations[self.codes[short_name]]

    def member(self, short_name: str, day: date, *, leaves: bool) -> Occupancy | None:
        """Somebody of the unit on duty whom no story has leave: the youngest to leave, any other to stay.

        Those with a post last; None in a unit where nobody is left.
        """
        unit, quota_type = self.unit(short_name), MAIN_QUOTA[short_name]
        present = Occupancy.objects.as_of(day).filter(organization=unit, quota_type=quota_type, valid_to__isnull=True)
        present = present.filter(valid_from__lte=day - timedelta(days=SETTLED_DAYS))
        away = DutyPeriod.objects.open_ended().values("person_id")
        posts = Appointment.objects.open_ended().filter(person=OuterRef("person"))
        rows = present.exclude(person_id__in=self.leaving).exclude(person_id__in=away).annotate(has_post=Exists(posts))
        order = ("has_post", "-person__born_on", "pk") if leaves else ("has_post", "-pk")
        found = rows.select_related("person").order_by(*order).first()
        if found is not None and leaves:
            self.leaving.add(found.person_id)
        return found

    def place_of(self, story: "Story", day: date) -> str:
        """Where a story happens: another unit, if overdue exits lock its own (R13) and any unit would do."""
        if story.matter not in MOVABLE:
            return story.unit
        places = dict.fromkeys([story.unit, *OPEN_TO_ALL])
        return next((place for place in places if not locks_on(self.unit(place).pk, day)), story.unit)

    def newcomer(self, quota_type: str, day: date) -> PersonDraft:
        """Somebody the register does not know yet."""
        return self.people.on_quota(quota_type, day, 0.5, retires_after=YearMonth.of(day))

    def paper(self, agency: str, day: date, title: str, *, kind: str = "other", level: str = "other") -> dict[str, str]:
        """A document as a form holds it."""
        issuers = {"云编办核": "云江区委机构编制委员会办公室", "云编委": "云江区委机构编制委员会"}
        return {
            "doc_no": f"{agency}〔{day.year}〕{next(self.serial)}号",
            "title": title,
            "issuer": issuers.get(agency, f"{DISTRICT}{title.split('关于', maxsplit=1)[0] or '有关部门'}"),
            "issuer_level": level,
            "kind": kind,
            "issued_on": day.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Story:
    """One case: begun so many working days ago, a step each `pace` working days, until it stands at `until`.

    `until` is a step of its flow that stays open, "draft", or "" for the whole way. `twist` happens at that step
    instead: "return" sends it back to the applicant, "refuse" ends it, "withdraw" is the applicant's, "object" raises
    an objection to the 公示, "problem" is what 督查 finds.
    """

    matter: str
    unit: str
    begun: int
    form: Callable[[Setting, str, date], Form]
    until: str = ""
    twist: str = ""
    pace: int = 1
    score: int = 5
    by: str = ""


def leaving(mode: str = "O07", destination: str = "省外企业") -> Callable[[Setting, str, date], Form]:
    """P05: somebody has left."""

    def form(setting: Setting, unit: str, day: date) -> Form:
        member = setting.member(unit, day, leaves=True)
        document = setting.paper("云人批", day, f"{unit}关于同意辞职的批复")
        event_on = day - timedelta(days=2)
        facts = {
            "person": member.person_id if member else None,
            "exit_mode": mode,
            "event_on": event_on.isoformat(),
            "document": document,
        }
        return {**facts, "destination": destination, "reason": "本人申请，单位研究同意"}

    return form


def using(number: int = 1) -> Callable[[Setting, str, date], Form]:
    """P02: slots are asked for."""

    def form(setting: Setting, unit: str, day: date) -> Form:
        quota_type = MAIN_QUOTA[unit]
        row = {"quota_type": quota_type, "entry_mode": ENTERS[quota_type], "count": number}
        return {"items": [row], "reason": "一线岗位缺员，拟面向社会公开招聘"}

    return form


def entering(setting: Setting, unit: str, day: date) -> Form:
    """P03: somebody has arrived on a slot."""
    slots = ApprovalSlot.objects.filter(
        organization=setting.unit(unit),
        quota_type=MAIN_QUOTA[unit],
        state=SlotState.RESERVED,
        approval__valid_until__gt=day,
        approval__confirmed_on__lte=day,
        entry_mode=ENTERS[MAIN_QUOTA[unit]],
    )
    slot = slots.exclude(pk__in=setting.used).order_by("-pk").first()
    draft = setting.newcomer(MAIN_QUOTA[unit], day)
    if slot is not None:
        setting.used.add(slot.pk)
    return {
        "entry_mode": ENTERS[MAIN_QUOTA[unit]],
        "slot": slot.pk if slot else None,
        "name": draft.name,
        "id_number": draft.id_number,
        "identity": draft.identity,
        "started_work_on": draft.started_work_on.isoformat(),
        "politics": "13",
        "arrived_on": (day - timedelta(days=1)).isoformat(),
        "source": "公开招聘",
        "document": setting.paper("云人社聘", day - timedelta(days=1), f"{unit}关于公开招聘人员聘用的通知"),
    }


def changing(setting: Setting, unit: str, day: date) -> Form:
    """P11: when somebody began to work is put right."""
    member = setting.member(unit, day, leaves=False)
    began = (member.person.started_work_on if member else None) or day
    document = setting.paper("云人档", day, f"{unit}关于干部人事档案认定的通知")
    return {
        "person": member.person_id if member else None,
        "reason": "档案专项审核认定参加工作时间",
        "document": document,
        "new_started_work_on": (began + timedelta(days=31)).isoformat(),
    }


def moving(setting: Setting, unit: str, day: date) -> Form:
    """P04: a school takes somebody over from another."""
    there = "第二高级中学" if unit == "第一高级中学" else "第一高级中学"
    member = setting.member(there, day, leaves=True)
    return {
        "direction": "in",
        "other_unit": setting.unit(there).pk,
        "person_there": member.person_id if member else None,
        "mode": "T03",
        "place": "anew",
        "quota_type": MAIN_QUOTA[unit],
        "entry_mode": "I08",
        "reason": "学科教师结构性缺员",
        "document": setting.paper("云教调", day, "教育局关于商调教师的函"),
    }


def planning(setting: Setting, unit: str, day: date) -> Form:
    """P01: next year's plan of a school."""
    quota_type = MAIN_QUOTA[unit]
    row = {"quota_type": quota_type, "entry_mode": ENTERS[quota_type], "count": 1, "post_name": "专任教师"}
    return {"year": day.year + 1, "items": [row], "reason": "新学年扩班，学科教师不足"}


def employing(setting: Setting, unit: str, day: date) -> Form:
    """P19: somebody to help at the counter."""
    draft = setting.people.outside_quota(day)
    person = {
        "name": draft.name,
        "id_number": draft.id_number,
        "form": "labour_dispatch",
        "position": "窗口辅助",
        "since": day.isoformat(),
    }
    return {"act": "engage", "people": [person], "funding": "财政拨款", "reason": "办事窗口辅助力量不足"}


def bearing(setting: Setting, unit: str, day: date) -> Form:
    """P07-2: a nameplate is hung beside the door."""
    return {
        "unit": setting.unit(unit).pk,
        "nameplate": f"{DISTRICT}政府采购监管办公室",
        "reason": "理顺政府采购监管职责",
        "basis": "区委关于优化营商环境的部署",
    }


def inspected(setting: Setting, unit: str, day: date) -> Form:
    """P13: what an inspection has found."""
    return {
        "source": "inspection",
        "found_on": day.isoformat(),
        "findings": [
            {"kind": "Q10", "severity": "minor", "facts": "2 人信息与人事档案不一致"},
            {"kind": "Q11", "facts": "1 条台账批准文件未归档"},
        ],
        "measures": "逐人核对更正，补齐批准文件",
        "due_on": (day + timedelta(days=45)).isoformat(),
    }


STORIES: Final = (
    Story("P02", "第一高级中学", 40, using()),
    Story("P02", "第二高级中学", 38, using()),
    Story("P02", "人民医院", 36, using(2)),
    Story("P05", "财政局", 34, leaving()),
    Story("P11", "财政局", 30, changing, score=4),
    Story("P05", "第一高级中学", 29, leaving(), score=5),
    Story("P03", "第二高级中学", 28, entering),
    Story("P05", "人民医院", 27, leaving(), twist="problem", until="supervise"),
    Story("P03", "人民医院", 26, entering, score=4),
    Story("P11", "第二高级中学", 25, changing),
    Story("P05", "人民医院", 24, leaving(), until="review", twist="refuse"),
    Story("P13", "财政局", 23, inspected, by="ducha"),
    Story("P05", "第二高级中学", 22, leaving(), score=3),
    Story("P11", "人民医院", 20, changing, score=5),
    Story("P01", "第一高级中学", 18, planning, until="commission"),
    Story("P04", "第一高级中学", 18, moving),
    Story("P02", "第一高级中学", 16, using(), until="review"),
    Story("P05", "人民医院", 15, leaving(), until="feedback"),
    Story("P11", "第一高级中学", 14, changing, until="ratify"),
    Story("P13", "人民医院", 14, inspected, by="ducha", until="rectify"),
    Story("P05", "第二高级中学", 13, leaving(), until="feedback"),
    Story("P02", "人民医院", 12, using(), until="accept"),
    Story("P11", "财政局", 12, changing, until="accept", twist="return"),
    Story("P03", "第二高级中学", 11, entering, until="published", twist="object"),
    Story("P19", "财政局", 10, employing, until="joint"),
    Story("P05", "人民医院", 9, leaving(), until="ratify"),
    Story("P07-2", "财政局", 9, bearing, until="commission"),
    Story("P05", "第一高级中学", 8, leaving(), until="supervising", twist="withdraw"),
    Story("P03", "人民医院", 8, entering, until="published"),
    Story("P11", "第二高级中学", 7, changing, until="review"),
    Story("P04", "第二高级中学", 6, moving, until="joint"),
    Story("P05", "财政局", 5, leaving(), until="ratify"),
    Story("P02", "第二高级中学", 5, using(), until="supervising"),
    Story("P11", "人民医院", 4, changing, until="review"),
    Story("P05", "第二高级中学", 3, leaving(), until="accept"),
    Story("P05", "人民医院", 3, leaving(), until="supervising"),
    Story("P11", "财政局", 2, changing, until="unit_head"),
    Story("P05", "第一高级中学", 2, leaving(), until="supervising"),
    Story("P05", "财政局", 1, leaving(), until="unit_head"),
    Story("P11", "第一高级中学", 1, changing, until="draft"),
    Story("P02", "人民医院", 1, using(), until="draft"),
)
"""In the order they began; completed ones, overdue ones, and one waiting at every desk."""
