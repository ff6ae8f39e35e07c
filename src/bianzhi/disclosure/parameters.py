"""Limits of what is taken away without approval."""

from bianzhi.common.parameters import declare

OFFICE_ROWS = declare("disclosure.office_rows", "编办人员不经审批一次最多导出（人）", 500, "批量导出审批", most=2_000)
UNIT_ROWS = declare("disclosure.unit_rows", "单位人员不经审批一次最多导出（人）", 100, "批量导出审批", most=1_000)
RECORD_ROWS = declare(
    "disclosure.record_rows", "非人员信息不经审批一次最多导出（条）", 5_000, "批量导出审批", most=100_000
)
DAILY_ROWS = declare(
    "disclosure.daily_rows", "每人每天不经审批最多导出人员信息（条）", 2_000, "批量导出审批", most=10_000
)
ASK_DAYS = declare("disclosure.ask_days", "导出申请几天内须审批", 7, "批量导出审批", least=1, most=90)
FILE_DAYS = declare("disclosure.file_days", "批准的导出文件几天内有效", 7, "批量导出审批", least=1, most=90)
