"""The fields of the Tantivy index. A change here needs a new VERSION: an index of another version counts as missing."""

from typing import Final

from tantivy import Document, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from bianzhi.fulltext.documents import Doc
from bianzhi.fulltext.tokens import fields_of, numbers_of, to_json

VERSION: Final = 1
TOKENS: Final = "tokens"
"""Our own tokens with blanks between. Tantivy's ngram tokenizer puts every token at place 0: no phrase would match."""


def schema() -> Schema:
    """Fields and how they are indexed."""
    build = SchemaBuilder()
    for name in ("subject", "access", "number"):
        build.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("kind", "units", "year", "retention", "persons"):
        build.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    build.add_text_field("text", tokenizer_name=TOKENS, index_option="position")
    build.add_text_field("title", tokenizer_name=TOKENS, index_option="position")
    build.add_text_field("initials", tokenizer_name=TOKENS, index_option="position")
    build.add_text_field("unit", tokenizer_name=TOKENS, index_option="basic")
    build.add_unsigned_field("day", fast=True)
    build.add_unsigned_field("is_page", indexed=True)
    build.add_bytes_field("kept", stored=True)
    return build.build()


def open_index(folder: str, *, is_new: bool = False) -> Index:
    """The index of a folder, with its tokenizer. Raises ValueError where there is none or it cannot be read."""
    index = Index(schema(), path=folder, reuse=False) if is_new else Index.open(folder)
    index.register_tokenizer(TOKENS, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return index


def document(doc: Doc) -> Document:
    """A doc as Tantivy takes it."""
    made = Document()
    made.add_text("subject", doc.subject)
    made.add_text("kind", doc.kind)
    for name, tokens in fields_of(doc).items():
        made.add_text(name, tokens)
    for name, values in (
        ("access", doc.access),
        ("number", numbers_of(doc)),
        ("units", doc.units),
        ("persons", doc.persons),
        ("year", () if doc.year is None else (str(doc.year),)),
        ("retention", (doc.retention,) if doc.retention else ()),
    ):
        for value in values:
            made.add_text(name, value)
    made.add_unsigned("day", doc.day or 0)
    made.add_unsigned("is_page", int(doc.page is not None))
    made.add_bytes("kept", to_json(doc).encode())
    return made
