"""The acts of the office app and how the audit pages call them."""

from typing import Final

ACTS: Final[dict[str, str]] = {
    "office.notice_drafted": "起草通知",
    "office.notice_changed": "修改通知草稿",
    "office.notice_published": "发布通知",
    "office.notice_withdrawn": "撤回通知",
    "office.notice_discarded": "废弃通知草稿",
    "office.notice_file_opened": "打开通知附件",
    "office.notice_confirmed": "确认已读通知",
    "office.event_planned": "安排日程",
    "office.event_changed": "修改日程",
    "office.event_cancelled": "取消日程",
    "office.preference_changed": "修改消息接收设置",
    "office.feed_opened": "开通日历订阅",
    "office.feed_revoked": "停用日历订阅",
    "office.mail_retried": "重新发送邮件",
}
