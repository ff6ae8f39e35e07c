"""The chain every matter shares: 申请 → 审批 → 核准 → 公示 → 督查 → 处理 → 反馈, with what a matter adds to it."""

from collections.abc import Sequence


def standard_chain(
    code: str,
    title: str,
    *,
    effect: str | Sequence[str],
    paper: str | Sequence[str] = (),
    hold: str = "",
    supervising: bool = True,
    counterpart: bool = False,
    consultation: bool = False,
    joint: Sequence[str] = (),
    joint_in_turn: bool = False,
    above: bool = False,
) -> str:
    """BPMN text of a matter's flow.

    `effect`, `paper` and `hold` name commands: `hold` runs at 受理 (预占), `effect` at 核准, `paper` after it.
    `supervising`: the unit's 主管部门 reviews. `counterpart`: the other unit's head consents. `consultation`: 沟通预审
    with the office before the formal application is accepted. `joint`: roles of the liaisons asked in 联办, all at once
    or `joint_in_turn`. `above`: the steps of 编委, 党委（政府） and the upper level, taken as the approver matrix says.
    公示 and 督查 are always there and taken when the version of the matter says so.
    """
    return ""
