"""The registered document an item is the original of."""

from bianzhi.archives.models import Item
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.selectors import numbered


def document_of(item: Item) -> ApprovalDocument | None:
    """The document of the item's 文号; of several of one number the one whose issuer is the author; none is guessed."""
    documents = list(numbered(item.doc_no)) if item.doc_no else []
    if len(documents) > 1:
        documents = [document for document in documents if document.issuer in item.responsible.split("、")]
    return documents[0] if len(documents) == 1 else None
