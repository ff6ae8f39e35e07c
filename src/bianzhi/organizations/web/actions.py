"""The changes of a unit that have a page, and the menu that offers them.

Apps above add theirs (合并、划转, which move quota and people) with `offer` in their `AppConfig.ready`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.urls import reverse

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.as_of import with_day
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations import services
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.organizations.web import forms

T = TypeVar("T")
CarryOut = Callable[[Actor, Organization, ApprovalDocument, Any], object]


@dataclass(frozen=True, slots=True)
class Action:
    """One change with a page of its own; `carry_out` calls the service with the cleaned form."""

    key: str
    label: str
    form: type[forms.StructureForm]
    carry_out: CarryOut
    note: str = ""
    starts_from_facts: bool = True


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu 更多办理."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A change offered by an app above: `url(organization)` is its page."""

    label: str
    url: Callable[[Organization], str]
    permission: str
    order: int = 50


_offers: list[Offer] = []


def offer(entry: Offer) -> None:
    """Add a line to the menu of every unit."""
    if entry not in _offers:
        _offers.append(entry)


def _with(service: Callable[..., object]) -> CarryOut:
    def carry_out(by: Actor, organization: Organization, document: ApprovalDocument, form: Any) -> object:
        return service(actor=by, organization_id=organization.pk, document=document, **form.values())

    return carry_out


def _add_body(by: Actor, organization: Organization, document: ApprovalDocument, form: forms.BodyForm) -> object:
    body = services.NewBody(organization_id=organization.pk, **form.values())
    return services.add_body(actor=by, document=document, body=body)


def _correct(by: Actor, organization: Organization, document: ApprovalDocument, form: forms.CorrectForm) -> object:
    """The version shown, or, from a later day within it, what was forgotten to be registered."""
    version = OrganizationVersion.objects.get(pk=form.cleaned_data["version"])
    changes, day = form.changes(version), form.cleaned_data["effective_on"]
    reason = form.cleaned_data["reason"]
    if day > version.valid_from and changes:
        return services.insert_version(
            actor=by,
            organization_id=organization.pk,
            document=document,
            effective_on=day,
            reason=reason,
            changes=changes,
        )
    return services.correct_version(
        actor=by, version_id=version.pk, document=document, reason=reason, changes=changes, valid_from=day
    )


UPPER_NOTE = "副科级以上机构须填上级批准（备案）文件。"
CORRECTION_NOTE = (
    "更正登记错误：把各项改成应有的样子。自何日起填这一段沿革原来的起始日期，则更正整段；"
    "填其后的日期，则自该日起补登变更；只改日期、不改其他，则更正起始日期。原记录保留备查。"
)
ACTIONS: dict[str, Action] = {
    action.key: action
    for action in [
        Action("rename", "更名", forms.RenameForm, _with(services.rename), UPPER_NOTE),
        Action("rank", "规格调整", forms.RankForm, _with(services.change_rank), UPPER_NOTE),
        Action("nature", "性质（类别）调整", forms.NatureForm, _with(services.change_nature), UPPER_NOTE),
        Action("funding", "经费形式调整", forms.FundingForm, _with(services.change_funding), UPPER_NOTE),
        Action("affiliation", "隶属调整", forms.AffiliationForm, _with(services.change_affiliation), UPPER_NOTE),
        Action("duties", "职责调整", forms.DutiesForm, _with(services.change_duties)),
        Action("joint-office", "合署办公", forms.JointOfficeForm, _with(services.set_joint_office), UPPER_NOTE),
        Action("nameplate", "加挂牌子", forms.NameplateForm, _with(services.set_nameplate), "", False),
        Action("body", "增设内设机构", forms.BodyForm, _add_body, "", False),
        Action(
            "abolish",
            "撤销",
            forms.AbolishForm,
            _with(services.abolish),
            "单位仍有在编人员、编制、职数或下级机构时不能撤销。" + UPPER_NOTE,
            False,
        ),
        Action("correct", "更正沿革", forms.CorrectForm, _correct, CORRECTION_NOTE),
    ]
}


@unit_of_work
def carry_out(*, actor: Actor, form: forms.StructureForm, act: Callable[[ApprovalDocument], T]) -> T:
    """Register the document if it is new and do the act with it: both or neither."""
    return act(form.approval_document(actor))


def menu(request: PageRequest, organization: Organization) -> list[MenuEntry]:
    """What may be done with a unit, for the user."""
    version = organization.shown
    if version is None or not version.is_open:
        return [_entry(request, organization, "correct", "更正沿革")]
    own = [_entry(request, organization, action.key, action.label) for action in ACTIONS.values()]
    more = [
        MenuEntry(each.label, each.url(organization))
        for each in sorted(_offers, key=lambda each: (each.order, each.label))
        if request.user.can(each.permission) and not version.is_grouping
    ]
    plain = [
        _entry(request, organization, "credit-code", "统一社会信用代码"),
        _entry(request, organization, "alias", "登记别名"),
    ]
    return [*own[:-2], *more, *own[-2:-1], *plain, own[-1]]


def _entry(request: PageRequest, organization: Organization, key: str, label: str) -> MenuEntry:
    url = reverse("organizations:act", args=[organization.pk, key])
    return MenuEntry(label, with_day(request, url) if key == "correct" else url)
