"""What kinds of unit the synthetic district has, how many, and how much quota (domain dossier §9).

The numbers are estimates for a district of about 800 000 people, not the statistics of any place.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from random import Random
from typing import Any

DISTRICT = "云江区"
REGION = "330699"
NAMES: dict[str, Any] = tomllib.loads(
    resources.files("bianzhi.demo.data").joinpath("names.toml").read_text(encoding="utf-8")
)
FORMER_NAMES: dict[str, str] = NAMES["former"]
NAMEPLATES: dict[str, str] = NAMES["nameplates"]


@dataclass(frozen=True, slots=True)
class Block:
    """One family of units under one node of the tree; `approved` and `occupied` are totals over the block."""

    number: int
    label: str
    names: Sequence[str]
    org_type: str
    quota_type: str
    approved: int
    occupied: int
    institution_class: str = ""
    rank: str = "141"
    tier: str = "district"
    under: str = ""
    female_share: float = 0.4
    spread: float = 0.35
    funding: str = "full"


@dataclass(slots=True)
class UnitPlan:
    """One unit to be made: what it is, where it hangs, what it is allotted and holds today."""

    code: str
    name: str
    short_name: str
    block: Block
    parent_code: str
    quota: dict[str, tuple[int, int]] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    caps: dict[str, tuple[int, int]] = field(default_factory=dict)


def _prefixed(names: Sequence[str], count: int) -> list[str]:
    return [f"{DISTRICT}{name}" for name in names[:count]]


def _schools(count: int) -> list[str]:
    kinds = ["中心小学", "初级中学", "中心幼儿园", "小学"]
    names = [f"{DISTRICT}{place}{kind}" for kind in kinds for place in NAMES["school_places"]]
    return [f"{DISTRICT}第一高级中学", f"{DISTRICT}第二高级中学", f"{DISTRICT}职业教育中心", *names][:count]


def _hospitals(count: int) -> list[str]:
    return [*_prefixed(NAMES["hospitals"], 10), *map(_health_centre, NAMES["towns"])][:count]


def _health_centre(town: str) -> str:
    is_rural = town[-1] in "镇乡"
    return f"{DISTRICT}{town[:-1]}卫生院" if is_rural else f"{DISTRICT}{town[:-2]}社区卫生服务中心"


def _public(count: int) -> list[str]:
    wards = ["", "东部", "西部"]
    return [f"{DISTRICT}{ward}{name}" for ward in wards for name in NAMES["public"]][:count]


def _town_institutions(count: int) -> list[str]:
    towns = NAMES["towns"][: max(1, (count + 3) // 4)]
    return [f"{DISTRICT}{town}{name}" for name in NAMES["town_institutions"] for town in towns][:count]


def blocks(size: str) -> list[Block]:
    """The families of units of a full or a small district; the small one has about a twelfth."""
    part = 1 if size == "full" else 12

    def n(count: int) -> int:
        return count if part == 1 else max(1, round(count / part))

    def q(count: int) -> int:
        return count // part

    towns = _prefixed(NAMES["towns"], n(20) if part == 1 else 3)
    return [
        Block(
            1,
            "区委部门",
            _prefixed(NAMES["party"], n(12) if part == 1 else 8),
            "10",
            "A1",
            q(260),
            q(248),
            female_share=0.38,
        ),
        Block(
            2,
            "区政府工作部门",
            _prefixed(NAMES["government"], n(26) if part == 1 else 17),
            "31",
            "A1",
            q(780),
            q(742),
            female_share=0.36,
        ),
        Block(
            3,
            "政法专项单位",
            _prefixed(["公安分局", "司法局"], 2),
            "31",
            "A2",
            q(920),
            q(905),
            female_share=0.18,
            spread=0.9,
        ),
        Block(4, "法院检察院", _prefixed(["人民法院"], 1), "50", "A2", q(130), q(127), female_share=0.45),
        Block(5, "法院检察院", _prefixed(["人民检察院"], 1), "51", "A2", q(80), q(77), female_share=0.45),
        Block(6, "人大政协民主党派", _prefixed(["人大常委会机关"], 1), "20", "A1", q(28), q(27), female_share=0.35),
        Block(7, "人大政协民主党派", _prefixed(["政协机关"], 1), "40", "A1", q(24), q(23), female_share=0.35),
        Block(8, "人大政协民主党派", _prefixed(["工商业联合会", "民主党派联合办公室"], 2), "60", "A1", q(23), q(22)),
        Block(9, "群团机关", _prefixed(NAMES["mass"], n(9)), "65", "A1", q(70), q(66), rank="141", female_share=0.55),
        Block(10, "乡镇街道", towns, "70", "A1", q(820), q(786), tier="township", female_share=0.36),
        Block(11, "开发区管委会", _prefixed(["经济技术开发区管委会", "滨海新区管委会"], 2), "75", "A1", q(90), q(84)),
        Block(
            12,
            "参公事业单位",
            _prefixed(NAMES["like"], n(25)),
            "80",
            "B4",
            q(420),
            q(398),
            "81",
            "142",
            female_share=0.45,
        ),
        Block(
            13,
            "乡镇街道事业单位",
            _town_institutions(n(70)),
            "80",
            "B1",
            q(1150),
            q(1020),
            "83",
            "151",
            "township",
            "towns",
            0.5,
        ),
        Block(
            14, "教育系统", _schools(n(130)), "80", "B5", q(8600), q(8310), "83", "192", "district", "教育局", 0.68, 0.5
        ),
        Block(
            15,
            "卫生系统",
            _hospitals(n(30)),
            "80",
            "B6",
            q(3900),
            q(3620),
            "84",
            "192",
            "district",
            "卫生健康局",
            0.66,
            0.9,
        ),
        Block(
            16,
            "其他事业单位",
            _public(n(90)),
            "80",
            "B1",
            q(1420),
            q(1270),
            "83",
            "151",
            "district",
            "departments",
            0.45,
        ),
        Block(
            17,
            "其他事业单位",
            [f"{name}服务中心" if part > 1 else name for name in _public(150)[90 : 90 + n(40)]] or _public(1),
            "80",
            "B2",
            q(560),
            q(500),
            "84",
            "151",
            "district",
            "departments",
            0.45,
            funding="partial",
        ),
        Block(
            18,
            "其他事业单位",
            [f"{DISTRICT}{name}" for name in NAMES["self_funded"][: n(20)]],
            "80",
            "B3",
            q(220),
            q(190),
            "85",
            "192",
            "district",
            "departments",
            0.4,
            funding="self",
        ),
    ]


def apportion(total: int, weights: Sequence[float], *, floor: int = 0) -> list[int]:
    """Share a whole number out by weights (largest remainder); every share is at least `floor`."""
    if not weights:
        return []
    rest = total - floor * len(weights)
    scale = rest / sum(weights)
    exact = [weight * scale for weight in weights]
    shares = [int(value) for value in exact]
    order = sorted(range(len(weights)), key=lambda i: shares[i] - exact[i])
    for index in order[: rest - sum(shares)]:
        shares[index] += 1
    return [share + floor for share in shares]


def unit_plans(size: str, draw: Random) -> list[UnitPlan]:
    """Every unit of the district with its quota, posts, bodies and caps."""
    plans: list[UnitPlan] = []
    parents = _Parents()
    for block in blocks(size):
        weights = [draw.lognormvariate(0, block.spread) for _ in block.names]
        approved = apportion(block.approved, weights, floor=min(3, block.approved // max(1, len(weights))))
        vacant = apportion(block.approved - block.occupied, [value**0.8 for value in approved])
        for index, name in enumerate(block.names):
            empty = min(vacant[index], approved[index])
            plan = UnitPlan(
                code=f"{REGION}{block.number:02d}{index + 1:03d}",
                name=name,
                short_name=name.removeprefix(DISTRICT),
                block=block,
                parent_code=parents.of(block, index),
            )
            plan.quota[block.quota_type] = (approved[index], approved[index] - empty)
            plan.posts, plan.bodies = _structure(block, approved[index])
            parents.note(plan)
            plans.append(plan)
    _add_workers(plans, draw, 60 if size == "full" else 6, 58 if size == "full" else 6)
    _add_pools_and_caps(plans, size)
    return plans


class _Parents:
    """Which unit or grouping node a unit hangs under."""

    def __init__(self) -> None:
        self.departments: dict[str, str] = {}
        self.towns: list[str] = []

    def note(self, plan: UnitPlan) -> None:
        if plan.block.number == 2:
            self.departments[plan.short_name] = plan.code
        if plan.block.org_type == "70":
            self.towns.append(plan.code)

    def of(self, block: Block, index: int) -> str:
        if block.under == "towns":
            return self.towns[index % len(self.towns)]
        if block.under == "departments":
            codes = list(self.departments.values())
            return codes[(index * 7 + block.number) % len(codes)]
        if block.under:
            return self.departments[block.under]
        return group_code(block.label)


def group_code(label: str) -> str:
    """Code of the tree's grouping node for a family of units."""
    return f"{REGION}G{GROUPS.index(label):02d}"


