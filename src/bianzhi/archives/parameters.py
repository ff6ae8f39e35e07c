"""What the office sets for itself about the archive."""

from bianzhi.common.parameters import declare

FILE_MEGABYTES = declare("archives.file_megabytes", "接收档案文件最大（MB）", 1_000, "DA/T 31", least=1, most=10_000)
FIXITY_DAYS = declare("archives.fixity_days", "原件每隔几天核验一次", 90, "DA/T 70", least=1, most=3_650)
FIXITY_GIGABYTES = declare(
    "archives.fixity_gigabytes", "每天自动核验原件最多（GB）", 200, "DA/T 70", least=1, most=100_000
)
LOAN_DAYS = declare("archives.loan_days", "档案借阅最长天数", 30, "档案借阅", least=1, most=1_000)
