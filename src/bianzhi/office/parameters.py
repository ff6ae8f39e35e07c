"""Numbers of the office app that the office sets for itself."""

from bianzhi.common.parameters import declare

LARGEST_FILE = declare("office.notice_file_megabytes", "通知附件单个文件上限（MB）", 20, "N07", least=1, most=1_000)
MOST_FILES = declare("office.files_per_notice", "每份通知最多几个附件", 10, "N07", least=1, most=100)