GROUPS = [
    "区委部门",
    "区政府工作部门",
    "政法专项单位",
    "法院检察院",
    "人大政协民主党派",
    "群团机关",
    "乡镇街道",
    "开发区管委会",
    "参公事业单位",
]


def _structure(block: Block, approved: int) -> tuple[dict[str, int], list[str]]:
    """Leadership posts and internal bodies a unit of this size would have (domain dossier §1.4)."""
    if block.org_type != "80":
        offices = NAMES["offices"][: max(2, min(len(NAMES["offices"]), approved // 5))]
        deputies = 2 if approved < 20 else 3 if approved < 60 else 4
        posts = {"org_chief": 1, "org_deputy": deputies, "body_chief": len(offices)}
        if approved >= 30:
            posts["body_deputy"] = len(offices) // 2
        return posts, ["领导", *offices]
    deputies = 1 if approved <= 10 else 2 if approved <= 50 else 3 if approved <= 100 else 4
    offices = NAMES["offices"][:3] if approved >= 40 else []
    posts = {"org_chief": 1, "org_deputy": deputies}
    if offices:
        posts["body_chief"] = len(offices)
    return posts, ["领导", *offices]


def _add_workers(plans: list[UnitPlan], draw: Random, approved: int, occupied: int) -> None:
    organs = [plan for plan in plans if plan.block.number in (1, 2)]
    chosen = draw.sample(organs, min(len(organs), 30 if approved > 10 else 3))
    shares = apportion(approved, [1.0] * len(chosen), floor=1)
    for index, (plan, share) in enumerate(zip(chosen, shares, strict=True)):
        plan.quota["C1"] = (share, share - (1 if index < approved - occupied else 0))


def _add_pools_and_caps(plans: list[UnitPlan], size: str) -> None:
    part = 1 if size == "full" else 12
    hospitals = [plan for plan in plans if plan.block.number == 15]
    schools = [plan for plan in plans if plan.block.number == 14]
    users = [*hospitals[:4], *schools[:4]] if part == 1 else [hospitals[0], schools[0]]
    for plan, share in zip(users, apportion(48 // part, [1.0] * len(users)), strict=True):
        kind = "D2" if plan.block.number == 15 else "D1"
        if share:
            plan.quota[kind] = (share, max(1, share - 1) if share > 2 else share)
    for plan, cap in zip(hospitals[:3], apportion(300 // part, [3.0, 2.0, 1.0][: len(hospitals[:3])]), strict=True):
        plan.caps["E1"] = (cap, int(cap * 0.87))
    organs = [plan for plan in plans if plan.block.org_type != "80"]
    caps = apportion(3000 // part, [float(plan.quota[plan.block.quota_type][0]) for plan in organs])
    for plan, cap in zip(organs, caps, strict=True):
        plan.caps["E2"] = (cap, int(cap * 0.927))
