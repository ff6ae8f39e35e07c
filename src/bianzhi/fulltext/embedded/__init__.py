"""Tantivy in the process: an index in a folder, no server."""

from bianzhi.fulltext.embedded.engine import TantivyBackend

__all__ = ["TantivyBackend"]
