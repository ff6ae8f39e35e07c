"""The chain every matter shares: 申请 → 审批 → 核准 → 公示 → 督查 → 处理 → 反馈, with what a matter adds to it.

It is a plain list of steps, so that an administrator can change it in the step editor as well as in the diagram.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bianzhi.matters.rules.supervision import AT_RECTIFY, AT_SUPERVISE
from bianzhi.workflow.rules.profile import Action, Clock, Countersign, Mode, Order, Reject, Seat, Verdicts
from bianzhi.workflow.rules.steps import Block, BlockKind, Branch, Item, Step, StepKind, StepList, to_process
from bianzhi.workflow.rules.writing import write

DECISION: Final = "decision"
"""受理, 审核 and 核准 are three accounts (R25)."""
ABOVE: Final = 'level in ("commission", "government", "upper")'
OF_MATTER: Final = Clock(days=5, fact="clock_days")
INITIATOR: Final = (Seat(initiator=True),)
REPORTING: Final = frozenset({Action.TRANSFER, Action.COPY})
"""What the applicant may do besides reporting: a decision that has taken effect is not theirs to send back."""
CHECKED: Final = Verdicts("无问题", "有问题")
VERIFIED: Final = Verdicts("整改到位", "整改不到位")
"""What 督查 and 核查 conclude: neither agrees to anything."""
OFFICES_TOLD: Final = ("liaison_organization", "liaison_hr", "liaison_finance")
"""组织、人社、财政, who act on what the office has decided (domain.md §3.6)."""
SUPERVISION: Final = (Seat("office_supervision"),)


def standard_chain(
    code: str,
    title: str,
    *,
    effect: str | Sequence[str],
    paper: str | Sequence[str] = (),
    hold: str = "",
    supervising: bool = True,
    counterpart: bool = False,
    consultation: str = "",
    joint: Sequence[str] = (),
    joint_in_turn: bool = False,
    joint_units: Sequence[str] = (),
    joint_title: str = "联办",
    joint_reject: str = "stop",
    above: bool = False,
    government: str = 'level == "government"',
    writes: Mapping[str, Sequence[str]] = {},
    optional: Collection[str] = (),
    completion: str = "",
    copies: Sequence[str] = (),
) -> str:
    """BPMN text of a matter's flow.

    `effect`, `paper` and `hold` name commands: `hold` runs at 受理 (预占), `effect` at 核准, `paper` after it.
    `supervising`: the unit's 主管部门 reviews. `counterpart`: the other unit's head consents. `consultation`: the
    condition under which the draft is cleared with the upper office (沟通预审) before the application is accepted.
    `joint`: roles of the liaisons asked in 联办, all at once or `joint_in_turn`; `joint_units` are fields that name
    units whose head is asked too; `joint_reject` says what their 不同意 does. `above`: the steps of 编委, 党委（政府）
    and the upper level before 核准, taken as the approver matrix says; `government` is the condition of the second.
    `writes`: step → fields of the form written there by whoever decides it, required but for those in `optional`; such
    fields are no part of what the applicant fills in. A step `reply` (拟文，经办) exists when it writes something.
    `completion` names a command that runs after the paper was used outside: the applicant fills in at step `complete`
    what came of it (the 任职通知), and the register takes it over. `copies`: roles that get the outcome to read (抄送).
    公示 and 督查 are always there and taken when the version of the matter says so.
    """
    before = _before_decision(supervising=supervising, counterpart=counterpart, consultation=consultation, hold=hold)
    asked = (
        [_joint(joint, joint_units, joint_title, joint_reject, in_turn=joint_in_turn)] if joint or joint_units else []
    )
    decided = _decision(above=above, government=government, has_reply="reply" in writes)
    carried = [*_commands("effect", "办理", effect), *_commands("paper", "制发文书", paper, StepKind.NOTICE)]
    items = [*before, *asked, *decided, *carried, *_completion(completion), *_afterwards(copies)]
    key = f"matter_{code.lower()}".replace("-", "_")
    steps = tuple(_with_fields(item, writes, optional) for item in items)
    return write(to_process(StepList(key, f"{code} {title}", steps)))


def _before_decision(*, supervising: bool, counterpart: bool, consultation: str, hold: str) -> Iterator[Step]:
    """申请, 审批 within the units, and 受理 with what is held for the case from then on."""
    yield Step("apply", "申请", stage="申请", seats=INITIATOR, submit=True)
    yield _asked("unit_head", "单位负责人审核", Seat("unit_head", "headed"))
    if supervising:
        yield _asked("supervising", "主管部门审核", Seat("supervising_reviewer", "supervising"))
    if counterpart:
        yield _asked("consent", "对方单位同意", Seat("unit_head", "counterpart_headed"))
        yield _asked("consent_clerk", "对方单位答复", Seat("unit_clerk", "counterpart"))
    if consultation:
        consult = _asked("consult", "沟通预审", Seat("office_clerk"), days=10)
        yield replace(consult, stage="沟通预审", when=consultation)
    yield _asked("accept", "受理", Seat("office_clerk"), days=2, separate=DECISION, when="not by_office")
    if hold:
        yield Step("hold", "预占", StepKind.COMMAND, "审批", command=hold)
    yield _asked("review", "审核", Seat("office_deputy"), limit=OF_MATTER, separate=DECISION)


def _decision(*, above: bool, government: str, has_reply: bool) -> Iterator[Step]:
    """核准: what those above decide, the reply drafted by it, and the director's signature."""
    secretary = Seat("commission_secretary")
    if above:
        yield _confirmed("commission", "编委审议", secretary, days=20, when=ABOVE)
        yield _confirmed("government", "党委（政府）审定", secretary, days=20, when=government)
        yield _confirmed("upper", "上级批准", Seat("office_clerk"), days=20, when='level == "upper"')
    if has_reply:
        yield _confirmed("reply", "拟文", Seat("office_clerk"))
    yield _confirmed("ratify", "核准", Seat("office_director"), limit=OF_MATTER, separate=DECISION)


