"""P07-5 机构划转: whole 科室, people by name and quota go from one unit to another; both go on."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bianzhi.kernel.objections import Objection
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions import p07
from bianzhi.matters.definitions.decided import ByDecision
from bianzhi.matters.definitions.decided_matter import declare_decided
from bianzhi.matters.definitions.p07_merge import LIAISONS
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.reorganizations import hand_over_part
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.units_concerned import facts_about, named


class HandOver(ByDecision):
    """Carry the part over."""

    label = "登记机构划转"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R05, R07, R10, D3."""
        return hand_over_part(order)


def _title(draft: CaseDraft) -> str:
    source, target = named([draft.key("source")], draft.today), named([draft.key("target")], draft.today)
    return f"{source}部分职责、编制、人员划转至{target}" if source and target else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    return facts_about("hand_over", [draft.key("source"), draft.key("target")], draft.today)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    found = [
        *said.objections_to_doubles(draft.form, "bodies", "body", "科室"),
        *said.objections_to_doubles(draft.form, "people", "person", "人员"),
        *said.objections_to_doubles(draft.form, "quota", "quota_type", "编制类型"),
        *p07.objections_to_same(draft, "source", "target", "划出单位与划入单位"),
    ]
    if not any(draft.rows(table) for table in ("bodies", "people", "quota")):
        message = "没有填写划转的科室、人员或编制。"
        found.append(Objection("D2", message, next_step="请至少填写一项。"))
    return found


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("划出单位", named([draft.key("source")], draft.today)),
        ("划入单位", named([draft.key("target")], draft.today)),
        ("划转编制", p07.quota_in_words(draft.form)),
        ("划转领导职数", p07.posts_in_words(draft.form)),
        ("划转人员", f"{len(draft.rows('people'))} 名" if draft.rows("people") else ""),
    ]


P07_5 = declare_decided(
    code="P07-5",
    key="p07.hand_over",
    title="机构划转",
    summary="科室成建制划转，或部分编制、人员划转到另一单位。",
    icon="transfer",
    command=HandOver(),
    fields=(
        FieldSpec(
            "source", Kind.ORGANIZATION, "划出单位", required=True, locked=True, choices_of="own", section="划转"
        ),
        FieldSpec("target", Kind.ORGANIZATION, "划入单位", required=True, locked=True),
        FieldSpec(
            "bodies",
            Kind.TABLE,
            "成建制划转的科室",
            locked=True,
            section="科室和人员",
            help="科室连同其中人员一并划入，在划入单位设立同名科室",
            columns=(FieldSpec("body", Kind.BODY, "科室", required=True, choices_of="source"),),
        ),
        FieldSpec(
            "people",
            Kind.TABLE,
            "另外划转的人员",
            locked=True,
            columns=(FieldSpec("person", Kind.PERSON, "人员", required=True, choices_of="any"),),
        ),
        FieldSpec(
            "quota",
            Kind.TABLE,
            "划转编制",
            locked=True,
            section="编制和职数",
            columns=p07.QUOTA_COLUMNS,
            help="不填的，划多少人划多少编制；只划人不划编制的填 0",
        ),
        FieldSpec("posts", Kind.TABLE, "划转领导职数", locked=True, columns=p07.POST_COLUMNS),
        p07.OVERSTAFFING,
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("source")],
    counterpart_of=lambda draft: draft.key("target"),
    sampling_percent=p07.SAMPLING_PERCENT,
    joint=LIAISONS,
)
