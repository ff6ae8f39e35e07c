"""Files of cases for whoever may see the case."""

from typing import Any

from bianzhi.matters.models import Case, CaseAttachment


def attachment_for(user: Any, attachment_id: int) -> CaseAttachment | None:
    """A file of a case the user may see, taken off the form or not; None for any other."""
    row = CaseAttachment.objects.select_related("case").filter(pk=attachment_id).first()
    if row is None or not Case.objects.visible_to(user).filter(pk=row.case_id).exists():
        return None
    return row
