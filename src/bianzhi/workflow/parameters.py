"""Numbers of the case engine that the office sets for itself."""

from bianzhi.common.parameters import declare

LARGEST_PAPER = declare(
    "workflow.opinion_paper_megabytes", "手写签批件单个文件上限（MB）", 10, "P05", least=1, most=1_000
)
