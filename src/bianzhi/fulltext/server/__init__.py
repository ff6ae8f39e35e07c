"""OpenSearch: an index on a server of its own, for stores beyond one machine."""

from bianzhi.fulltext.server.engine import OpenSearchBackend

__all__ = ["OpenSearchBackend"]
