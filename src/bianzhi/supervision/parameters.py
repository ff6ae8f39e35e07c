"""Numbers of supervision that the office sets for itself (domain dossier §3.5, P13)."""

from bianzhi.common.parameters import declare

NOTICE_DAYS = declare(
    "rectification.notice_working_days", "发现问题后几个工作日内签发整改通知书", 5, "P13", least=1, most=250
)
USUAL_DAYS = declare("rectification.usual_days", "整改期限一般为几天", 30, "P13", least=1, most=1_000)
LONGEST_DAYS = declare("rectification.longest_days", "整改期限（含延期）最长几天", 90, "P13", least=1, most=1_000)
