"""What every change of a version shares: the next version, what stands against it, how it reads."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import normalise_organisation_name, organisation_name_key
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.kernel.pinyin import initials, organisation_pinyin
from bianzhi.organizations.models import Nameplate, Organization, OrganizationVersion, Tier
from bianzhi.organizations.models.periods import in_force
from bianzhi.organizations.parameters import UPPER_DECISION_RANK
from bianzhi.organizations.rules.decisions import objections_to_decision
from bianzhi.organizations.rules.facts import CODED, objections_to_facts
from bianzhi.organizations.rules.subtrees import makes_a_circle
from bianzhi.organizations.selectors.units import names_on

FACTS: Final = (
    "name",
    "short_name",
    "parent_id",
    "supervising_department_id",
    "quota_holder_id",
    "org_type",
    "institution_class",
    "nature",
    "rank",
    "funding_form",
    "tier",
    "is_grouping",
    "status",
    "duties",
    "sort_order",
)
LABELS: Final[Mapping[str, str]] = {
    "name": "名称",
    "short_name": "简称",
    "parent_id": "隶属单位",
    "supervising_department_id": "主管部门",
    "quota_holder_id": "合署主体",
    "tier": "层级",
    "is_grouping": "仅作分组",
    "duties": "主要职责",
    "sort_order": "排序",
    "valid_from": "起始日期",
    **{field: label for field, (_, label) in CODED.items()},
}
REFERENCES: Final = ("parent_id", "supervising_department_id", "quota_holder_id")
KEY_LENGTH: Final = 200
BATCH: Final = 400


def facts_of(version: OrganizationVersion) -> dict[str, Any]:
    """The facts a version states."""
    return {name: getattr(version, name) for name in FACTS}


def new_version(
    organization: Organization, facts: Mapping[str, Any], *, valid_from: date, document: ApprovalDocument
) -> OrganizationVersion:
    """An unsaved version with its search keys; names are normalised."""
    names = {field: normalise_organisation_name(str(facts.get(field) or "")) for field in ("name", "short_name")}
    version = OrganizationVersion(
        organization=organization, valid_from=valid_from, document=document, **{**facts, **names}
    )
    set_search_keys(version)
    return version


def set_search_keys(version: OrganizationVersion) -> None:
    """Fill 拼音首字母 (of the full and the short name) and the comparison key."""
    words = [initials(organisation_pinyin(name)) for name in (version.name, version.short_name) if name]
    version.name_initials = " ".join(words)[:KEY_LENGTH]
    version.name_folded = organisation_name_key(version.name)[:KEY_LENGTH]


def open_version(organization: Organization, effective_on: date) -> OrganizationVersion:
    """The version a change of that day ends. Raises Refused when the unit is gone or changed later already."""
    version = OrganizationVersion.objects.open_ended().filter(organization=organization).first()
    if version is None:
        known = OrganizationVersion.objects.current().filter(organization=organization)
        last = known.order_by("-valid_from").first()
        name, ended = (last.name, last.valid_to) if last else (organization.code, None)
        raise Refused(
            [
                Objection(
                    "organization.ended",
                    f"“{name}”已于 {ended} 撤销，不能再办理变更。",
                    next_step="如登记有误，请办理更正。",
                )
            ]
        )
    if effective_on < version.valid_from:
        raise Refused([_too_early(version, effective_on)])
    return version


def _too_early(version: OrganizationVersion, effective_on: date) -> Objection:
    is_first = not OrganizationVersion.objects.filter(
        organization=version.organization_id, superseded_at__isnull=True, valid_from__lt=version.valid_from
    ).exists()
    fact = "设立" if is_first else "最近一次变更生效"
    return Objection(
        "organization.before_later_version",
        f"“{version.name}”于 {version.valid_from} {fact}，变更的生效日期 {effective_on} 早于该日。",
        figures={"since": version.valid_from.isoformat(), "effective_on": effective_on.isoformat()},
        next_step="请核对生效日期；确属补登过去的变更，请用“更正沿革”。",
    )


def objections_to_version(
    version: OrganizationVersion, *, before: OrganizationVersion | None, kind: str, document: ApprovalDocument
) -> list[Objection]:
    """Everything against one new version: facts, R10, a name that is taken, superiors that are not there, a circle."""
    found = objections_to_facts(facts_of(version))
    found += objections_to_lengths(version)
    ranks = {each.rank for each in (version, before) if each is not None and not each.is_grouping}
    found += decision_objections(kind=kind, name=(before or version).name, ranks=ranks, document=document)
    if before is None or version.valid_from < before.valid_from:  # days on which nothing of it was asked yet
        return found + objections_to_names([version]) + objections_to_superiors(version, REFERENCES)
    if version.name_folded != before.name_folded:
        found += objections_to_names([version])
    changed = [field for field in REFERENCES if getattr(version, field) != getattr(before, field)]
    return found + objections_to_superiors(version, changed)


def decision_objections(
    *, kind: str, name: str, ranks: Collection[str], document: ApprovalDocument, lowest: str = ""
) -> list[Objection]:
    """R10 with the office's own threshold; `lowest` saves reading it again for each of many units."""
    return objections_to_decision(
        kind=kind,
        name=name,
        ranks=ranks,
        issuer_level=document.issuer_level,
        document_kind=document.kind,
        lowest=lowest or upper_decision_rank(),
    )


def upper_decision_rank() -> str:
    """The lowest rank that needs an upper-level document, as the office has set it."""
    return str(UPPER_DECISION_RANK.value)


