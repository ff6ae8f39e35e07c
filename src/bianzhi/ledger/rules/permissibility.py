"""Whether a kind of entry may move this quota to this organisation (R05, R07, R08, R11, R19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules.lines import Line
from bianzhi.ledger.rules.measures import label
from bianzhi.ledger.rules.quota_types import quota_types

COORDINATION_OFFICE = "35"
"""机构类别 of 议事协调机构."""

GROWTH = {"established", "increase", "type_change", "pool"}
"""Entry kinds that give a unit more by decision; opening, transfer and reversal only carry what was."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the rules need to know of an organisation that gets quota."""

    organization_id: int
    name: str
    org_type: str
    institution_class: str
    tier: str
    is_grouping: bool
    is_held_for: bool = False
    """合署: another unit holds the quota of both."""


def is_of_one_nature(before: Receiver, after: Receiver) -> bool:
    """Whether an organisation may hold the same kinds of quota before and after."""
    return (before.org_type, before.institution_class) == (after.org_type, after.institution_class)


def objections_to_receiver(receiver: Receiver, measure: str, kind: str) -> list[Objection]:
    """Why this organisation may not be given this measure (R05, R11, R19)."""
    quota = quota_types().get(measure)
    if receiver.is_grouping:
        return [
            Objection(
                "R05", f"“{receiver.name}”只是机构树上的分组，不能核给编制或职数", Severity.BLOCK, {}, "请选择具体单位"
            )
        ]
    if receiver.org_type == COORDINATION_OFFICE:
        return [
            Objection(
                "R11",
                f"“{receiver.name}”是议事协调机构（办事机构），不单独核定编制和领导职数",
                Severity.BLOCK,
                {},
                "请将编制核给承担其日常工作的单位",
            )
        ]
    if quota is None or kind == "reversal":
        return []
    found: list[Objection] = []
    if receiver.is_held_for and kind != "opening":
        found.append(
            Objection(
                "R05",
                f"“{receiver.name}”与别的单位合署办公，编制由合署主体持有，不能再核给{quota.label}",
                Severity.BLOCK,
                {"编制类型": quota.label},
                "请核给机构页上所列的合署主体；已不再合署的，请先结束合署办公",
            )
        )
    if kind != "opening" and not quota.allowed_in(receiver.org_type, receiver.institution_class):
        found.append(
            Objection(
                "R05",
                f"“{receiver.name}”的机构类别不能使用{quota.label}，属于混编",
                Severity.BLOCK,
                {"编制类型": quota.label},
                "请改用与机构类别相符的编制类型，或先办理机构性质（类别）调整",
            )
        )
    if quota.frozen and kind in GROWTH:
        found.append(
            Objection(
                "R19", f"{quota.label}只减不增，不能再核给“{receiver.name}”", Severity.BLOCK, {}, "请改用其他编制类型"
            )
        )
    return found


def objections_to_new_nature(before: Receiver, after: Receiver, held: Mapping[str, int]) -> list[Objection]:
    """Why a unit may not become another kind of organisation with what it holds (R05, R11).

    What it might not use before either is a known mixture (混编), which the change does not make worse.
    """
    if is_of_one_nature(before, after) or not held:
        return []
    if after.org_type == COORDINATION_OFFICE:
        message = f"“{after.name}”仍持有{_in_words(held)}，议事协调机构（办事机构）不单独核定编制和领导职数（R11）"
        return [Objection("R11", message, Severity.BLOCK, dict(held), "请先将编制和职数划转或收回")]
    quotas = [quota for code, quota in quota_types().items() if code in held]
    unfit = [
        quota
        for quota in quotas
        if quota.allowed_in(before.org_type, before.institution_class)
        and not quota.allowed_in(after.org_type, after.institution_class)
    ]
    if not unfit:
        return []
    figures = {quota.code: held[quota.code] for quota in unfit}
    message = f"“{after.name}”仍持有{_in_words(figures)}，调整后的机构类别不能使用，属于混编（R05）"
    step = "请先将这些编制划转或收回；整体改制的，可新设单位后办理划转、撤销"
    return [Objection("R05", message, Severity.BLOCK, figures, step)]


