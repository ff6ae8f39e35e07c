"""Something on the notice board and in the calendars of the synthetic district, so that no page is empty."""

from datetime import date, datetime, time, timedelta
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.common import working_days
from bianzhi.kernel.clock import CHINA
from bianzhi.office.models import Audience
from bianzhi.office.services.events import EventFacts, plan_event
from bianzhi.office.services.notices import NoticeFacts, draft_notice, publish_notice

UNIT_ROLES: Final = ("unit_clerk", "unit_head", "supervising_reviewer")
PLAN: Final = """各单位：

为做好年度用编计划申报，请对照核定编制和现有空编，提出下一年度用编需求，经主管部门审核后在“办事大厅”提交“年度用编计划”。

一、用编需求应在空编范围内提出，超编单位不再申报。
二、公开招聘、选调、调任等进人方式分别填写。
三、逾期未报的，视为没有用编需求。"""
FACTS: Final = """各单位：

机构、编制、人员发生变化的，请在十个工作日内办理变更、入编、出编手续，确保实名制信息与实际一致。

区委编办监督检查科将对超期未办的单位进行督查。"""


def write_to_everybody(*, clerk: User, colleagues: list[User], today: date) -> None:
    """Two notices by the office's clerk, one of them to be confirmed by the units, and a meeting of the office."""
    notices = (
        NoticeFacts(
            title=f"关于申报 {today.year + 1} 年度用编计划的通知",
            body=PLAN,
            audience=Audience.ROLES,
            audience_keys=UNIT_ROLES,
            must_confirm=True,
        ),
        NoticeFacts(title="关于及时更新机构编制实名制信息的通知", body=FACTS),
    )
    for facts in notices:
        draft = draft_notice(actor=clerk, facts=facts)
        publish_notice(actor=clerk, notice_id=draft.pk, today=today)
    day = working_days.load(today).add_working_days(today, 2)
    starts = datetime.combine(day, time(9), CHINA)
    meeting = EventFacts(
        title="用编事项会商",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        place="三楼会议室",
        participants=frozenset(user.pk for user in colleagues),
    )
    plan_event(actor=clerk, facts=meeting)
