"""Cases and what belongs to them; nothing is deleted, drafts are set aside."""

from bianzhi.matters.models.cases import FORM, SUBJECT_KIND, Case, CaseAttachment, CaseSubmission, document_mark
from bianzhi.matters.models.outcomes import CaseFeedback, IssuedPaper
from bianzhi.matters.models.publications import Publication, PublicationObjection, PublicationState
from bianzhi.matters.models.versions import MatterVersion

__all__ = [
    "FORM",
    "SUBJECT_KIND",
    "Case",
    "CaseAttachment",
    "CaseFeedback",
    "CaseSubmission",
    "IssuedPaper",
    "MatterVersion",
    "Publication",
    "PublicationObjection",
    "PublicationState",
    "document_mark",
]
