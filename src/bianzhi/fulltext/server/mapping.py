"""The fields of the OpenSearch index: the same tokens as the embedded one, so that both find the same."""

from typing import Any, Final

from bianzhi.fulltext.documents import Doc
from bianzhi.fulltext.tokens import fields_of, numbers_of, to_json

_TOKENS: Final = {"type": "text", "analyzer": "whitespace"}
_WHOLE: Final = {"type": "keyword"}

BODY: Final[dict[str, Any]] = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0},
    "mappings": {
        "dynamic": False,
        "properties": {
            **dict.fromkeys(
                ("subject", "access", "number", "kind", "units", "year", "retention", "persons", "key"), _WHOLE
            ),
            **dict.fromkeys(("text", "title", "initials"), _TOKENS),
            "unit": {**_TOKENS, "index_options": "docs"},
            "day": {"type": "integer"},
            "is_page": {"type": "boolean"},
            "kept": {"type": "keyword", "index": False, "doc_values": False},
        },
    },
}


def source_of(doc: Doc) -> dict[str, Any]:
    """A doc as OpenSearch takes it."""
    return {
        **fields_of(doc),
        "key": doc.key,
        "subject": doc.subject,
        "kind": doc.kind,
        "access": list(doc.access),
        "number": numbers_of(doc),
        "units": list(doc.units),
        "persons": list(doc.persons),
        "year": [] if doc.year is None else [str(doc.year)],
        "retention": [doc.retention] if doc.retention else [],
        "day": doc.day or 0,
        "is_page": doc.page is not None,
        "kept": to_json(doc),
    }
