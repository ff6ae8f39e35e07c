"""P07-4 撤销机构: a unit ends; a receiving unit takes its people, or they leave the quota with it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import ByDecision
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.definitions.p07_merge import LIAISONS
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.reorganizations import abolish_with_everything
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.selectors.units_concerned import facts_about, named

PEOPLE_GO: Final = (
    ("receive", "由接收单位承接：人员连同相应编制划入，其余编制收回"),
    ("leave", "随机构撤销出编（转企改制等）：编制全部收回"),
)


class Abolish(ByDecision):
    """End the unit, its people and quota accounted for."""

    label = "登记机构撤销"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R10, units that hang below."""
        return abolish_with_everything(order)


def _title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    return f"撤销{unit}" if unit else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return facts_about("abolish", [draft.key("unit"), draft.key("receiving")], draft.today)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    if draft.key("receiving") is None or draft.key("receiving") != draft.key("unit"):
        return []
    return [Objection("D2", "接收单位不能是被撤销的单位。", next_step="请另选接收单位。")]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("撤销机构", named([draft.key("unit")], draft.today)),
        ("人员去向", dict(PEOPLE_GO).get(draft.text("people_go"), "")),
        ("接收单位", named([draft.key("receiving")], draft.today)),
    ]


P07_4 = declare_decided(
    code="P07-4",
    key="p07.abolish",
    title="撤销机构",
    summary="机构撤销：人员由接收单位承接或随机构出编，编制和领导职数收回。",
    icon="trash",
    command=Abolish(),
    fields=(
        FieldSpec(
            "unit", Kind.ORGANIZATION, "撤销的机构", required=True, locked=True, choices_of="own", section="撤销"
        ),
        FieldSpec("people_go", Kind.CHOICE, "人员去向", required=True, locked=True, options=PEOPLE_GO),
        FieldSpec(
            "receiving",
            Kind.ORGANIZATION,
            "接收单位",
            required=True,
            locked=True,
            only=Only("people_go", ("receive",)),
        ),
        FieldSpec("aftermath", Kind.TEXTAREA, "职责、资产、债权债务和档案的处理", required=True),
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("unit")],
    counterpart_of=lambda draft: draft.key("receiving"),
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
    joint=LIAISONS,
)
