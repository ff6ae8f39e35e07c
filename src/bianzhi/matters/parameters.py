"""Numbers of cases that the office sets for itself."""

from bianzhi.common.parameters import declare

LARGEST_ATTACHMENT = declare(
    "matters.attachment_megabytes", "办件附件单个文件上限（MB）", 20, "P05", least=1, most=1_000
)
MOST_ATTACHMENTS = declare("matters.attachments_per_case", "每个办件最多几个附件", 60, "P05", least=1, most=1_000)
FEEDBACK_DAYS = declare("matters.feedback_days", "办结后几个工作日未评价视为不评价", 10, "P14", least=1, most=250)
INSTITUTION_POSTS = declare(
    "matters.institution_posts", "事业单位领导职数参照标准（名称，空为不提示）", "institution_by_quota", "R09"
)
DEPARTMENT_POSTS = declare(
    "matters.department_posts", "机关领导职数参照标准（名称，空为不提示）", "department_one_and_four", "R09"
)
