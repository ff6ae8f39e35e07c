"""P07-7 机构拆分: each share goes to a unit, new or existing; the unit goes on or ends."""

from collections import Counter
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
from bianzhi.matters.effects.reorganizations import PARTS, split_unit
from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.units_concerned import facts_about, named

NUMBER: Final = FieldSpec("number", Kind.INTEGER, "承接单位序号", required=True, minimum=1, maximum=4)
SHARE: Final = FieldSpec("share", Kind.INTEGER, "承接单位序号", required=True, minimum=1, maximum=4)
"""Which of the receiving units a row of people, quota or posts belongs to."""


class Split(ByDecision):
    """Give every unit its share."""

    label = "登记机构拆分"

    def effect(self, order: Order) -> Done:
        """Raises Refused: R02, R05, R07, R10, L1 for people without a place."""
        return split_unit(order)


def _receiving(draft: CaseDraft) -> list[str]:
    return [
        named([said.identifier(row, "target")], draft.today) or str(row.get("new_name") or "")
        for row in draft.rows("shares")
    ]


def _title(draft: CaseDraft) -> str:
    source, targets = named([draft.key("source")], draft.today), "、".join(filter(None, _receiving(draft)))
    return f"{source}拆分至{targets}" if source and targets else ""


def _facts(draft: CaseDraft) -> dict[str, Any]:
    units = [draft.key("source"), *said.ids(draft.form, "shares", "target")]
    ranks = [str(row.get("new_rank") or "") for row in draft.rows("shares")]
    return facts_about("split", units, draft.today, ranks=ranks)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    shares = draft.rows("shares")
    numbers = Counter(row.get("number") for row in shares)
    found = [
        *said.objections_to_doubles(draft.form, "shares", "number", "承接单位序号"),
        *said.objections_to_doubles(draft.form, "share_people", "person", "人员"),
        *said.objections_to_doubles(draft.form, "share_bodies", "body", "科室"),
    ]
    for row in shares:
        found += said.either(row, ("target", "new_name"), f"承接单位 {row.get('number', '')} 的现有单位和新设单位全称")
    strays = {row.get("share") for table in PARTS for row in draft.rows(table) if numbers[row.get("share")] == 0}
    if strays:
        listed = "、".join(str(number) for number in sorted(strays, key=str))
        message = f"人员、科室、编制或职数写了承接单位序号 {listed}，但没有这个承接单位。"
        found.append(Objection("D2", message, next_step="请核对承接单位序号。"))
    return found


def _lines(draft: CaseDraft) -> Sequence[tuple[str, str]]:
    return [
        ("原单位", named([draft.key("source")], draft.today)),
        ("承接单位", "、".join(filter(None, _receiving(draft)))),
        ("原单位保留", "是" if draft.flag("keeps_source") else "否，撤销"),
    ]


P07_7 = declare_decided(
    code="P07-7",
    key="p07.split",
    title="机构拆分",
    summary="一个单位的职责、编制、人员分给几个现有或新设单位。",
    icon="arrows-split",
    command=Split(),
    fields=(
        FieldSpec("source", Kind.ORGANIZATION, "原单位", required=True, locked=True, choices_of="own", section="拆分"),
        FieldSpec(
            "keeps_source",
            Kind.YES_NO,
            "原单位保留",
            locked=True,
            help="不保留的，须把全部人员划走；未划走的编制收回",
        ),
        FieldSpec(
            "shares",
            Kind.TABLE,
            "承接单位",
            required=True,
            locked=True,
            maximum=4,
            help="现有单位与新设单位二选一；序号供下面各表对应",
            columns=(
                NUMBER,
                FieldSpec("target", Kind.ORGANIZATION, "现有单位"),
                FieldSpec("new_name", Kind.TEXT, "新设单位全称"),
                FieldSpec("new_rank", Kind.CODE, "新设单位规格", choices_of="organization_rank"),
            ),
        ),
        FieldSpec(
            "share_bodies",
            Kind.TABLE,
            "随科室划转",
            locked=True,
            section="人员",
            help="科室中的人员全部划入",
            columns=(SHARE, FieldSpec("body", Kind.BODY, "科室", required=True, choices_of="source")),
        ),
        FieldSpec(
            "share_people",
            Kind.TABLE,
            "另外划转的人员",
            locked=True,
            columns=(SHARE, FieldSpec("person", Kind.PERSON, "人员", required=True, choices_of="any")),
        ),
        FieldSpec(
            "share_quota",
            Kind.TABLE,
            "划转编制",
            locked=True,
            section="编制和职数",
            help="不填的，划多少人划多少编制",
            columns=(SHARE, *p07.QUOTA_COLUMNS),
        ),
        FieldSpec("share_posts", Kind.TABLE, "划转领导职数", locked=True, columns=(SHARE, *p07.POST_COLUMNS)),
        p07.OVERSTAFFING,
    ),
    title_of=_title,
    facts_of=_facts,
    lines=_lines,
    approvers=p07.APPROVERS,
    precheck=_precheck,
    own_units=lambda draft: [draft.key("source")],
    publication_days=p07.PUBLICATION_DAYS,
    sampling_percent=p07.SAMPLING_PERCENT,
    joint=LIAISONS,
)
