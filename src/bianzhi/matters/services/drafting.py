"""起草: a case is begun, written bit by bit, and sent in or set aside. A draft is the applicant's alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters import catalogue
from bianzhi.matters.checking import objections_to_existence
from bianzhi.matters.models import FORM, Case
from bianzhi.matters.rules.cleaning import TOO_LARGE, Cleaned, clean
from bianzhi.matters.selectors.drafts import being_written
from bianzhi.matters.selectors.versions import applicant_specs, current_version, starting_form
from bianzhi.matters.services.editing import NOT_EDITABLE, locked_for_writing
from bianzhi.organizations.scopes import require_organization

STALE: Final = "M42"
WRITTEN: Final = (*FORM, "title", "counterpart")


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it was saved; `objections` say what could not be read (it is kept as it was typed)."""

    case: Case
    objections: tuple[Objection, ...] = ()

    @property
    def token(self) -> str:
        """What the next save from this page must name."""
        return token_of(self.case)


def token_of(case: Case) -> str:
    """The moment of the newest save, as a page carries it."""
    return case.saved_at.isoformat()


@unit_of_work
def begin_case(
    *,
    actor: Actor,
    matter: str,
    organization_id: int,
    today: date,
    form: Mapping[str, Any] | None = None,
    origin: str = "",
    applicant_id: int | None = None,
) -> Case:
    """Begin a case of a unit on the version of the matter that holds now.

    A clerk applies for the own unit, a 主管部门 for the units below it, the office for any. Without a `form`, fields
    for a unit of the applicant's own say the applying one. `origin` says what made it, when no one did by hand; then
    `applicant_id` says whose draft it is. Raises UnknownMatter, Denied, OutOfScope, and
    Refused when the matter is not set up (M40) or the unit is not there (M12); TypeError without any applicant.
    """
    applicant = applicant_id if applicant_id is not None else actor.pk
    if applicant is None:
        raise TypeError("a case needs an applicant")
    declared = catalogue.matter(matter)
    require_organization(actor, declared.permission, organization_id)
    version = current_version(matter)
    if version is None:
        raise Refused([Objection("M40", f"“{declared}”尚未启用", Severity.BLOCK, {}, "请联系系统管理员发布该事项")])
    refuse_if(objections_to_existence(organization_id, today))
    case = Case.objects.create(
        version=version,
        matter=matter,
        organization_id=organization_id,
        applicant_id=applicant,
        origin=origin,
    )
    _write(case, starting_form(version, organization_id) if form is None else form, today)
    case.save(update_fields=WRITTEN)
    facts = {"matter": matter, "version": version.number, "organization": organization_id, "origin": origin}
    record("matters.case_begun", actor=actor, subject=case, facts=facts)
    return case


@unit_of_work
def save_draft(*, actor: Actor, case_id: int, form: Mapping[str, Any], saved_at: str, today: date) -> Saved:
    """Keep what has been typed so far, readable or not; called again and again while a form is filled in.

    `saved_at` is the token of the page's last save: a page that another one has overtaken is told so (M42) and changes
    nothing. A draft is no record yet, so that a save leaves no audit entry. Raises what `locked_for_writing` does.
    """
    case = locked_for_writing(actor, case_id, today)
    if _moment(saved_at) != case.saved_at:
        raise Refused([_stale(case)])
    cleaned = _write(case, form, today)
    case.saved_at = timezone.now()
    case.save(update_fields=[*WRITTEN, "saved_at"])
    return Saved(case, tuple(cleaned.objections))


@unit_of_work
def discard_case(*, actor: Actor, case_id: int, today: date) -> Case:
    """Set a draft aside; it stays in the database, no list shows it. Raises Refused (M41) once it was sent in."""
    case = locked_for_writing(actor, case_id, today)
    if case.instance_id is not None:
        message = f"{case.number} 已提交，不能废弃"
        raise Refused([Objection(NOT_EDITABLE, message, Severity.BLOCK, {}, "不再办理的，请撤回申请")])
    case.discarded_at = timezone.now()
    case.save(update_fields=["discarded_at"])
    record("matters.case_discarded", actor=actor, subject=case, facts={"matter": case.matter, "title": case.title})
    outbox.put("matters.case_discarded", key=case.pk, payload={"case": case.pk})
    return case


def _write(case: Case, form: Mapping[str, Any], today: date) -> Cleaned:
    """Put what was typed into the case, beside what steps of the office have written, and name the case by it.

    A form too large to be kept is the one thing even a draft refuses (M03).
    """
    specs = applicant_specs(case.version)
    cleaned = clean(specs, form, complete=False)
    refuse_if(objection for objection in cleaned.objections if objection.code == TOO_LARGE)
    own = {spec.name for spec in specs}
    case.take_form({**{name: value for name, value in case.form.items() if name not in own}, **cleaned.values})
    declared = catalogue.matter(case.matter)
    draft = being_written(case, today)
    case.title = (declared.title_of(draft) or declared.title)[:200]
    case.counterpart_id = declared.counterpart_of(draft)
    return cleaned


def _moment(token: str) -> datetime | None:
    try:
        return datetime.fromisoformat(token)
    except ValueError:
        return None


def _stale(case: Case) -> Objection:
    moment = timezone.localtime(case.saved_at)
    message = f"这份申请已于 {moment:%H:%M:%S} 在另一页面保存"
    return Objection(STALE, message, Severity.BLOCK, {}, "本页内容没有保存；请先复制需要保留的内容，再刷新页面")
