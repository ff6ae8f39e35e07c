"""A case as rules and commands see it: as it is being written, and as it was last sent in."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bianzhi.matters.declarations import Attached, CaseDraft
from bianzhi.matters.models import Case, CaseAttachment, CaseSubmission
from bianzhi.matters.rules.evidence import evidence_from_json
from bianzhi.matters.rules.fields import specs_from_json
from bianzhi.workflow.models import CommandExecution


def attachments_of(case: Case) -> list[CaseAttachment]:
    """The files on the form now, in the order they were added."""
    return list(CaseAttachment.objects.filter(case=case, removed_at__isnull=True))


def being_written(case: Case, today: date) -> CaseDraft:
    """The case with the form and the files as they are now."""
    return _draft(case, case.form, [_attached(row) for row in attachments_of(case)], today)


def newest_submission(case: Case) -> CaseSubmission | None:
    """What was last sent in; None for a draft."""
    return CaseSubmission.objects.filter(case=case).order_by("-number").first()


def as_submitted(case: Case, today: date) -> CaseDraft:
    """The case as it was last sent in; as it is being written before that."""
    submission = newest_submission(case)
    if submission is None:
        return being_written(case, today)
    files = [Attached(each["id"], each["evidence"], each["name"], each["sha256"]) for each in submission.attachments]
    return _draft(case, submission.form, files, today)


def earlier_results(case: Case) -> dict[str, Mapping[str, Any]]:
    """Name → result of the commands the case has run and not taken back."""
    if case.instance_id is None:
        return {}
    rows = CommandExecution.objects.filter(instance_id=case.instance_id, compensated_at__isnull=True).order_by("pk")
    return {row.command: row.result for row in rows}


def _attached(row: CaseAttachment) -> Attached:
    return Attached(row.pk, row.evidence, row.name, row.sha256)


def _draft(case: Case, form: Mapping[str, Any], files: Iterable[Attached], today: date) -> CaseDraft:
    return CaseDraft(
        case=case,
        form=form,
        attachments=tuple(files),
        today=today,
        specs=specs_from_json(case.version.fields),
        evidence_specs=evidence_from_json(case.version.evidence),
    )
