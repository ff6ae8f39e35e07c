"""Who leads: which of the present people hold the posts, and in which internal body everybody sits."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from bianzhi.demo.blocks import UnitPlan
from bianzhi.demo.scenario import Scenario, Stay

EXCESS_POSTS = 3
FILLED = 0.93
LEADERS = 0


@dataclass(frozen=True, slots=True)
class Post:
    """A leadership post one person holds; `body` is the index of the internal body in the unit's plan."""

    level: str
    body: int
    exceeds: bool = False


@dataclass(slots=True)
class Seating:
    """The post of each leader and the internal body of everybody, by stay."""

    draw: Random
    posts: dict[int, Post] = field(default_factory=dict)

    def body_of(self, stay: Stay) -> int | None:
        """Index of the stay's internal body; None in units without bodies."""
        post = self.posts.get(id(stay))
        if post is not None:
            return post.body
        return self.draw.randrange(1, len(stay.unit.bodies)) if len(stay.unit.bodies) > 1 else None


def draw_seating(scenario: Scenario) -> Seating:
    """Fill about 93 % of the posts with the senior people; three bureaus get one deputy too many (W03)."""
    present: dict[str, list[Stay]] = defaultdict(list)
    for stay in scenario.stays:
        if stay.end is None and not stay.over_quota:
            present[stay.unit.code].append(stay)
    seating = Seating(scenario.draw)
    excess = 0
    for plan in scenario.units:
        candidates = sorted(present[plan.code], key=lambda stay: stay.person.born_on)
        over = excess < EXCESS_POSTS and plan.block.number == 2 and len(candidates) > 15
        excess += over
        _lead(seating, plan, candidates[len(candidates) // 8 :], over=over)
    return seating


def _lead(seating: Seating, plan: UnitPlan, candidates: list[Stay], *, over: bool) -> None:
    queue = iter(candidates)
    offices = max(1, len(plan.bodies) - 1)
    for level, count in plan.posts.items():
        always = over or level == "org_chief"
        filled = count if always else sum(seating.draw.random() < FILLED for _ in range(count))
        for index in range(filled):
            stay = next(queue, None)
            if stay is not None:
                body = 1 + index % offices if level.startswith("body") else LEADERS
                seating.posts[id(stay)] = Post(level, body)
    stay = next(queue, None)
    if over and stay is not None:
        seating.posts[id(stay)] = Post("org_deputy", LEADERS, exceeds=True)
