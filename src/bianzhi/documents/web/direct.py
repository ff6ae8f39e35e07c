"""直接登记: the pages on which the office writes into the register without a case, to correct and to catch up.

Daily business goes through a case. Who comes this way holds a permission of its own, rests on a document, and says why;
the reason stands in the record beside what was done.
"""

from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.urls import reverse

from bianzhi.audit.actors import Actor
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import DIRECT, REASON_LENGTH, note_direct_entry
from bianzhi.documents.web.forms import DocumentFormMixin

__all__ = ["DIRECT", "DirectEntryForm", "lead_daily_business_to"]

REASON: Final = "direct_reason"
_halls: list[str] = []


def lead_daily_business_to(url_name: str) -> None:
    """Name the page where cases begin; an app above says so in its `AppConfig.ready`."""
    _halls[:] = [url_name]


class DirectEntryForm(DocumentFormMixin):
    """An act by hand: the document it rests on, and why it does not come as a case.

    Templates include "documents/direct_notice.html" above the form; the reason stands in the document picker.
    """

    direct_reason = forms.CharField(
        label="直接登记理由",
        min_length=REASON_LENGTH,
        max_length=200,
        help_text="如：更正 5 月录入错误、补录系统启用前的事项；记入审计",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[REASON].css = "span-all"  # type: ignore[attr-defined]

    @property
    def own_fields(self) -> list[BoundField]:
        return [bound for bound in super().own_fields if bound.name != REASON]

    @property
    def hall(self) -> str:
        """Where cases begin; "" when no app has any."""
        return reverse(_halls[0]) if _halls else ""

    def approval_document(self, actor: Actor) -> ApprovalDocument:
        """The document of the act; the reason goes into the record of the same unit of work."""
        document = super().approval_document(actor)
        note_direct_entry(actor=actor, document_id=document.pk, reason=self.cleaned_data[REASON])
        return document
