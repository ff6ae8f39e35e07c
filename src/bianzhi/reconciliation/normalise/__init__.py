"""Rosters as they are compared: emitters of SQL, each with a twin in Python, and the `records` they make."""

from bianzhi.reconciliation.normalise.records import LINK_COLUMNS, RECORD_COLUMNS, make_records

__all__ = ["LINK_COLUMNS", "RECORD_COLUMNS", "make_records"]
