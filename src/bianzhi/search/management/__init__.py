"""Commands of the full-text search."""
