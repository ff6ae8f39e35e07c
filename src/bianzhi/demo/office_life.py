"""What else happens at the office: an inspection and what it found, and who stands in for whom."""

from collections.abc import Mapping
from datetime import date, timedelta

from bianzhi.accounts.models import User
from bianzhi.common import working_days
from bianzhi.demo import past
from bianzhi.supervision.models import PlanScope, PlanSubject, ProblemSeverity
from bianzhi.supervision.services.inspecting import PlanOrder, draw_plan, record_inspection
from bianzhi.supervision.services.problems import Finding
from bianzhi.supervision.services.rectifying import issue_order
from bianzhi.workflow.services.delegations import delegate


def check_and_stand_in(users: Mapping[str, User], today: date) -> None:
    """An inspection five weeks ago with what it found, and the deputy away from today on."""
    calendar = working_days.load(today)
    day = calendar.add_working_days(today, -25)
    with past.on(day):
        _inspect(users["ducha"], day)
    yesterday = calendar.add_working_days(today, -1)
    with past.on(yesterday):
        delegate(
            actor=users["shenhe"],
            delegator_id=users["shenhe"].pk,
            delegate_id=users["jingban2"].pk,
            flows=[],
            valid_from=today,
            valid_until=calendar.add_working_days(today, 5),
            reason="参加市委编办业务培训",
            today=yesterday,
        )


def _inspect(inspector: User, day: date) -> None:
    plan = draw_plan(
        actor=inspector,
        today=day,
        order=PlanOrder(
            title=f"{day.year}年度机构编制执行情况抽查",
            basis="机构编制监督检查工作办法",
            subject=PlanSubject.UNITS,
            scope=PlanScope.SAMPLED,
            percent=10,
            starts_on=day,
            ends_on=day + timedelta(days=60),
            seed="演示",
        ),
    )
    drawn = list(plan.inspections.order_by("pk"))
    findings = (
        Finding("Q10", "1 人岗位信息与聘任文件不一致", ProblemSeverity.MINOR, locks_unit=False),
        Finding("Q11", "2 条台账批准文件未归档", ProblemSeverity.SERIOUS),
    )
    text = "查阅台账、核准单和人事档案，并与工资发放名册比对。"
    found = record_inspection(actor=inspector, today=day, inspection_id=drawn[0].pk, text=text, findings=findings)
    for inspection in drawn[1:4]:
        past.pass_time()
        record_inspection(actor=inspector, today=day, inspection_id=inspection.pk, text=f"{text}未发现问题。")
    issue_order(
        actor=inspector,
        today=day,
        problem_ids=list(found.problems.values_list("pk", flat=True)),
        measures="逐人核对更正，补齐批准文件，并报送整改情况",
    )
