"""What stands against sending a case in: shown while a form is filled in, asked again when it is sent."""

from dataclasses import replace
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters import catalogue
from bianzhi.matters.declarations import Attached, CaseDraft
from bianzhi.matters.models import Case
from bianzhi.matters.rehearsal import rehearse
from bianzhi.matters.rules.cleaning import Cleaned, clean
from bianzhi.matters.rules.evidence import asked_for, objections_to_evidence
from bianzhi.matters.selectors.drafts import being_written
from bianzhi.matters.selectors.versions import applicant_specs
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.supervision.selectors.locks import locks_on


@beyond_scope("rules")
def objections_to_sending(case: Case, *, by: Actor, today: date) -> list[Objection]:
    """Every objection to a case as it is being written: form, papers, locks (R13), the matter's own, the register's.

    The register is asked only once the form is whole, and as if the papers still missing were there: each is told once.
    """
    cleaned = clean_application(case)
    draft = replace(being_written(case, today), form=form_with_office_fields(case, cleaned))
    given = {each.evidence for each in draft.attachments if each.evidence}
    found = [
        *cleaned.objections,
        *objections_to_evidence(draft.evidence_specs, draft.form, given),
        *objections_to_unit(case, today),
    ]
    if cleaned.objections:
        return found
    whole = _with_all_papers(draft, given)
    found += catalogue.matter(case.matter).precheck(whole, today)
    if not any(objection.severity is Severity.BLOCK for objection in found if objection.code != "M11"):
        found += rehearse(whole, by=by, today=today)
    return list(dict.fromkeys(found))


def clean_application(case: Case) -> Cleaned:
    """The applicant's part of the form, read as it must be when it is sent in."""
    return clean(applicant_specs(case.version), case.form, complete=True)


def form_with_office_fields(case: Case, cleaned: Cleaned) -> dict[str, object]:
    """The form to be sent in: the applicant's part, and what steps of the office have written by now."""
    own = {spec.name for spec in applicant_specs(case.version)}
    kept = {name: value for name, value in case.form.items() if name not in own}
    return {**kept, **cleaned.values}


def objections_to_unit(case: Case, today: date) -> list[Objection]:
    """The unit is there today, and nothing it has left undone locks its new applications (R13)."""
    missing = objections_to_existence(case.organization_id, today)
    if missing or case.instance_id is not None or not catalogue.matter(case.matter).lockable:
        return missing
    return locks_on(case.organization_id, today)


def objections_to_existence(organization_id: int, today: date) -> list[Objection]:
    """The unit is alive today and no mere heading of the tree (M12)."""
    unit = unit_on(organization_id, today)
    if unit is not None and not unit.is_grouping:
        return []
    return [Objection("M12", "申请单位不存在或已撤销", Severity.BLOCK, {}, "请由承接单位申请")]


def _with_all_papers(draft: CaseDraft, given: set[str]) -> CaseDraft:
    asked = asked_for(draft.evidence_specs, draft.form)
    wanted = [spec for spec in asked if spec.required and spec.code not in given]
    missing = tuple(Attached(0, spec.code, spec.label, "") for spec in wanted)
    return replace(draft, attachments=draft.attachments + missing)
