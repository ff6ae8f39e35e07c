"""What else is on record about people: posts, duty, secondments, work outside the quota."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from bianzhi.audit.models import SealedModel
from bianzhi.demo.anomalies import overdue_secondments
from bianzhi.demo.blocks import UnitPlan
from bianzhi.demo.leadership import Post
from bianzhi.demo.papers import APPOINTING, COMMISSION, HIRING, OFFICE, Papers, moment
from bianzhi.demo.roster import Roster, person_row
from bianzhi.demo.scenario import Scenario, Stay
from bianzhi.personnel.models import Appointment, DutyPeriod, Engagement, Person, Secondment
from bianzhi.personnel.rules.opening import excess_last
from bianzhi.personnel.services.opening import BATCH

RANKS = {"org_chief": "141", "org_deputy": "142"}


@dataclass(slots=True)
class Extras:
    """Rows that stand beside the occupancies."""

    scenario: Scenario
    roster: Roster
    papers: Papers
    appointments: list[Appointment] = field(default_factory=list)
    duties: list[DutyPeriod] = field(default_factory=list)
    secondments: list[Secondment] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)

    def draw_up(self) -> None:
        """Make all of them."""
        present: dict[str, list[Stay]] = defaultdict(list)
        for stay in self.scenario.stays:
            if stay.end is None:
                present[stay.unit.code].append(stay)
        for stay in self.scenario.stays:
            post = self.roster.seating.posts.get(id(stay))
            if post is not None:
                self._appoint(stay, post)
        self._duties()
        self._secondments(present)
        self._engage()

    def save(self) -> list[SealedModel]:
        """Insert everything; returns the rows for sealing."""
        outsiders = [engagement.person for engagement in self.engagements]
        Person.objects.bulk_create(outsiders, batch_size=BATCH)
        for group in excess_last(self.appointments, lambda appointment: appointment.exceeds_posts):
            Appointment.objects.bulk_create(group, batch_size=BATCH)
        DutyPeriod.objects.bulk_create(self.duties, batch_size=BATCH)
        Secondment.objects.bulk_create(self.secondments, batch_size=BATCH)
        Engagement.objects.bulk_create(self.engagements, batch_size=BATCH)
        return [*outsiders, *self.appointments, *self.duties, *self.secondments, *self.engagements]

    def _appoint(self, stay: Stay, post: Post) -> None:
        plan, occupancy = stay.unit, self.roster.occupancy_of[id(stay)]
        earliest = max(occupancy.valid_from, self.scenario.today - timedelta(days=2600))
        span = max(1, (self.scenario.today - earliest).days)
        begun = earliest + timedelta(days=self.scenario.draw.randrange(span))
        high = post.level == "org_deputy" and self.scenario.draw.random() < 0.01
        rank = RANKS.get(post.level, "150") if plan.block.org_type != "80" else ""
        self.appointments.append(
            Appointment(
                person=occupancy.person,
                organization=occupancy.organization,
                internal_body=occupancy.internal_body,
                position=position(plan, post.level, plan.bodies[post.body]),
                post_level=post.level,
                rank_code="141" if high else rank,
                is_high_rank=high,
                exceeds_posts=post.exceeds,
                basis_document=self.papers.of(COMMISSION, begun, f"关于{plan.short_name}干部高配的批复")
                if high
                else None,
                document=self.papers.of(APPOINTING, begun, f"关于干部任职的通知（{begun.year}年{begun.month}月）"),
                valid_from=begun,
                recorded_at=moment(max(begun, self.scenario.start)),
            )
        )

    def _duties(self) -> None:
        """Probation in the first year, and a handful of people long away."""
        draw, today = self.scenario.draw, self.scenario.today
        away = 0
        for stay in self.scenario.stays:
            if stay.end is not None:
                continue
            occupancy = self.roster.occupancy_of[id(stay)]
            if stay.entry is not None and stay.follows is None and (today - stay.start).days < 330:
                self._duty(occupancy.person, "on_quota_probation", "", occupancy.valid_from)
            elif away < 24 and draw.random() < 0.002:
                away += 1
                since = max(occupancy.valid_from, today - timedelta(days=draw.randint(40, 500)))
                self._duty(
                    occupancy.person,
                    "on_quota_off_duty",
                    draw.choice(["long_sick_leave", "second_line", "awaiting_post"]),
                    since,
                )

    def _duty(self, person: Person, state: str, reason: str, since: date) -> None:
        self.duties.append(
            DutyPeriod(person=person, state=state, reason=reason, valid_from=since, recorded_at=moment(since))
        )

    def _secondments(self, present: dict[str, list[Stay]]) -> None:
        """Twenty people lent to organs of the district, five of them beyond the agreed end (W09)."""
        draw, today = self.scenario.draw, self.scenario.today
        hosts = [plan for plan in self.scenario.units if plan.block.number in (1, 2)]
        lenders = [plan for plan in self.scenario.units if plan.block.number in (13, 16) and present[plan.code]]
        terms = overdue_secondments(today)
        terms += [(today - timedelta(days=60 + 9 * n), today + timedelta(days=120 + 11 * n)) for n in range(15)]
        busy = {duty.person.id_number for duty in self.duties}
        for index, (begun, until) in enumerate(terms):
            lender, host = lenders[index % len(lenders)], hosts[index % len(hosts)]
            stay = next((s for s in present[lender.code] if s.start < begun and s.person.id_number not in busy), None)
            if stay is None:
                continue
            busy.add(stay.person.id_number)
            occupancy = self.roster.occupancy_of[id(stay)]
            self.secondments.append(
                Secondment(
                    person=occupancy.person,
                    mode=draw.choice(["B01", "B02", "B04"]),
                    from_organization=occupancy.organization,
                    to_organization=self.roster.structure.organizations[host.code],
                    planned_until=until,
                    valid_from=begun,
                    document=self.papers.of(OFFICE, begun, f"关于同意借调人员的函（{begun.year}年{begun.month}月）"),
                    recorded_at=moment(begun),
                )
            )
            self._duty(occupancy.person, "on_quota_seconded_out", "", begun)

    def _engage(self) -> None:
        forms = ["labour_dispatch", "contract", "public_welfare_post"]
        for unit, kind, draft, begun in self.scenario.engaged:
            self.engagements.append(
                Engagement(
                    person=person_row(draft, begun),
                    organization=self.roster.structure.organizations[unit.code],
                    kind=kind,
                    form="" if kind == "E1" else self.scenario.draw.choice(forms),
                    position="医护岗位"
                    if kind == "E1"
                    else self.scenario.draw.choice(["窗口服务", "综合文员", "辅助巡查", "驾驶保障"]),
                    funding_source="单位自筹" if kind == "E1" else "财政专项",
                    document=self.papers.of(HIRING, begun, f"关于编外（员额）用工备案的通知（{begun.year}年）"),
                    valid_from=begun,
                    recorded_at=moment(begun),
                )
            )


def position(plan: UnitPlan, level: str, body: str) -> str:
    """What the holder of such a post is called in such a unit."""
    if level == "body_chief":
        return f"{body}{'主任' if body.endswith(('室', '党委')) else '科长'}"
    if level == "body_deputy":
        return f"{body}副{'主任' if body.endswith(('室', '党委')) else '科长'}"
    name = plan.short_name
    titles = {
        "局": "局长",
        "小学": "校长",
        "中学": "校长",
        "幼儿园": "园长",
        "医院": "院长",
        "卫生院": "院长",
        "镇": "镇长",
        "乡": "乡长",
        "部": "部长",
        "馆": "馆长",
        "站": "站长",
        "所": "所长",
    }
    title = next((value for ending, value in titles.items() if name.endswith(ending)), "主任")
    return title if level == "org_chief" else f"副{title}"
