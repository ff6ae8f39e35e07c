"""The early warnings of the trade (domain dossier §4.1): what each means and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How pressing a warning is."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def label(self) -> str:
        """The word beside the colour."""
        return {"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色"}[self.value]

    @property
    def rank(self) -> int:
        """0 for the most pressing."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of warning: `rule` says when it is raised, `next_step` what settles it."""

    code: str
    label: str
    rule: str
    next_step: str


KINDS: Final[dict[str, Kind]] = {
    kind.code: kind
    for kind in [
        Kind(
            "W01",
            "超编",
            "某一编制类型的实有人数超过该单位此类编制的核定数（分类型判断，不与其他类型的空编相抵）。",
            "停止新增用编，核对编制类型是否登记有误；确属超编的，制定消化计划，按出编办理。",
        ),
        Kind(
            "W02",
            "混编",
            "人员占用的编制类型不允许用于该机构类别（R05）：事业编制不得用于机关，行政编制不得用于事业单位。",
            "核对单位的机构类别和人员的编制类型；登记有误的更正，确属混编的限期清理。",
        ),
        Kind(
            "W03",
            "超职数",
            "某一层级领导人员实配数超过核定职数，或任职层次高于职位规格而没有依据文件（R09）。",
            "核对任职登记；确属超配的，按规定消化，或补充高配依据文件。",
        ),
        Kind(
            "W04",
            "满编",
            "某一编制类型的满编率达到提醒线（参数“满编率达到百分之几提醒”，默认 95%）；达到 100% 为橙色。",
            "新的用编申请只能“出一进一”；确需增加的，先申请调剂编制。",
        ),
        Kind(
            "W05",
            "长期空编",
            "某一编制类型的空编率连续超过 12 个月高于提醒线（默认 20%）。",
            "研究是否收回预留或纳入周转使用；有用编计划的督促执行。",
        ),
        Kind(
            "W06",
            "到龄退休",
            "在编人员距法定退休月 6 个月（蓝）、3 个月（黄）、1 个月和当月（橙），过后仍在编（红）。",
            "提前办理退休审批，并在退休次月起 10 个工作日内办理出编。",
        ),
        Kind(
            "W07",
            "出编超期",
            "出编事由已发生，超过规定的工作日（默认 10 个）仍未办理出编（R12）；单位新的用编申请不予受理（R13）。",
            "请立即办理出编，并把回执送组织（人社）、财政部门。",
        ),
        Kind(
            "W08",
            "核准单到期",
            "用编核准单还有未使用的名额，距有效期届满不足 60 天、30 天，或已届满。",
            "抓紧办理入编；不再使用的，退回名额，释放预占。",
        ),
        Kind(
            "W11",
            "周转到期",
            "周转编制或人才专项编制的期限还有 90 天、30 天届满，或已经届满（R20）。",
            "办理归还（人走编收），或在到期前重新报批。",
        ),
        Kind(
            "W12",
            "数据质量",
            "必填信息空缺；身份证号校验不通过，或与出生日期、性别不一致且未经档案认定（R16）；台账文件没有规范文号。",
            "对照档案补齐或更正；锁定的信息按“信息变更”办理。",
        ),
        Kind(
            "W13",
            "整改超期",
            "整改通知书规定的期限已过，单位仍未报送整改情况（红），单位新的申请不予受理（R13）；"
            "发现问题后超过规定的工作日（默认 5 个）仍未签发整改通知书（黄）。",
            "单位立即报送整改情况；确有困难的，由编办办理延期。未签发整改通知书的，由监督检查机构签发。",
        ),
        Kind(
            "W14",
            "总量逼近",
            "某一层级某类编制分配到单位的合计达到区总量的提醒线（默认 98%）（R06）。",
            "控制新增核编；确需增加的，先收回空编或向上级申请。",
        ),
    ]
}
