"""Writes of the personnel register; each is one audited unit of work and the only door to its rows."""
