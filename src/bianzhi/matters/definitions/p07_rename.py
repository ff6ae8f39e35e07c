"""P07-2 机构更名: the name of a unit, and the nameplates it bears beside it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import ByDecision
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.units import rename_unit
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.units_concerned import facts_about, named


class Rename(ByDecision):
    """Register the new name and the nameplates."""

    label = "登记机构更名"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R10, a name in use, no such nameplate."""
        return rename_unit(order)


def _title(draft: CaseDraft) -> str:
    unit = named([draft.key("unit")], draft.today)
    if not unit:
        return ""
    if name := draft.text("name"):
        return f"{unit}更名为{name}"
    plates = [
        f"{verb}“{draft.text(field)}”牌子"
        for field, verb in (("nameplate", "加挂"), ("nameplate_off", "撤下"))
        if draft.text(field)
    ]
    return f"{unit}{'、'.join(plates) or '更名'}"


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return facts_about("rename", [draft.key("unit")], draft.today)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    if any(draft.text(name) for name in ("name", "nameplate", "nameplate_off")):
        return []
    message = "新名称、加挂牌子、撤下牌子都没有填写。"
    return [Objection("D2", message, next_step="请至少填写一项。")]


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("原名称", named([draft.key("unit")], draft.today)),
        ("新名称", draft.text("name")),
        ("加挂牌子", draft.text("nameplate")),
        ("撤下牌子", draft.text("nameplate_off")),
    ]


P07_2 = declare_decided(
    code="P07-2",
    key="p07.rename",
    title="机构更名",
    summary="机构名称变更，加挂或撤下牌子。",
    icon="edit",
    command=Rename(),
    fields=(
        FieldSpec("unit", Kind.ORGANIZATION, "机构", required=True, locked=True, choices_of="own", section="更名"),
        FieldSpec("name", Kind.TEXT, "新名称（全称）", locked=True, help="只加挂、撤下牌子的不填"),
        FieldSpec("short_name", Kind.TEXT, "新规范简称", locked=True, max_length=100),
        FieldSpec("nameplate", Kind.TEXT, "加挂牌子", locked=True),
        FieldSpec("nameplate_off", Kind.TEXT, "撤下牌子", locked=True, help="填写现有牌子的名称"),
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("unit")],
    before_of=lambda draft: p07.facts_now(draft, ("name", "short_name")),
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
)