def objections_to_later_nature(
    before: Receiver, after: Receiver, since: date, measure: str, number: int
) -> list[Objection]:
    """Why a unit may not be given dated back what it would hold as the other kind of organisation it has become.

    What it might not use before either is a known mixture (混编), as in `objections_to_new_nature`.
    """
    if is_of_one_nature(before, after):
        return []
    step = "请核对生效日期，或将这些编制在机构类别调整之前划转、收回"
    held = f"“{after.name}”在 {since} 机构类别调整之后仍将持有{label(measure)} {number} 名"
    if after.org_type == COORDINATION_OFFICE:
        message = f"{held}，议事协调机构（办事机构）不单独核定编制和领导职数（R11）"
        return [Objection("R11", message, Severity.BLOCK, {measure: number}, step)]
    quota = quota_types().get(measure)
    if quota is None or not quota.allowed_in(before.org_type, before.institution_class):
        return []
    if quota.allowed_in(after.org_type, after.institution_class):
        return []
    message = f"{held}，调整后的机构类别不能使用，属于混编（R05）"
    return [Objection("R05", message, Severity.BLOCK, {measure: number}, step)]


def objections_to_new_tier(
    before: Receiver, after: Receiver, held: Mapping[str, int], *, upper_document: bool
) -> list[Objection]:
    """A unit that changes its tier takes level-bound quota from one total into the other (R07)."""
    bound = {code: held[code] for code, quota in quota_types().items() if quota.level_bound and code in held}
    if before.tier == after.tier or not bound or upper_document:
        return []
    message = f"“{after.name}”持有{_in_words(bound)}，改变层级即在区本级与乡镇街道之间调整编制，须有上级批准文件（R07）"
    return [Objection("R07", message, Severity.BLOCK, bound, "请改填上级机构编制部门的批准文号")]


def _in_words(held: Mapping[str, int]) -> str:
    return "、".join(f"{label(measure)} {number} 名" for measure, number in held.items())


def objections_to_level(lines: Sequence[Line], tiers: dict[str, str], *, upper_document: bool) -> list[Objection]:
    """Quota bound to its level moves between tiers only by an upper-level document (R07).

    `tiers` gives the tier of each account key.
    """
    moved: dict[tuple[str, str], int] = {}
    for line in lines:
        quota = quota_types().get(line.place.measure)
        if quota is not None and quota.level_bound and line.place.kind not in ("upper", "withdrawn"):
            key = (line.place.measure, tiers[line.place.key])
            moved[key] = moved.get(key, 0) + line.amount
    crossing = [measure for (measure, _), amount in moved.items() if amount > 0]
    leaving = {measure for (measure, _), amount in moved.items() if amount < 0}
    crossing = [measure for measure in crossing if measure in leaving]
    if not crossing or upper_document:
        return []
    labels = "、".join(quota_types()[measure].label for measure in dict.fromkeys(crossing))
    return [
        Objection(
            "R07",
            f"{labels}在区本级与乡镇街道之间调整，须有上级批准文件",
            Severity.BLOCK,
            {},
            "请改填上级机构编制部门的批准文号，或在同一层级内调整",
        )
    ]


def objections_to_total(measure: str, amount: int, *, upper_document: bool) -> list[Objection]:
    """A district's totals come from above: administrative ones always (R06), institution ones only down (R08)."""
    quota = quota_types().get(measure)
    if quota is None or amount <= 0 or upper_document or not quota.counts_as_quota:
        return []
    if quota.baseline_bound:
        return [
            Objection(
                "R08",
                f"事业编制总量只减不增：{quota.label}增加 {amount} 名没有上级增核（下划）文件",
                Severity.OVERRIDE,
                {"增加": amount},
                "请补充上级文件，或由编办主任说明理由后办理",
            )
        ]
    return [
        Objection(
            "R06",
            f"{quota.label}总量由上级下达：增加 {amount} 名须有上级文件",
            Severity.BLOCK,
            {"增加": amount},
            "请填写上级下达编制的批准文号",
        )
    ]
