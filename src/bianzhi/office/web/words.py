"""The menu entries of the office app, and the colours of its words."""

from typing import Final

from bianzhi.common.web.navigation import Entry, Group
from bianzhi.common.web.tones import Tone

MENU: Final = (
    Entry(Group.WORKBENCH, "消息", "bell", "office:messages", permission="workbench.view", order=60),
    Entry(Group.WORKBENCH, "通知公告", "speakerphone", "office:notices", permission="notices.view", order=70),
    Entry(
        Group.WORKBENCH,
        "日历",
        "calendar-event",
        "office:calendar",
        permission="workbench.view",
        order=80,
        under=("/office/events/", "/office/away/"),
    ),
    Entry(Group.SYSTEM, "邮件发送", "mail", "office:mails", permission="system.manage", order=45),
)

TONES: Final = {
    "未读": Tone.WARN,
    "已读": Tone.NEUTRAL,
    "待确认": Tone.WARN,
    "已确认": Tone.GOOD,
    "已发布": Tone.GOOD,
    "已废弃": Tone.NEUTRAL,
    "待发送": Tone.INFO,
    "发送中": Tone.INFO,
    "已发送": Tone.GOOD,
    "发送失败": Tone.BAD,
    "不再发送": Tone.NEUTRAL,
}
