"""P08 编制调整: 增加, 核减, 划转, 类型（经费形式）调整, and the district's totals.

Each posts to the ledger and can be reversed, so that a case may be returned over it. Finance signs before the office
reviews: quota is money.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection
from bianzhi.matters.commands import ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import REQUEST, ByDecision, order_of
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.effects import quota
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.units_concerned import facts_about, named
from bianzhi.organizations.models import Tier

FINANCE: Final = ("liaison_finance",)
NEED: Final = EvidenceSpec("need", "编制需求测算说明", help="工作量、人员现状和同类单位比对")
APPROVERS: Final = (
    ApproverRule(
        "upper",
        "在区本级与乡镇街道之间调整编制、增减区编制总量：报上级批准",
        when='crosses_level or act == "total"',
    ),
    ApproverRule("commission", "同一层级内的编制增减、划转和类型调整：由区委编委审批"),
)
SAMPLING_PERCENT: Final = 30


class MoveQuota(ByDecision, ReversibleCommand):
    """A move of the ledger; what it posted can be reversed (冲正), so that a case may be returned over it."""

    @abstractmethod
    def effect(self, order: Order) -> Done:
        """Post to the ledger."""

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Raises Refused when what was given has been passed on (R06) or people stand on it (R02)."""
        entries = [int(pk) for pk in result.get("entries", ())]
        quota.reverse(order_of(act), entries, f"办件退回：{order_of(act).words}"[:200])


class Increase(MoveQuota):
    """核增."""

    label = "登记编制增加"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R05, R06, R11, R19."""
        return quota.increase(order)


class Decrease(MoveQuota):
    """核减."""

    label = "登记编制核减"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02 unless an excess was approved."""
        return quota.decrease(order)


class Transfer(MoveQuota):
    """划转."""

    label = "登记编制划转"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R05, R07."""
        return quota.move(order)


class Convert(MoveQuota):
    """类型（经费形式）调整."""

    label = "登记编制类型调整"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R05, R06, R19."""
        return quota.convert(order)


