"""The chain every matter shares: 申请 → 审批 → 核准 → 公示 → 督查 → 处理 → 反馈, with what a matter adds to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from xml.sax.saxutils import quoteattr

from bianzhi.workflow.rules.profile import BB, BPMN


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
    writes: Mapping[str, Sequence[str]] = {},
    optional: Collection[str] = (),
    completion: str = "",
) -> str:
    """BPMN text of a matter's flow.

    `effect`, `paper` and `hold` name commands: `hold` runs at 受理 (预占), `effect` at 核准, `paper` after it.
    `supervising`: the unit's 主管部门 reviews. `counterpart`: the other unit's head consents. `consultation`: the
    condition under which the draft is cleared with the upper office (沟通预审) before the application is accepted.
    `joint`: roles of the liaisons asked in 联办, all at once or `joint_in_turn`; `joint_units` are fields that name
    units whose head is asked too; `joint_reject` says what their 不同意 does. `above`: the steps of 编委, 党委（政府）
    and the upper level before 核准, taken as the approver matrix says.
    `writes`: step → fields of the form written there by whoever decides it, required but for those in `optional`; such
    fields are no part of what the applicant fills in. A step `reply` (拟文，经办) exists when it writes something.
    `completion` names a command that runs after the paper was used outside: the applicant fills in at step `complete`
    what came of it (the 任职通知), and the register takes it over.
    公示 and 督查 are always there and taken when the version of the matter says so.
    """
    links = [
        _user("apply", "申请", "申请", initiator="true", extra=("<bb:submit/>",)),
        _user("unit_head", "单位负责人审核", "审批", role="unit_head", relation="headed", days=3),
    ]
    if supervising:
        links.append(
            _user("supervising", "主管部门审核", "审批", role="supervising_reviewer", relation="supervising", days=3)
        )
    if counterpart:
        links += [
            _user("consent", "对方单位同意", "审批", role="unit_head", relation="counterpart_headed", days=3),
            _user("consent_clerk", "对方单位答复", "审批", role="unit_clerk", relation="counterpart", days=3),
        ]
    if consultation:
        links.append(_user("consult", "沟通预审", "沟通预审", role="office_clerk", when=consultation, days=10))
    links.append(_user("accept", "受理", "审批", role="office_clerk", when="not by_office", days=2, extra=(SEPARATE,)))
    if hold:
        links.append(_command("hold", "预占", "审批", hold))
    links.append(_user("review", "审核", "审批", role="office_deputy", days=0, extra=(SEPARATE,)))
    if joint:
        links.append(_joint(joint, joint_units, joint_title, joint_reject, in_turn=joint_in_turn))
    if above:
        links += _above()
    if "reply" in writes:
        links.append(_user("reply", "拟文", "核准", role="office_clerk", days=5))
    links.append(_user("ratify", "核准", "核准", role="office_director", days=0, extra=(SEPARATE,)))
    links += [_command(f"effect{number or ''}", "办理", "核准", name) for number, name in enumerate(_listed(effect))]
    links += [
        _command(f"paper{number or ''}", "制发文书", "核准", name, element="sendTask")
        for number, name in enumerate(_listed(paper))
    ]
    if completion:
        links += [
            _user("complete", "填报办理结果", "核准", initiator="true", days=20),
            _command("completion", "登记", "核准", completion),
        ]
    links += _afterwards()
    return _xml(code, title, [_with_fields(link, writes.get(link.id, ()), optional) for link in links])


SEPARATE: Final = '<bb:separate group="decision"/>'


@dataclass(frozen=True, slots=True)
class _Link:
    id: str
    name: str
    element: str
    extensions: tuple[str, ...]
    when: str = ""
    inside: str = ""


def _user(
    id: str, name: str, stage: str, *, when: str = "", days: int = 0, extra: Sequence[str] = (), **seat: str
) -> _Link:
    told = " ".join(f"{key}={quoteattr(value)}" for key, value in seat.items())
    limit = (
        [f'<bb:deadline days="{days}"/>']
        if days
        else ['<bb:deadline days="5" fact="clock_days"/>']
        if id in ("review", "ratify")
        else []
    )
    return _Link(id, name, "userTask", (f'<bb:stage name="{stage}"/>', f"<bb:assign {told}/>", *limit, *extra), when)


def _command(id: str, name: str, stage: str, command: str, *, element: str = "serviceTask", when: str = "") -> _Link:
    return _Link(id, name, element, (f'<bb:stage name="{stage}"/>', f'<bb:command name="{command}"/>'), when)


def _joint(roles: Sequence[str], units: Sequence[str], title: str, reject: str, *, in_turn: bool) -> _Link:
    seats = (
        *(f'<bb:assign role="{role}"/>' for role in roles),
        *(f'<bb:assign role="unit_head" field="{field}"/>' for field in units),
    )
    policy = f'<bb:reject policy="{reject}"/>'
    extensions = ('<bb:stage name="审批"/>', *seats, '<bb:countersign mode="all"/>', policy, '<bb:deadline days="5"/>')
    marker = f'<multiInstanceLoopCharacteristics isSequential="{"true" if in_turn else "false"}"/>'
    return _Link("joint", title, "userTask", extensions, inside=marker)


def _above() -> list[_Link]:
    return [
        _user(
            "commission",
            "编委审议",
            "核准",
            role="commission_secretary",
            when='level in ("commission", "government", "upper")',
            days=20,
        ),
        _user(
            "government", "党委（政府）审定", "核准", role="commission_secretary", when='level == "government"', days=20
        ),
        _user("upper", "上级批准", "核准", role="office_clerk", when='level == "upper"', days=20),
    ]


def _afterwards() -> list[_Link]:
    return [
        _command("publish", "公示", "公示", "publication.open", when="publication_days > 0"),
        _Link(
            "publishing",
            "公示期",
            "intermediateCatchEvent",
            ('<bb:stage name="公示"/>', '<bb:wait days="5" fact="publication_days"/>'),
            "publication_days > 0",
            "<timerEventDefinition/>",
        ),
        _command("published", "公示期满", "公示", "publication.close", when="publication_days > 0"),
        _user(
            "supervise",
            "督查",
            "督查",
            role="office_supervision",
            when="sampled",
            days=10,
            extra=('<bb:reject policy="collect"/>',),
        ),
        _user("rectify", "整改", "处理", initiator="true", when='supervise_outcome == "disagree"', days=20),
        _user("feedback", "评价反馈", "反馈", initiator="true"),
    ]


def _listed(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


def _with_fields(link: _Link, names: Sequence[str], optional: Collection[str]) -> _Link:
    if not names:
        return link
    required = " ".join(name for name in names if name not in optional)
    told = f'<bb:fields write="{" ".join(names)}" required="{required}"/>'
    return replace(link, extensions=(*link.extensions, told))


def _xml(code: str, title: str, links: Sequence[_Link]) -> str:
    parts, flows, last = ['<startEvent id="start"/>'], [], "start"

    def flow(source: str, target: str, condition: str = "") -> str:
        name = f"f{len(flows) + 1}"
        inside = f"<conditionExpression>{condition.replace(chr(62), '&gt;')}</conditionExpression>" if condition else ""
        flows.append(f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>')
        return name

    for link in links:
        node = f'<{link.element} id="{link.id}" name="{link.name}"><extensionElements>{"".join(link.extensions)}</extensionElements>{link.inside}</{link.element}>'
        parts.append(node)
        if link.when:
            flow(last, f"{link.id}_if")
            flow(f"{link.id}_if", link.id, link.when)
            default = flow(f"{link.id}_if", f"{link.id}_fi")
            flow(link.id, f"{link.id}_fi")
            parts.append(
                f'<exclusiveGateway id="{link.id}_if" default="{default}"/><exclusiveGateway id="{link.id}_fi"/>'
            )
            last = f"{link.id}_fi"
        else:
            flow(last, link.id)
            last = link.id
    flow(last, "end")
    flow("late", "end")
    parts.append(
        '<boundaryEvent id="late" attachedToRef="feedback"><extensionElements><bb:deadline days="10"/></extensionElements><timerEventDefinition/></boundaryEvent>'
    )
    body = "".join([*parts, '<endEvent id="end"/>', *flows])
    process = f"matter_{code.lower()}".replace("-", "_")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{BPMN}" xmlns:bb="{BB}" id="d_{code}" targetNamespace="{BB}">'
        f'<process id="{process}" name="{code} {title}" isExecutable="true">{body}</process></definitions>'
    )