def _completion(command: str) -> Iterator[Step]:
    if command:
        yield Step("complete", "填报办理结果", stage="处理", seats=INITIATOR, actions=REPORTING, limit=Clock(20))
        yield Step("completion", "登记", StepKind.COMMAND, "处理", command=command)


def _afterwards(copies: Sequence[str]) -> Iterator[Item]:
    """公示, 督查 and what it finds, 反馈 with 抄送: the first two taken as the version of the matter says."""
    waited = (
        Step("publish", "发布公示", StepKind.COMMAND, "公示", command="publication.open"),
        Step("publishing", "公示期", StepKind.WAIT, "公示", wait=Clock(days=5, fact="publication_days")),
        Step("published", "公示期满", StepKind.COMMAND, "公示", command="publication.close"),
    )
    ways = (Branch(waited, "publication_days > 0"), Branch(is_default=True))
    yield Block("publication", BlockKind.EXCLUSIVE, ways, "是否公示", "公示")
    checked = (
        Step(
            "supervise",
            "督查",
            stage="督查",
            seats=SUPERVISION,
            reject=Reject.COLLECT,
            verdicts=CHECKED,
            limit=Clock(10),
            fields_write=AT_SUPERVISE,
        ),
        Step("supervised", "登记督查结果", StepKind.COMMAND, "督查", command="supervision.record"),
    )
    sampled = (Branch(checked, "sampled"), Branch(is_default=True))
    yield Block("supervision", BlockKind.EXCLUSIVE, sampled, "是否督查", "督查")
    problems = (Branch(tuple(_put_right()), 'supervise_outcome == "disagree"'), Branch(is_default=True))
    yield Block("problems", BlockKind.EXCLUSIVE, problems, "是否整改", "处理")
    told = tuple(Seat(role) for role in copies)
    yield Step(
        "feedback", "评价反馈", stage="反馈", seats=INITIATOR, actions=REPORTING, reject=Reject.COLLECT, copies=told
    )


def _put_right() -> Iterator[Step]:
    """处理: the unit rectifies, supervision verifies and closes; 退回 from there is another round."""
    yield Step(
        "rectify",
        "整改",
        stage="处理",
        seats=INITIATOR,
        actions=REPORTING,
        reject=Reject.COLLECT,
        limit=Clock(20),
        fields_write=AT_RECTIFY,
        fields_required=AT_RECTIFY,
    )
    yield Step("rectified", "报送整改情况", StepKind.COMMAND, "处理", command="supervision.report")
    yield Step(
        "verify",
        "核查销号",
        stage="处理",
        seats=SUPERVISION,
        reject=Reject.COLLECT,
        verdicts=VERIFIED,
        limit=Clock(10),
    )
    yield Step("verified", "登记核查结论", StepKind.COMMAND, "处理", command="supervision.verify")
    yield Step("settled", "销号", StepKind.COMMAND, "处理", command="supervision.close")


def _asked(node_id: str, name: str, seat: Seat, *, days: int = 3, limit: Clock | None = None, **about: Any) -> Step:
    return Step(node_id, name, stage="审批", seats=(seat,), limit=limit or Clock(days), **about)


def _confirmed(node_id: str, name: str, seat: Seat, *, days: int = 5, limit: Clock | None = None, **about: Any) -> Step:
    return Step(node_id, name, stage="核准", seats=(seat,), limit=limit or Clock(days), **about)


def _joint(roles: Sequence[str], units: Sequence[str], title: str, reject: str, *, in_turn: bool) -> Step:
    return Step(
        "joint",
        title,
        stage="审批",
        seats=(*(Seat(role) for role in roles), *(Seat("unit_head", field=field) for field in units)),
        order=Order.SEQUENTIAL if in_turn else Order.PARALLEL,
        countersign=Countersign(Mode.ALL),
        reject=Reject(reject),
        limit=Clock(5),
    )


def _commands(
    node_id: str, name: str, commands: str | Sequence[str], kind: StepKind = StepKind.COMMAND
) -> Iterator[Step]:
    listed = [commands] if isinstance(commands, str) else commands
    for number, command in enumerate(listed):
        yield Step(f"{node_id}{number or ''}", name, kind, "核准", command=command)


def _with_fields(item: Item, writes: Mapping[str, Sequence[str]], optional: Collection[str]) -> Item:
    names = writes.get(item.id, ())
    if not names or isinstance(item, Block):
        return item
    required = tuple(name for name in names if name not in optional)
    return replace(item, fields_write=tuple(names), fields_required=required)
