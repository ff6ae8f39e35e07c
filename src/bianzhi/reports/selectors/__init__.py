"""Reads for statistics, warnings and reports: each a handful of queries, however many rows there are."""
