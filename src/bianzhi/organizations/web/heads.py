"""The facts in the head of the unit page."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.as_of import with_day
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import Organization, OrganizationVersion, Tier
from bianzhi.organizations.selectors import units
from bianzhi.organizations.selectors.tree import OrganizationTree

Pair = tuple[str, str] | tuple[str, str, str]


def pairs(request: PageRequest, organization: Organization, tree: OrganizationTree) -> list[Pair]:
    """The definition list of a unit as of the day shown; facts that do not apply are left out."""
    version = organization.shown
    if version is None:
        return []
    found: list[Pair] = [
        ("机构类别", type_words(version)),
        ("统一社会信用代码", _credit_code(organization)),
        _reference(request, "主管部门", version.supervising_department_id),
        _reference(request, "隶属单位", version.parent_id),
        ("经费形式", codes("funding_form").label(version.funding_form)),
        ("层级", str(Tier(version.tier).label)),
        _document(request, version),
        ("下属单位", _below(organization.pk, tree)),
    ]
    found += [("规范简称", version.short_name)] if version.short_name else []
    found += _other_names(organization, request)
    if version.quota_holder_id:
        found.append(_reference(request, "合署主体", version.quota_holder_id))
    return found


def grouping_pairs(organization: Organization, tree: OrganizationTree) -> list[Pair]:
    """The facts of a grouping node."""
    below = tree.descendants(organization.pk) if organization.pk in tree else set()
    counted = sum(1 for pk in below if not tree[pk].is_grouping)
    return [("用途", "机构树上的分组，不持有编制"), ("机构数", f"{counted} 个")]


def type_words(version: OrganizationVersion) -> str:
    """事业单位（公益一类事业单位） or the type alone."""
    word = codes("organization_type").label(version.org_type)
    if version.institution_class:
        return f"{word}（{codes('institution_class').label(version.institution_class)}）"
    return word


def _credit_code(organization: Organization) -> str:
    return f"{organization.uscc}（按证书登记，校验不符）" if organization.uscc_unverified else organization.uscc


def _reference(request: PageRequest, label: str, organization_id: int | None) -> Pair:
    if organization_id is None:
        return (label, "")
    name = units.names_on([organization_id], request.as_of).get(organization_id, "")
    if not Organization.objects.visible_to(request.user).filter(pk=organization_id).exists():
        return (label, name)
    return (label, name, with_day(request, reverse("organizations:detail", args=[organization_id])))


def _document(request: PageRequest, version: OrganizationVersion) -> Pair:
    if not request.user.can("documents.view"):
        return ("现行依据", version.document.doc_no)
    return ("现行依据", version.document.doc_no, reverse("documents:detail", args=[version.document_id]))


def _below(organization_id: int, tree: OrganizationTree) -> str:
    below = {node.id for node in tree.children(organization_id)} | {
        node.id for node in tree.supervised(organization_id)
    }
    return f"{len(below)} 个" if below else "无"


def _other_names(organization: Organization, request: PageRequest) -> Sequence[Pair]:
    plates = [plate.name for plate in units.nameplates(organization, request.as_of)]
    former = [name for name, _, _ in units.former_names(organization, request.as_of)]
    found: list[Any] = [("加挂牌子", "、".join(plates))] if plates else []
    return found + ([("曾用名", "、".join(former))] if former else [])