class ChangeTotal(MoveQuota):
    """上级下达、收回总量."""

    label = "登记编制总量"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R06, R08."""
        return quota.change_total(order)


def _facts(act: str, *units: str) -> Callable[[CaseDraft], dict[str, Any]]:
    def facts_of(draft: CaseDraft) -> dict[str, Any]:
        found = facts_about(act, [draft.key(unit) for unit in units], draft.today)
        return {**found, "needs_consultation": found["crosses_level"]}

    return facts_of


def _once(draft: CaseDraft, today: date) -> list[Objection]:
    return said.objections_to_doubles(draft.form, "quota", "quota_type", "编制类型")


def _unit(label: str = "单位", name: str = "unit", *, own: bool = True) -> FieldSpec:
    reach = "own" if own else ""
    return FieldSpec(name, Kind.ORGANIZATION, label, required=True, locked=True, choices_of=reach, section="编制")


QUOTA: Final = FieldSpec("quota", Kind.TABLE, "编制", required=True, locked=True, columns=p07.QUOTA_COLUMNS)


def _of_unit(verb: str) -> Callable[[CaseDraft], str]:
    def title_of(draft: CaseDraft) -> str:
        unit = named([draft.key("unit")], draft.today)
        return f"{unit}{verb}{p07.quota_in_words(draft.form)}" if unit else ""

    return title_of


def _unit_lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [("单位", named([draft.key("unit")], draft.today)), ("编制", p07.quota_in_words(draft.form))]


P08_1 = declare_decided(
    code="P08-1",
    key="p08.increase",
    title="增加编制",
    summary="从区预留（周转池、人才池）核给单位编制，须经财政会签、编委审批。",
    icon="trending-up",
    command=Increase(),
    fields=(_unit(), QUOTA),
    title_of=_of_unit("增加"),
    facts_of=_facts("increase", "unit"),
    lines=_unit_lines,
    approvers=APPROVERS,
    precheck=_once,
    own_units=lambda draft: [draft.key("unit")],
    evidence=(REQUEST, NEED),
    sampling_percent=SAMPLING_PERCENT,
    joint=FINANCE,
    joint_title="财政会签",
)
P08_2 = declare_decided(
    code="P08-2",
    key="p08.decrease",
    title="核减编制",
    summary="收回单位空余编制；只减不增的编制收回后核销。",
    icon="trending-down",
    command=Decrease(),
    fields=(_unit(), QUOTA, p07.OVERSTAFFING),
    title_of=_of_unit("核减"),
    facts_of=_facts("decrease", "unit"),
    lines=_unit_lines,
    approvers=APPROVERS,
    precheck=_once,
    own_units=lambda draft: [draft.key("unit")],
    evidence=(REQUEST,),
    sampling_percent=SAMPLING_PERCENT,
    joint=FINANCE,
    joint_title="财政会签",
)


def _transfer_title(draft: CaseDraft) -> str:
    source, target = named([draft.key("source")], draft.today), named([draft.key("target")], draft.today)
    return f"{source}划转{p07.quota_in_words(draft.form)}至{target}" if source and target else ""


def _transfer_precheck(draft: CaseDraft, today: date) -> list[Objection]:
    return [*_once(draft, today), *p07.objections_to_same(draft, "source", "target", "划出单位与划入单位")]


P08_3 = declare_decided(
    code="P08-3",
    key="p08.transfer",
    title="编制划转",
    summary="编制从一个单位划到另一个单位，不带人员；跨层级的报上级批准。",
    icon="transfer",
    command=Transfer(),
    fields=(_unit("划出单位", "source"), _unit("划入单位", "target", own=False), QUOTA, p07.OVERSTAFFING),
    title_of=_transfer_title,
    facts_of=_facts("transfer", "source", "target"),
    lines=lambda draft: [
        ("划出单位", named([draft.key("source")], draft.today)),
        ("划入单位", named([draft.key("target")], draft.today)),
        ("编制", p07.quota_in_words(draft.form)),
    ],
    approvers=APPROVERS,
    precheck=_transfer_precheck,
    own_units=lambda draft: [draft.key("source")],
    counterpart_of=lambda draft: draft.key("target"),
    evidence=(REQUEST,),
    sampling_percent=SAMPLING_PERCENT,
    joint=FINANCE,
    joint_title="财政会签",
)


def _convert_title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    return f"{unit}编制类型（经费形式）调整" if unit else ""


def _convert_precheck(draft: CaseDraft, today: date) -> list[Objection]:
    same = sum(1 for row in draft.rows("changes") if row.get("from_type") == row.get("to_type"))
    if not same:
        return []
    message = f"有 {same} 行调整前后是同一种编制类型。"
    return [Objection("D2", message, figures={"行数": same}, next_step="请重新选择编制类型。")]


P08_4 = declare_decided(
    code="P08-4",
    key="p08.convert",
    title="编制类型（结构）调整",
    summary="单位内一种编制换成另一种，如差额改全额。",
    icon="switch-horizontal",
    command=Convert(),
    fields=(
        _unit(),
        FieldSpec(
            "changes",
            Kind.TABLE,
            "调整",
            required=True,
            locked=True,
            columns=(
                FieldSpec("from_type", Kind.QUOTA_TYPE, "原编制类型", required=True),
                FieldSpec("to_type", Kind.QUOTA_TYPE, "调整后编制类型", required=True),
                FieldSpec("amount", Kind.INTEGER, "数额（名）", required=True, minimum=1),
            ),
        ),
        p07.OVERSTAFFING,
    ),
    title_of=_convert_title,
    facts_of=_facts("convert", "unit"),
    lines=lambda draft: [("单位", named([draft.key("unit")], draft.today))],
    approvers=APPROVERS,
    precheck=_convert_precheck,
    own_units=lambda draft: [draft.key("unit")],
    evidence=(REQUEST, NEED),
    sampling_percent=SAMPLING_PERCENT,
    joint=FINANCE,
    joint_title="财政会签",
)


def _total_title(draft: CaseDraft) -> str:
    verb = "收回" if draft.text("direction") == "withdraw" else "下达"
    return f"上级{verb}{dict(Tier.choices).get(draft.text('tier'), '')}{p07.quota_in_words(draft.form)}"


P08_5 = declare_decided(
    code="P08-5",
    key="p08.total",
    title="编制总量增减",
    summary="登记上级下达、收回的区本级或乡镇街道编制总量，由编办提出。",
    icon="building-bank",
    command=ChangeTotal(),
    fields=(
        FieldSpec(
            "direction",
            Kind.CHOICE,
            "事项",
            required=True,
            locked=True,
            options=(("issue", "上级下达"), ("withdraw", "上级收回")),
            section="编制",
        ),
        FieldSpec(
            "tier",
            Kind.CHOICE,
            "层级",
            required=True,
            locked=True,
            options=tuple((str(code), str(label)) for code, label in Tier.choices),
        ),
        QUOTA,
    ),
    title_of=_total_title,
    facts_of=_facts("total"),
    lines=lambda draft: [("编制", p07.quota_in_words(draft.form))],
    approvers=APPROVERS,
    precheck=_once,
    permission="ledger.post",
    evidence=(EvidenceSpec("upper", "上级下达（收回）编制的文件"),),
    sampling_percent=SAMPLING_PERCENT,
    joint=FINANCE,
    joint_title="财政会签",
)
