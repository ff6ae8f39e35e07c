"""The synthetic district: ten years of documents, quota, people and movements that never were.

Nothing here describes a real place or person: the region code 330699 is unallocated, names are drawn
by lot, and every page of a demo system says so.
"""
