"""The acts of the full-text search and how the audit pages call them."""

ACTS: dict[str, str] = {"search.rebuild_asked": "重建检索索引"}