def objections_to_names(versions: Collection[OrganizationVersion]) -> list[Objection]:
    """A name belongs to one living unit: not to another one's version nor nameplate from that day on."""
    by_key = {version.name_folded: version for version in versions if version.name_folded}
    keys, found = sorted(by_key), []
    for start in range(0, len(keys), BATCH):
        chunk = keys[start : start + BATCH]
        taken = OrganizationVersion.objects.current().filter(name_folded__in=chunk).select_related("organization")
        found += [
            _name_taken(by_key[other.name_folded], f"机构编码 {other.organization.code}")
            for other in taken
            if _clashes(by_key[other.name_folded], other.organization_id, other.valid_to)
        ]
        names = [by_key[key].name for key in chunk]
        plates = Nameplate.objects.current().filter(name__in=names).select_related("organization")
        found += [
            _name_taken(version, f"机构编码 {plate.organization.code} 的加挂牌子")
            for plate in plates
            if (version := by_key.get(organisation_name_key(plate.name)))
            and _clashes(version, plate.organization_id, plate.valid_to)
        ]
    return found


def _clashes(version: OrganizationVersion, other_id: int, other_ends: date | None) -> bool:
    return other_id != version.organization_id and (other_ends is None or other_ends > version.valid_from)


def _name_taken(version: OrganizationVersion, holder: str) -> Objection:
    return Objection(
        "organization.name_taken",
        f"名称“{version.name}”在 {version.valid_from} 已有机构使用（{holder}），存续机构不得重名。",
        figures={"name": version.name},
        next_step="请核对是否重复登记，或使用可以区分的规范全称。",
    )


def objections_to_superiors(version: OrganizationVersion, fields: Collection[str]) -> list[Objection]:
    """Whether the units a version refers to are in force on its first day and stay so; and no circle."""
    wanted = {field: getattr(version, field) for field in fields if getattr(version, field) is not None}
    if not wanted:
        return []
    rows = OrganizationVersion.objects.as_of(version.valid_from).filter(organization__in=wanted.values())
    there = {row.organization_id: row for row in rows}
    lasting = set(
        OrganizationVersion.objects.open_ended()
        .filter(organization__in=wanted.values())
        .values_list("organization_id", flat=True)
    )
    found = []
    for field, superior_id in wanted.items():
        superior = there.get(superior_id)
        if superior is None or (version.valid_to is None and superior_id not in lasting):
            found.append(_not_in_force(version, field, superior_id))
        elif _is_unfit(version, field, superior):
            found.append(_unfit(version, field, superior))
    return found or _circle(version, wanted.get("parent_id"))


def _not_in_force(version: OrganizationVersion, field: str, superior_id: int) -> Objection:
    name = names_on([superior_id], version.valid_from).get(superior_id, f"机构 {superior_id}")
    return Objection(
        "organization.superior_not_in_force",
        f"{LABELS[field]}“{name}”在 {version.valid_from} 未设立或已（将）撤销。",
        next_step="请核对生效日期，或另选存续的单位。",
    )


def _is_unfit(version: OrganizationVersion, field: str, superior: OrganizationVersion) -> bool:
    if superior.organization_id == version.organization_id:
        return True
    if field == "parent_id":
        return False
    return superior.is_grouping or (field == "quota_holder_id" and superior.quota_holder_id is not None)


def _unfit(version: OrganizationVersion, field: str, superior: OrganizationVersion) -> Objection:
    return Objection(
        "organization.superior_unfit",
        f"“{superior.name}”不能作“{version.name}”的{LABELS[field]}。",
        next_step="请另选单位：不能是本单位、分组节点；合署主体不能又与别的单位合署。",
    )


def _circle(version: OrganizationVersion, parent_id: int | None) -> list[Objection]:
    if parent_id is None or version.organization_id is None:
        return []
    found = []
    days = {version.valid_from}  # what hangs elsewhere later must not close a circle then either
    later = OrganizationVersion.objects.current().filter(valid_from__gt=version.valid_from)
    days |= set(later.values_list("valid_from", flat=True))
    for day in sorted(days):
        parents = dict(
            OrganizationVersion.objects.current().filter(in_force(day)).values_list("organization_id", "parent_id")
        )
        if makes_a_circle(parents, version.organization_id, parent_id):
            found.append(
                Objection(
                    "organization.circle",
                    f"“{version.name}”不能隶属于自己的下级机构（{day}）。",
                    next_step="请先调整下级机构的隶属关系，或另选隶属单位。",
                )
            )
            break
    return found


def difference(before: OrganizationVersion, after: OrganizationVersion) -> dict[str, list[Any]]:
    """Changed facts as field → [old, new], for the event and the record."""
    return {
        field: [getattr(before, field), getattr(after, field)]
        for field in FACTS
        if getattr(before, field) != getattr(after, field)
    }


def in_words(changes: Mapping[str, list[Any]], day: date) -> str:
    """The changed facts as a sentence: 名称由“甲”改为“乙”；…"""
    ids = [value for field in REFERENCES for value in changes.get(field, []) if value]
    names = names_on(ids, day) if ids else {}
    return "；".join(
        f"{LABELS[field]}有调整"
        if field == "duties"
        else f"{LABELS.get(field, field)}由“{_word(field, old, names)}”改为“{_word(field, new, names)}”"
        for field, (old, new) in changes.items()
    )


def _word(field: str, value: Any, names: Mapping[int, str]) -> str:
    if value in (None, ""):
        return "无"
    if field in REFERENCES:
        return names.get(value, f"机构 {value}")
    if field in CODED:
        return codes(CODED[field][0]).label(value)
    if field == "tier":
        return str(Tier(value).label)
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
