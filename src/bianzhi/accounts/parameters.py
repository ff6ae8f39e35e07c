"""Numbers of user administration."""

from bianzhi.common.parameters import declare

CHANGE_DAYS = declare("accounts.change_days", "账号和角色变更申请几天内须复核", 7, "三员分立", least=1, most=90)
