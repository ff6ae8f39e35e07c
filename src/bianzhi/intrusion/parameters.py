"""Numbers of the watch that the office sets for itself."""

from bianzhi.common.parameters import declare

DAY_BEGINS = declare("intrusion.day_begins", "工作时间从几点起（入侵迹象）", 7, "入侵迹象", most=23)
DAY_ENDS = declare("intrusion.day_ends", "工作时间到几点止（入侵迹象）", 21, "入侵迹象", least=1, most=24)
REMIND_MINUTES = declare("intrusion.remind_minutes", "告警几分钟无人确认即催办", 60, "入侵迹象", least=1, most=10_080)
ESCALATE_MINUTES = declare(
    "intrusion.escalate_minutes", "告警几分钟无人确认即上报审计管理员和主任", 240, "入侵迹象", least=1, most=10_080
)
READS_PER_MINUTE = declare(
    "intrusion.reads_per_minute", "每人每分钟最多打开几个页面（0 不限）", 240, "入侵迹象", most=100_000
)
