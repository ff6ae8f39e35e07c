"""Numbers of the rules on organisations that differ from place to place."""

from bianzhi.common import parameters

UPPER_DECISION_RANK = parameters.declare(
    "organizations.upper_decision_rank",
    "从哪一级机构起须有上级文件（机构规格代码，142 为副科级）",
    "142",
    "R10",
)
