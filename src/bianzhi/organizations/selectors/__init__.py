"""Reads of the organisation tree, of one unit on a day, and of its history."""
